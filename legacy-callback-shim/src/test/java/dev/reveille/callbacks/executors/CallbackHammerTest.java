package dev.reveille.callbacks.executors;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Threads that post, defer and cancel the same few tasks while the loop calls them, and the end of
 * the dispatcher in the middle of it. How often is said by {@code -Dreveille.hammer.shutdowns}.
 */
final class CallbackHammerTest {
  private static final int ROUNDS = Integer.getInteger("reveille.hammer.shutdowns", 300);

  private final Rig rig = new Rig(BasicDispatcher::new);

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  enum Ending {
    STOP,
    CLOSE
  }

  // ------------------------------------------------------------------ each post is answered once

  /** Tasks of one post each: what is accepted is called once, or was cancelled. */
  private static final class Once {
    final CallbackDispatcher callbacks;
    final AtomicInteger ok = new AtomicInteger();
    final AtomicInteger told = new AtomicInteger();
    final AtomicInteger accepted = new AtomicInteger();
    final AtomicInteger cancelled = new AtomicInteger();

    Once(CallbackDispatcher callbacks) {
      this.callbacks = callbacks;
    }

    boolean post(CyclicBarrier barrier, long seed) throws Exception {
      Random random = new Random(seed);
      barrier.await(Rig.PATIENCE.toSeconds(), SECONDS);
      try {
        for (int i = 0; i < 25; i++) {
          CallbackTask task = new CallbackTask("task " + i, this::called);
          int nanos = random.nextInt(3) * 1000;
          if (random.nextInt(3) == 0) {
            callbacks.post(task);
          } else {
            callbacks.postAfter(task, Duration.ofNanos(nanos));
          }
          accepted.getAndIncrement();
          if (random.nextInt(4) == 0 && callbacks.cancel(task)) {
            cancelled.getAndIncrement();
          }
        }
      } catch (RejectedExecutionException e) {
        return false; // the end came first
      }
      return true;
    }

    private void called(CallbackContext context, CallbackStatus status) {
      assertThat(callbacks.dispatcher().onLoop()).isTrue();
      (status == CallbackStatus.OK ? ok : told).getAndIncrement();
    }
  }

  @ParameterizedTest
  @EnumSource
  void eachAcceptedTaskIsCalledOnceOrWasCancelled(Ending ending) throws Exception {
    RunnableDispatcher loop = rig.onSystemClock();
    Driving driving = rig.drive(loop, RunnableDispatcher::run);
    for (int round = 0; round < ROUNDS; round++) {
      playOnce(ending == Ending.CLOSE ? rig.onSystemClock() : loop, ending, round);
    }
    loop.stop();
    driving.awaitOutcome();
  }

  private void playOnce(RunnableDispatcher dispatcher, Ending ending, int round) throws Exception {
    Once play = new Once(CallbackDispatcher.of(dispatcher));
    CyclicBarrier barrier = new CyclicBarrier(3);
    FutureTask<Boolean> first = rig.start("first", () -> play.post(barrier, round));
    FutureTask<Boolean> second = rig.start("second", () -> play.post(barrier, ~round));
    barrier.await(Rig.PATIENCE.toSeconds(), SECONDS);
    for (int i = 0; i < round % 50; i++) {
      Thread.onSpinWait();
    }
    if (ending == Ending.STOP) {
      play.callbacks.requestStop();
    } else {
      dispatcher.close();
    }
    Rig.await(first);
    Rig.await(second);
    Rig.awaitState(
        "each task is called",
        () -> play.ok.get() + play.told.get() + play.cancelled.get() == play.accepted.get());
  }

  // ------------------------------------------------------------------ the same tasks, by all

  private static final class Shared {
    final List<CallbackTask> tasks = new ArrayList<>();
    final int[] calls = new int[4];
    final int[] told = new int[4];
    int inside;

    Shared() {
      for (int i = 0; i < calls.length; i++) {
        int which = i;
        tasks.add(
            new CallbackTask(
                "task " + i,
                (context, status) -> {
                  assertThat(inside++).as("one at a time").isZero();
                  (status == CallbackStatus.OK ? calls : told)[which]++;
                  inside--;
                }));
      }
    }
  }

