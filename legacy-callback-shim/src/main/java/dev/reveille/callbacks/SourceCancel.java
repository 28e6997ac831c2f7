package dev.reveille.callbacks;

import java.util.concurrent.Future;

/**
 * What becomes of a future when the one who waits for it gives up: {@link Callbacks#fromStage
 * fromStage}, {@link Callbacks#fromFuture fromFuture}, {@link Callbacks#fromListenable
 * fromListenable}.
 *
 * <pre>{@code
 * Pollable<String> config = // others wait for it, too
 *     Callbacks.fromStage(
 *         "the configuration", CallOptions.defaults(), shared, SourceCancel.LEAVE);
 * }</pre>
 */
public enum SourceCancel {
  /**
   * It is cancelled, as by {@code cancel(false)}: right for a future that was made for the one who
   * waits.
   */
  CANCEL,

  /** It is cancelled, and the thread that works for it interrupted, as by {@code cancel(true)}. */
  INTERRUPT,

  /**
   * It is left alone: right for a future that others wait for, too. Then it is not held, either, so
   * that one that everybody else has dropped can be found {@linkplain
   * dev.reveille.callback.LostCallbackException lost}. It can not forget a listener: one that lives
   * long keeps a few bytes for each wait that was given up.
   */
  LEAVE;

  /** On the loop that gives up. */
  void apply(Future<?> future) {
    if (this != LEAVE) {
      future.cancel(this == INTERRUPT);
    }
  }
}
