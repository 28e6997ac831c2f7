package dev.reveille.samples.resp.store;

import dev.reveille.samples.resp.protocol.Request;

/**
 * Learns of each change of a {@link Keyspace}, at once and in order, on its loop. Must not call
 * back into the keyspace. While the journal is replayed it hears nothing.
 */
public interface KeyspaceListener {
  /** Does nothing. */
  KeyspaceListener NONE = effect -> {};

  /**
   * Something changed. {@code effect} is a command that makes the same change whenever it is
   * replayed: deadlines are absolute, conditions are decided, and a key that went away because its
   * deadline had passed is a DEL.
   */
  void changed(Request effect);

  /** The list {@code key} was given elements; called once per command, after all were added. */
  default void listGrew(Key key) {}
}
