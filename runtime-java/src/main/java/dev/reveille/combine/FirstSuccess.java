package dev.reveille.combine;

import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import org.jspecify.annotations.Nullable;

/** {@link Pollables#firstSuccess}. */
final class FirstSuccess<T extends @Nullable Object> extends Operation<T> {
  private final Children<T> children;
  private int start;

  /** The first failure so far, with the later ones suppressed. */
  private @Nullable Exception failure;

  FirstSuccess(Children<T> children) {
    super("first success");
    this.children = children;
  }

  @Override
  protected Poll<T> doPoll(Context cx) throws Exception {
    int from = start;
    start = children.after(from, 1);
    for (int k = 0; k < children.size(); k++) {
      int index = children.after(from, k);
      Pollable<? extends T> child = children.get(index);
      if (child == null) {
        continue;
      }
      Poll<T> poll = pollOne(cx, index, child);
      if (poll.isReady()) {
        children.take(index);
        failure = null;
        Abandon.raise(children.cancelAll(null));
        return poll;
      }
    }
    Exception all = failure;
    if (children.unfinished() == 0 && all != null) {
      throw all;
    }
    return Poll.pending();
  }

  private Poll<T> pollOne(Context cx, int index, Pollable<? extends T> child) throws Exception {
    try {
      return Children.poll(cx, child);
    } catch (Throwable t) {
      children.take(index);
      Abandon.cancelFailed(child, t);
      Exception first = failure;
      if (!(t instanceof Exception e) || t instanceof InterruptedException) {
        // Nothing that another candidate could make good.
        if (first != null) {
          Abandon.suppress(t, first);
        }
        children.cancelAll(t);
        throw t;
      }
      if (first == null) {
        failure = e;
      } else {
        Abandon.suppress(first, e);
      }
      return Poll.pending();
    }
  }

  @Override
  protected void doCancel() {
    failure = null;
    Abandon.raise(children.cancelAll(null));
  }

  @Override
  public String toString() {
    return "first success of " + children.size();
  }
}
