package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Polite, latched, from any thread: a flag and a wake. */
final class StopSourceTest {
  private final BasicDispatcher dispatcher = new BasicDispatcher();
  private final StopSource source = new StopSource();
  private final StopToken token = source.token();

  @AfterEach
  void close() {
    dispatcher.close();
  }

  /** Waits for the stop of a token, counting its polls. */
  private static final class Waiter implements Pollable<Complete> {
    private final StopToken token;
    int polls;

    Waiter(StopToken token) {
      this.token = token;
    }

    @Override
    public Poll<Complete> poll(Context cx) {
      polls++;
      return token.pollStopped(cx);
    }
  }

  @Test
  void isStoppedByTheFirstStopAndStaysSo() {
    assertThat(source.isStopped()).isFalse();
    assertThat(token.isStopped()).isFalse();
    assertThat(source.stop()).isTrue();
    assertThat(source.stop()).isFalse();
    assertThat(source.isStopped()).isTrue();
    assertThat(token.isStopped()).isTrue();
  }

  @Test
  void handsOutOneToken() {
    assertThat(source.token()).isSameAs(token);
  }

  @Test
  void aStopWakesEachWhoAskedOnce() {
    List<Waiter> waiters = new ArrayList<>();
    List<JoinHandle<Complete>> handles = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Waiter waiter = new Waiter(token);
      waiters.add(waiter);
      handles.add(dispatcher.spawn("waiter", waiter));
    }
    assertThat(dispatcher.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);

    source.stop();
    assertThat(dispatcher.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
    assertThat(handles).allMatch(JoinHandle::isDone);
    assertThat(waiters).allMatch(waiter -> waiter.polls == 2);
  }

  @Test
  void whoAsksAfterTheStopIsReadyAtOnce() {
    source.stop();
    Waiter waiter = new Waiter(token);
    dispatcher.spawn("late", waiter);
    assertThat(dispatcher.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
    assertThat(waiter.polls).isEqualTo(1);
  }

  @Test
  void askingAgainDoesNotRegisterTwice() {
    int[] wakes = {0};
    Waker counting = () -> wakes[0]++;
    dispatcher.spawn(
        "asks three times",
        cx -> {
          Context derived = cx.withWaker(counting);
          token.pollStopped(derived);
          token.pollStopped(derived);
          token.pollStopped(derived);
          return Poll.ready();
        });
    dispatcher.runUntilStalled();
    source.stop();
    assertThat(wakes[0]).isEqualTo(1);
  }

  @Test
  void aStopRunsNothingOnTheStoppingThread() {
    Waiter waiter = new Waiter(token);
    dispatcher.spawn("waiter", waiter);
    dispatcher.runUntilStalled();
    source.stop();
    assertThat(waiter.polls).isEqualTo(1);
  }

  @Test
  void aWakerMayAskTheTokenFromItsWake() {
    List<String> seen = new ArrayList<>();
    dispatcher.spawn(
        "asks",
        cx -> {
          token.pollStopped(cx.withWaker(() -> seen.add("stopped: " + source.stop())));
          return Poll.ready();
        });
    dispatcher.runUntilStalled();
    source.stop();
    assertThat(seen).containsExactly("stopped: false");
  }

  @Test
  void aStopThatRacesWithAPollIsNotMissed() throws Exception {
    ExecutorService stopper = Executors.newSingleThreadExecutor();
    try {
      for (int round = 0; round < 2_000; round++) {
        StopSource racing = new StopSource();
        JoinHandle<Complete> handle = dispatcher.spawn("waiter", new Waiter(racing.token()));
        CountDownLatch ready = new CountDownLatch(1);
        Future<Boolean> stopped =
            stopper.submit(
                () -> {
                  ready.countDown();
                  return racing.stop();
                });
        ready.await();
        dispatcher.runUntilStalled();
        assertThat(stopped.get(30, TimeUnit.SECONDS)).isTrue();
        dispatcher.runUntilStalled();
        assertThat(handle.isDone()).isTrue();
      }
    } finally {
      stopper.shutdownNow();
    }
  }

  // ------------------------------------------------------------------ the token of a task

  @Test
  void theTokenOfATaskIsStoppedByItsCancel() {
    StopToken[] seen = new StopToken[1];
    JoinHandle<Complete> handle =
        dispatcher.spawn(
            "task",
            cx -> {
              seen[0] = cx.stopToken();
              return cx.park();
            });
    dispatcher.runUntilStalled();
    assertThat(seen[0].isStopped()).isFalse();
    handle.cancel();
    assertThat(seen[0].isStopped()).isTrue();
  }

  @Test
  void theTokenOfATaskIsTheSameInEachPoll() {
    List<StopToken> seen = new ArrayList<>();
    dispatcher.spawn(
        "task",
        cx -> {
          seen.add(cx.stopToken());
          cx.waker("itself").wake();
          return seen.size() == 3 ? Poll.ready() : Poll.pending();
        });
    dispatcher.runUntilStalled();
    assertThat(seen).hasSize(3).containsOnly(seen.get(0));
  }

  @Test
  void aLongLivedTokenDoesNotGrowByATaskThatEnded() {
    for (int i = 0; i < 1_000; i++) {
      JoinHandle<Complete> handle = dispatcher.spawn("short-lived", new Waiter(token));
      dispatcher.runUntilStalled();
      handle.cancel();
      dispatcher.runUntilStalled();
    }
    assertThat(source.waiterCount()).isLessThan(20);
  }

  /** A child of a set has a waker of its own, which is not a task's. */
  @Test
  void aLongLivedTokenDoesNotGrowByAWakerThatEnded() throws Exception {
    final class OneOff implements Waker {
      boolean ended;

      @Override
      public void wake() {}

      @Override
      public boolean isEnded() {
        return ended;
      }
    }

    dispatcher.spawn(
        cx -> {
          for (int i = 0; i < 1_000; i++) {
            OneOff waker = new OneOff();
            token.pollStopped(cx.withWaker(waker));
            waker.ended = true;
          }
          return Poll.ready();
        });
    dispatcher.runUntilStalled();
    assertThat(source.waiterCount()).isLessThan(20);
  }
}
