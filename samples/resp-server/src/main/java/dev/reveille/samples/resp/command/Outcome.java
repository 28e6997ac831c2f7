package dev.reveille.samples.resp.command;

/** What is left to do after {@link CommandExecutor#execute}. */
public enum Outcome {
  /** Nothing: the reply is written. */
  REPLIED,
  /** The reply is written; once the client has it, the connection is to be closed. */
  CLOSE,
  /** Everything: a good BLOCKING or PUBSUB command, nothing of which has been done. */
  DELEGATED
}
