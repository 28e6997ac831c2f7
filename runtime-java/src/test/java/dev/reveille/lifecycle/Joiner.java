package dev.reveille.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Waker;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The one who waits for the end of the subject. Polls its join on a loop of its own, which outlives
 * that of the subject, and writes into the subject's log at the very moment of the wake.
 */
final class Joiner {
  private final RunnableDispatcher neighbour;
  private @Nullable Poll<Complete> value;
  private @Nullable Throwable failure;

  Joiner(RunnableDispatcher neighbour) {
    this.neighbour = neighbour;
  }

  /** By {@code join()}: waits when this returns. */
  void join(JoinHandle<Complete> handle, List<String> log) {
    Pollable<Complete> join = handle.join();
    neighbour.spawn("joiner", cx -> poll(join, cx, log));
    neighbour.runUntilStalled();
    assertThat(isTold()).isFalse();
  }

  private Poll<Complete> poll(Pollable<Complete> join, Context cx, List<String> log) {
    Waker mine = cx.waker("the end of the subject");
    Context noting =
        cx.withWaker(
            () -> {
              log.add(Oracle.JOINER_WOKEN);
              mine.wake();
            });
    try {
      Poll<Complete> poll = join.poll(noting);
      if (poll.isReady()) {
        value = poll;
      }
      return poll;
    } catch (Throwable t) {
      failure = t;
      return Poll.ready();
    }
  }

  /** By {@code toCompletableFuture()}. */
  void joinByFuture(JoinHandle<Complete> handle, List<String> log) {
    CompletableFuture<Complete> future = handle.toCompletableFuture();
    var unused =
        future.whenComplete(
            (v, t) -> {
              log.add(Oracle.JOINER_WOKEN);
              value = t == null ? Poll.ready(v) : null;
              failure = t;
            });
    assertThat(isTold()).isFalse();
  }

  /** After the end: ready in the first poll. */
  void joinLate(JoinHandle<Complete> handle) {
    Pollable<Complete> join = handle.join();
    neighbour.spawn("late joiner", cx -> poll(join, cx, new java.util.ArrayList<>()));
    neighbour.runUntilStalled();
    assertThat(neighbour.lastRunSteps()).isEqualTo(1);
  }

  private boolean isTold() {
    return value != null || failure != null;
  }

  /** "Ready with the task's result ... throws what the task threw, as it is, or Cancellation". */
  void check(Oracle.End end, Exception thrown) {
    neighbour.runUntilStalled();
    switch (end) {
      case COMPLETED -> {
        assertThat(failure).isNull();
        assertThat(value).isEqualTo(Poll.ready());
      }
      case FAILED -> assertThat(failure).isSameAs(thrown);
      case CANCELLED, HANDED_BACK ->
          assertThat(failure)
              .isExactlyInstanceOf(CancellationException.class)
              .hasMessageContaining("'" + Subject.NAME + "'");
    }
  }
}
