package dev.reveille;

import org.jspecify.annotations.Nullable;

/**
 * What can be linked into the {@link Inbox}: a posting that a foreign thread woke, a callback that
 * a foreign thread posted, the word that a foreign thread armed or cancelled a callback timer.
 */
abstract class InboxNode {
  /**
   * The link to the node pushed before. Plain: written by the pusher before the CAS that publishes
   * the node, read by the drain after the getAndSet that takes it. Between the two nobody else
   * touches it, because a node is in the inbox at most once (each kind says how it sees to that).
   */
  @Nullable InboxNode next;

  /**
   * Puts this node, which the drain has just unlinked, where it belongs. On the loop. The node may
   * be pushed again by a foreign thread from the moment in which this method gives it free.
   */
  abstract void drained(Loop loop);
}
