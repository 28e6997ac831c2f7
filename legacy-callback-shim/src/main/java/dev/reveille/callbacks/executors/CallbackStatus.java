package dev.reveille.callbacks.executors;

/** What a {@link CallbackFunction} is called for. */
public enum CallbackStatus {
  /** Its turn has come. */
  OK,
  /** It will not have its turn: the dispatcher was stopped, or closed. Time to release things. */
  CANCELLED
}
