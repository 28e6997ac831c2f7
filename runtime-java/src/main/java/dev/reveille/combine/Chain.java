package dev.reveille.combine;

import dev.reveille.Context;
import dev.reveille.Names;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import org.jspecify.annotations.Nullable;

/**
 * An operation with one child at a time. A cancel reaches whichever is current; one that is over is
 * let go at once, so that nothing is kept alive by who has outlived it.
 */
abstract class Chain<T extends @Nullable Object> extends Operation<T> {
  /** Null before the first, between two, and after the end. */
  private @Nullable Pollable<?> current;

  Chain(String name, @Nullable Pollable<?> first) {
    super(name);
    this.current = first;
  }

  /** From now on this is what is polled, and what a cancel reaches. */
  final void begin(Pollable<?> child) {
    current = child;
  }

  final boolean hasCurrent() {
    return current != null;
  }

  /**
   * Polls the current child, and lets it go if that was its end. After a failure it is cancelled as
   * well: see {@link Abandon#cancelFailed}.
   *
   * @param <A> the type of the current child's result, which the caller knows
   */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  final <A extends @Nullable Object> Poll<A> pollCurrent(Context cx) throws Exception {
    Pollable<?> child = current;
    if (child == null) {
      throw new AssertionError("'" + name() + "' has no child to poll");
    }
    try {
      Poll<A> poll = (Poll<A>) cx.pollChild(child);
      if (poll.isReady()) {
        current = null;
      }
      return poll;
    } catch (Throwable t) {
      current = null;
      Abandon.cancelFailed(child, t);
      throw t;
    }
  }

  /** Gives the current child up, if there is one. */
  final @Nullable Throwable cancelCurrent(@Nullable Throwable earlier) {
    Pollable<?> child = current;
    current = null;
    return Abandon.cancel(child, earlier);
  }

  @Override
  protected void doCancel() {
    Abandon.raise(cancelCurrent(null));
  }

  /** For messages, while there is a current child. */
  final String describeCurrent() {
    Pollable<?> child = current;
    return child == null ? name() : Names.of(child);
  }

  @Override
  public String toString() {
    return current == null ? name() : name() + " of " + describeCurrent();
  }
}
