package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.contract.Rig;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The three kinds of cancel, each with its one meaning. */
class ThreeCancelsTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  /** A task that logs, and ignores its token until it is told to look. */
  private final class Logging extends Task {
    boolean looksAtToken;

    Logging() {
      super("logging");
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      Poll<Complete> stop = cx.stopToken().pollStopped(cx);
      log.add(stop.isReady() ? "asked to stop" : "polled");
      return looksAtToken && stop.isReady() ? Poll.ready() : pendingWithWaker(cx);
    }

    private Poll<Complete> pendingWithWaker(Context cx) {
      waker = cx.waker("more");
      return Poll.pending();
    }

    Waker waker = Waker.none();

    @Override
    protected void cleanup() {
      log.add("cleaned up");
    }
  }

  @Test
  void aStopIsPoliteTheTaskDecides() {
    StopSource source = new StopSource();
    Logging task = new Logging();
    JoinHandle<Complete> handle = loop.spawnUnder(source.token(), "task", task);
    loop.runUntilStalled();
    source.stop();
    loop.runUntilStalled();
    assertThat(log).containsExactly("polled", "asked to stop");
    assertThat(handle.isDone()).isFalse();

    task.looksAtToken = true;
    task.waker.wake();
    loop.runUntilStalled();
    assertThat(log).containsExactly("polled", "asked to stop", "asked to stop", "cleaned up");
    assertThat(handle.toString()).contains("completed");
  }

  @Test
  void aCancelOfTheHandleIsCarriedOutInATurnOfItsOwn() {
    Logging task = new Logging();
    JoinHandle<Complete> handle = loop.spawn(task);
    loop.runUntilStalled();
    loop.spawn(
        cx -> {
          handle.cancel();
          log.add("after the request: " + (handle.isDone() ? "ended" : "not yet"));
          return Poll.ready();
        });
    loop.runUntilStalled();
    assertThat(log).containsExactly("polled", "after the request: not yet", "cleaned up");
    assertThatThrownBy(handle::outcome).isInstanceOf(CancellationException.class);
  }

  @Test
  void aCancelOfTheHandleStopsTheTokenAtOnce() {
    StopToken[] token = new StopToken[1];
    JoinHandle<Complete> handle =
        loop.spawn(
            cx -> {
              token[0] = cx.stopToken();
              return cx.park();
            });
    loop.runUntilStalled();
    handle.cancel();
    assertThat(token[0].isStopped()).isTrue();
  }

  @Test
  void aResultThatWasThereFirstWinsOverACancel() {
    JoinHandle<String> handle = loop.spawn(cx -> Poll.ready("value"));
    loop.runUntilStalled();
    assertThat(handle.cancel()).isFalse();
    assertThat(handle.outcome().value()).isEqualTo("value");
  }

  @Test
  void aTaskThatCancelsItselfAndIsReadyInTheSamePollIsCompleted() {
    JoinHandle<?>[] self = new JoinHandle<?>[1];
    JoinHandle<String> handle =
        loop.spawn(
            cx -> {
              self[0].cancel();
              return Poll.ready("value");
            });
    self[0] = handle;
    loop.runUntilStalled();
    assertThat(handle.outcome().value()).isEqualTo("value");
  }

  @Test
  void theOwnerOfAPollableGivesItUpAtOnce() {
    Logging child = new Logging();
    loop.spawn(
        cx -> {
          Poll<Complete> poll = child.poll(cx);
          assertThat(poll.isPending()).isTrue();
          child.cancel();
          log.add("after cancel");
          return Poll.ready();
        });
    loop.runUntilStalled();
    assertThat(log).containsExactly("polled", "cleaned up", "after cancel");
  }

  @Test
  void abandoningAJoinLeavesTheTaskAlone() {
    Logging task = new Logging();
    JoinHandle<Complete> handle = loop.spawn(task);
    Pollable<Complete> join = handle.join();
    loop.spawn(
        cx -> {
          join.poll(cx);
          join.cancel();
          return Poll.ready();
        });
    loop.runUntilStalled();
    assertThat(handle.isDone()).isFalse();
    assertThat(log).containsExactly("polled");
  }

  @Test
  void detachingReportsAFailureAlthoughSomebodyJoined() {
    JoinHandle<Complete> handle =
        loop.spawn(
            "failing",
            cx -> {
              throw new IllegalArgumentException("expected");
            });
    List<Throwable> joined = new ArrayList<>();
    handle.toCompletableFuture().whenComplete((v, t) -> joined.add(t));
    handle.detach();
    loop.runUntilStalled();
    assertThat(joined).singleElement().isInstanceOf(IllegalArgumentException.class);
    assertThat(rig.takeUncaught()).singleElement().matches(u -> u.name().equals("failing"));
  }

  @Test
  void detachingAfterTheEndDoesNothing() {
    JoinHandle<String> handle = loop.spawn(cx -> Poll.ready("value"));
    loop.runUntilStalled();
    handle.detach();
    assertThat(handle.outcome().value()).isEqualTo("value");
  }
}