  private static boolean storm(CallbackDispatcher callbacks, Shared shared, long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      CallbackTask task = shared.tasks.get(random.nextInt(shared.tasks.size()));
      switch (random.nextInt(5)) {
        case 0 -> callbacks.cancel(task);
        case 1 -> callbacks.postAfter(task, Duration.ofNanos(random.nextInt(2000)));
        case 2 -> callbacks.postAfter(task, Duration.ofDays(1));
        default -> callbacks.post(task);
      }
    }
    return true;
  }

  @Test
  void afterAStormEachTaskHasOnePostAtMostAndIsCalledByTheLastOne() throws Exception {
    RunnableDispatcher loop = rig.onSystemClock();
    CallbackDispatcher callbacks = CallbackDispatcher.of(loop);
    Shared shared = new Shared();
    Driving driving = rig.drive(loop, RunnableDispatcher::run);
    List<FutureTask<Boolean>> threads = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      long seed = i;
      threads.add(rig.start("storm " + i, () -> storm(callbacks, shared, seed)));
    }
    for (FutureTask<Boolean> thread : threads) {
      Rig.await(thread);
    }
    for (CallbackTask task : shared.tasks) {
      callbacks.cancel(task);
    }
    int[] before = rig.callElsewhere(() -> onLoop(loop, shared.calls));
    FutureTask<Boolean> postedTwice = // in one turn, so that none is called in between
        new FutureTask<>(
            () -> {
              for (CallbackTask task : shared.tasks) {
                callbacks.post(task);
                callbacks.post(task);
              }
              return true;
            });
    loop.post(postedTwice);
    Rig.await(postedTwice);
    int[] after = rig.callElsewhere(() -> onLoop(loop, shared.calls));
    for (int i = 0; i < before.length; i++) {
      assertThat(after[i]).as("calls of task %s", i).isEqualTo(before[i] + 1);
    }
    for (CallbackTask task : shared.tasks) {
      callbacks.postAfter(task, Duration.ofDays(1));
    }
    callbacks.requestStop();
    callbacks.requestStop();
    loop.shutdown(); // and nothing is left that would keep it
    driving.awaitOutcome();
    assertThat(shared.told).containsOnly(1);
    assertThat(shared.calls).isEqualTo(after);
  }

  /** What the loop has counted when it has run all that was posted before. */
  private static int[] onLoop(RunnableDispatcher loop, int[] counts) throws Exception {
    FutureTask<int[]> copy = new FutureTask<>(counts::clone);
    loop.post(copy);
    return Rig.await(copy);
  }

  @Test
  void aTaskThatTwoDispatchersWantBelongsToOneAtATime() throws Exception {
    RunnableDispatcher loop = rig.onSystemClock();
    CallbackDispatcher left = CallbackDispatcher.of(loop, "left");
    CallbackDispatcher right = CallbackDispatcher.of(loop, "right");
    AtomicInteger accepted = new AtomicInteger();
    AtomicInteger cancelled = new AtomicInteger();
    int[] calls = {0};
    CallbackTask task = new CallbackTask("wanted", (context, status) -> calls[0]++);
    Driving driving = rig.drive(loop, RunnableDispatcher::run);
    FutureTask<Boolean> one = rig.start("left", () -> want(left, task, accepted, cancelled));
    FutureTask<Boolean> two = rig.start("right", () -> want(right, task, accepted, cancelled));
    Rig.await(one);
    Rig.await(two);
    left.cancel(task);
    right.cancel(task);
    left.post(task);
    accepted.getAndIncrement();
    loop.shutdown();
    driving.awaitOutcome();

    assertThat(calls[0]).isBetween(1, accepted.get() - cancelled.get());
    assertThat(task.isPosted()).isFalse();
  }

  private static boolean want(
      CallbackDispatcher callbacks,
      CallbackTask task,
      AtomicInteger accepted,
      AtomicInteger cancelled) {
    for (int i = 0; i < 20_000; i++) {
      try {
        callbacks.post(task); // may find it posted
        accepted.getAndIncrement();
      } catch (IllegalStateException e) {
        assertThat(e).hasMessageContaining("'wanted' is posted to callback dispatcher");
      }
      if (i % 7 == 0 && callbacks.cancel(task)) {
        cancelled.getAndIncrement();
      }
    }
    return true;
  }
}
