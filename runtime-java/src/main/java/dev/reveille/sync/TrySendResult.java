package dev.reveille.sync;

/** What came of an attempt to send without waiting: {@link Sender#trySend}. */
public enum TrySendResult {
  /** The value went into the channel. */
  SENT,

  /**
   * There is no place for it now, or others wait for one; with a rendezvous, no receiver waits. The
   * caller keeps the value.
   */
  FULL,

  /** The channel is closed: no value will ever go into it any more. The caller keeps the value. */
  CLOSED
}
