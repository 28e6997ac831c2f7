package dev.reveille.sync;

/**
 * One who waits at a channel. The node of an end (re-callable methods) lives as long as the end,
 * that of an operation as long as the operation. Every field is guarded by the channel's lock.
 */
abstract class ChannelWaiter extends PolledWaiter {
  /** The end is closed: its node must not be queued again. */
  boolean retired;
}
