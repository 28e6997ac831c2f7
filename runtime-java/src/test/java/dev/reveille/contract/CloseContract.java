package dev.reveille.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.StopToken;
import dev.reveille.Task;
import dev.reveille.TimedPost;
import dev.reveille.Timer;
import dev.reveille.Unstarted;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** {@code shutdownNow()} and {@code close()}: cancel, clean up, hand back, at once. */
public interface CloseContract extends ContractGroup {

  @Test
  default void closeWithoutADriverCancelsAndCleansUp() {
    Dispatcher loop = rig().loop();
    Sleeper sleeper = new Sleeper("sleeper");
    int[] cancels = {0};
    StopToken[] token = new StopToken[1];
    JoinHandle<?> handle = loop.spawn(sleeper);
    JoinHandle<?> other =
        loop.spawn(
            new Pollable<Object>() {
              @Override
              public Poll<Object> poll(Context cx) {
                token[0] = cx.stopToken();
                return cx.park();
              }

              @Override
              public void cancel() {
                cancels[0]++;
              }
            });
    rig().settle(loop);

    loop.close();

    assertThat(sleeper.cleanups).isEqualTo(1);
    assertThat(cancels[0]).isEqualTo(1);
    assertThat(token[0].isStopped()).isTrue();
    assertThat(handle.toCompletableFuture()).isCancelled();
    assertThat(other.toCompletableFuture()).isCancelled();
    assertThat(loop.isClosed()).isTrue();
    assertThat(sleeper.isPosted()).isFalse();
  }

  @Test
  default void cleanupMayUseLoopOnlyCallsWhenNobodyDrives() {
    Dispatcher loop = rig().loop();
    Timer timer = new Timer(loop);
    timer.reset(Duration.ofSeconds(1));
    boolean[] onLoop = {false};
    loop.post(
        new Task("cleans") {
          @Override
          protected Poll<Complete> doPoll(Context cx) {
            return timer.poll(cx);
          }

          @Override
          protected void cleanup() {
            onLoop[0] = loop.onLoop();
            timer.cancel();
          }
        });
    rig().settle(loop);

    loop.close();

    assertThat(onLoop[0]).isTrue();
    assertThat(timer.isPending()).isFalse();
  }

