package dev.reveille.samples.resp.command;

/** What a command is like, as far as others have to know. */
public enum Flag {
  /** May change the keyspace. */
  WRITE,
  /** Only reads the keyspace. */
  READONLY,
  /** Runs in constant time. */
  FAST,
  /** May wait for others; not run by the executor. */
  BLOCKING,
  /** Belongs to publish/subscribe; not run by the executor. */
  PUBSUB,
  /** Is about the connection, not about keys. */
  CONNECTION,
  /** Is for operators. */
  ADMIN
}
