package dev.reveille.sync;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Timer;
import org.jspecify.annotations.Nullable;

/**
 * An operator that holds elements back, for a number of them or for a time. What it holds when
 * upstream ends is given before the end, and what it holds when upstream fails before the failure.
 *
 * <p>What is due by time is given before upstream is polled. Else an upstream that spends the whole
 * budget of each poll without giving anything could put it off for ever.
 */
abstract class StreamHolding<S, T> extends StreamOperator<S, T> {
  private @Nullable Timer timer;
  private boolean over;
  private @Nullable Exception failure;

  StreamHolding(String name, PollStream<S> upstream) {
    super(name, upstream);
  }

  /** Takes one more element in. Returns what is complete by that, or null. */
  abstract @Nullable T add(Context cx, S element);

  /** What is held, or null if that is nothing; from now on nothing is held. */
  abstract @Nullable T take();

  /** The timer for the deadline of what is held, made when it is first asked for. */
  final Timer timer(Context cx) {
    Timer t = timer;
    if (t == null) {
      t = new Timer(cx.dispatcher());
      timer = t;
    }
    return t;
  }

  @Override
  protected final Poll<@Nullable T> doPollNext(Context cx) throws Exception {
    if (over) {
      return endOrFail();
    }
    Timer t = timer;
    if (t != null && t.hasFired()) {
      T due = give();
      if (due != null) {
        return element(due);
      }
    }
    for (; ; ) {
      Poll<@Nullable S> poll;
      try {
        poll = pollUpstreamAsChild(cx);
      } catch (Exception e) {
        failure = e;
        return finish();
      }
      if (poll.isPending()) {
        return pollDeadline(cx);
      }
      S element = poll.value();
      if (element == null) {
        return finish();
      }
      T complete = add(cx, element);
      if (complete != null) {
        disarm();
        return element(complete);
      }
      if (!cx.tryProceed()) {
        return Poll.pending();
      }
    }
  }

  private Poll<@Nullable T> pollDeadline(Context cx) {
    Timer t = timer;
    if (t != null && (t.isPending() || t.hasFired()) && t.poll(cx).isReady()) {
      T due = give();
      if (due != null) {
        return element(due);
      }
    }
    return Poll.pending();
  }

  private Poll<@Nullable T> finish() throws Exception {
    over = true;
    T rest = give();
    return rest == null ? endOrFail() : element(rest);
  }

  private Poll<@Nullable T> endOrFail() throws Exception {
    Exception e = failure;
    if (e != null) {
      throw e;
    }
    return end();
  }

  private @Nullable T give() {
    disarm();
    return take();
  }

  private void disarm() {
    if (timer != null) {
      timer.cancel();
    }
  }

  @Override
  protected final void release() {
    try {
      give();
    } finally {
      super.release();
    }
  }
}