  @Test
  default void closeOfARunningLoopIsCarriedOutByItsDriver() throws Exception {
    Dispatcher loop = rig().loopOnSystemClock();
    Thread[] cleaner = {null};
    loop.post(
        new Task("sleeps") {
          @Override
          protected Poll<Complete> doPoll(Context cx) {
            return cx.park();
          }

          @Override
          protected void cleanup() {
            cleaner[0] = Thread.currentThread();
          }
        });
    Driving driving = rig().drive(loop).awaitAsleep();

    loop.close();

    assertThat(cleaner[0]) // close has waited, so a plain read will do
        .isNotNull()
        .isNotSameAs(Thread.currentThread());
    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.CLOSED);
  }

  @Test
  default void closeWaitsForTheCurrentPollAndRunsNoOther() throws Exception {
    Dispatcher loop = rig().loopOnSystemClock();
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    List<String> log = new ArrayList<>();
    loop.post(
        Tasks.of(
            "busy",
            cx -> {
              inside.countDown();
              goOn.await();
              log.add("went on");
              return Poll.ready();
            }));
    Runnable next = () -> log.add("next");
    loop.post(next);
    rig().drive(loop);
    inside.await();
    FutureTask<Unstarted> closer = rig().start("closer", loop::shutdownNow);
    Rig.awaitState("the close was asked for", () -> isWaiting("closer"));
    assertThat(loop.isClosed()).isFalse();

    goOn.countDown();

    assertThat(Rig.await(closer).runnables()).containsExactly(next);
    assertThat(log).containsExactly("went on");
  }

  private static boolean isWaiting(String thread) {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(t -> t.getName().equals(thread) && t.getState() == Thread.State.WAITING);
  }

  @Test
  default void closeFromTheLoopThrowsNamingTheTask() {
    Dispatcher loop = rig().loop();
    List<Runnable> calls =
        List.of(
            loop::close,
            loop::shutdownNow,
            () -> {
              try {
                loop.awaitClosed(Duration.ZERO);
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    List<Throwable> thrown = new ArrayList<>();
    loop.post(
        Tasks.of(
            "closes its own loop",
            cx -> {
              for (Runnable call : calls) {
                try {
                  call.run();
                } catch (RuntimeException e) {
                  thrown.add(e);
                }
              }
              return Poll.ready();
            }));

    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.IDLE);

    assertThat(thrown)
        .hasSameSizeAs(calls)
        .allSatisfy(
            t ->
                assertThat(t)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("'closes its own loop'"));
    assertThat(loop.isShutdown()).isFalse();
  }

  @Test
  default void shutdownNowHandsBackWhatNeverBegan() {
    Dispatcher loop = rig().loop();
    Dispatcher other = rig().loop();
    List<String> log = new ArrayList<>();
    Sleeper begun = new Sleeper("begun");
    loop.post(begun);
    rig().settle(loop);
    Task first = Tasks.logging(log, "first task");
    Task second = Tasks.logging(log, "second task");
    Runnable callback = () -> log.add("callback");
    Runnable foreign = () -> log.add("foreign callback");
    loop.post(first);
    loop.post(callback);
    JoinHandle<?> handle = loop.spawn(second);
    rig().elsewhere(() -> loop.post(foreign));

    Unstarted unstarted = loop.shutdownNow();

    assertThat(unstarted.tasks()).containsExactly(first, second);
    assertThat(unstarted.runnables()).containsExactly(callback, foreign);
    assertThat(begun.cleanups).isEqualTo(1);
    assertThat(handle.toCompletableFuture()).isCancelled();
    assertThat(log).isEmpty();

    unstarted.tasks().forEach(other::post);
    unstarted.runnables().forEach(other::post);
    assertThat(rig().settle(other)).isEqualTo(RunOutcome.IDLE);
    assertThat(log).containsExactly("first task", "second task", "callback", "foreign callback");
  }

  @Test
  default void shutdownNowHandsBackTimedCallbacksInTheOrderOfTheirDeadlines() {
    Dispatcher loop = rig().loop();
    Runnable never = () -> {};
    Runnable late = new MisuseContract.Named("late");
    Runnable early = new MisuseContract.Named("early");
    Runnable foreign = new MisuseContract.Named("foreign");
    Runnable cancelled = new MisuseContract.Named("cancelled");
    Runnable queued = new MisuseContract.Named("queued");
    loop.postAt(Long.MAX_VALUE, never);
    TimedPost timed = loop.postAfter(Duration.ofSeconds(9), late);
    loop.postAfter(Duration.ofSeconds(1), early);
    loop.postAfter(Duration.ofSeconds(2), cancelled).cancel();
    rig().settle(loop);
    rig().elsewhere(() -> loop.postAfter(Duration.ofSeconds(5), foreign));
    loop.post(queued);

    Unstarted unstarted = loop.shutdownNow();

    assertThat(unstarted.runnables()).containsExactly(queued, early, foreign, late, never);
    assertThat(timed.isCancelled()).isTrue();
    assertThat(timed.cancel()).isFalse();
  }

  @Test
  default void adaptersGetTheirBlocksBack() {
    Dispatcher loop = rig().loop();
    RecordingOwner owner = new RecordingOwner();
    Runnable local = new MisuseContract.Named("local");
    Runnable foreign = new MisuseContract.Named("foreign");
    Runnable timed = new MisuseContract.Named("timed");
    loop.postAfter(Duration.ofSeconds(1), () -> {}).cancel();
    loop.postAt(Duration.ofSeconds(1).toNanos(), owner, timed);
    loop.post(owner, local);
    rig().elsewhere(() -> loop.post(owner, foreign));

    Unstarted unstarted = loop.shutdownNow();

    assertThat(owner.givenBack).containsExactly(local, foreign, timed);
    assertThat(unstarted.runnables()).isEmpty();
    assertThat(owner.blocksRun()).isZero();
  }

  @Test
  default void aSpawnedPollableThatNeverBeganIsCancelled() {
    Dispatcher loop = rig().loop();
    List<String> log = new ArrayList<>();
    JoinHandle<?> handle =
        loop.spawn(
            new Pollable<Object>() {
              @Override
              public Poll<Object> poll(Context cx) {
                log.add("poll");
                return cx.park();
              }

              @Override
              public void cancel() {
                log.add("cancel");
              }
            });

    loop.close();

    assertThat(log).containsExactly("cancel");
    assertThat(handle.isDone()).isTrue();
  }

  @Test
  default void onlyOneCallerGetsWhatWasNotBegun() {
    Dispatcher loop = rig().loop();
    loop.post(() -> {});

    assertThat(loop.shutdownNow().runnables()).hasSize(1);
    assertThat(loop.shutdownNow().runnables()).isEmpty();
    loop.close();
  }

  @Test
  default void nothingIsAcceptedFromACleanupDuringTheClose() {
    Dispatcher loop = rig().loop();
    List<Throwable> refused = new ArrayList<>();
    loop.post(
        new Task("posts at the end") {
          @Override
          protected Poll<Complete> doPoll(Context cx) {
            return cx.park();
          }

          @Override
          protected void cleanup() {
            try {
              loop.post(() -> {});
            } catch (RuntimeException e) {
              refused.add(e);
            }
          }
        });
    rig().settle(loop);

    loop.close();

    assertThat(refused).hasSize(1);
  }

  @Test
  default void awaitClosedWaitsForTheEnd() throws Exception {
    Dispatcher loop = rig().loopOnSystemClock();
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(sleeper);
    rig().drive(loop).awaitAsleep();
    assertThat(loop.awaitClosed(Duration.ZERO)).isFalse();
    assertThat(loop.awaitClosed(Duration.ofMillis(1))).isFalse();
    FutureTask<Boolean> waiter = rig().start("waiter", () -> loop.awaitClosed(Rig.PATIENCE));

    loop.shutdown();
    sleeper.wakeToEnd();

    assertThat(Rig.await(waiter)).isTrue();
    assertThat(loop.isClosed()).isTrue();
  }

  /** Rounds of a race between the close and a driver that comes and goes. */
  @Test
  default void aCloseIsCarriedOutAlsoWhenTheDriverLeavesJustThen() throws Exception {
    for (int round = 0; round < 500; round++) {
      Dispatcher loop = rig().loop();
      Sleeper sleeper = new Sleeper("sleeper");
      loop.post(sleeper);
      FutureTask<RunOutcome> driver =
          rig()
              .start(
                  "driver",
                  () -> {
                    RunOutcome outcome = rig().settle(loop);
                    while (outcome != RunOutcome.CLOSED && !loop.isClosed()) {
                      outcome = rig().settle(loop);
                    }
                    return outcome;
                  });
      loop.close();
      assertThat(loop.isClosed()).isTrue();
      try {
        Rig.await(driver);
      } catch (IllegalStateException e) {
        assertThat(e)
            .hasMessageContaining("is driven by thread"); // it came while close had the role
      }
      assertThat(sleeper.isPosted()).isFalse();
    }
  }
}
