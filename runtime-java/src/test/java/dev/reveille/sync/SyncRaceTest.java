package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One gives, one gives up, in the same moment, round after round: what was given is somewhere. */
final class SyncRaceTest {
  private static final int ROUNDS = 2_000;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final List<FutureTask<Boolean>> threads = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private void inEachRound(CyclicBarrier barrier, IntConsumer step) {
    threads.add(
        rig.start(
            "racer",
            () -> {
              for (int round = 0; round < ROUNDS; round++) {
                meet(barrier);
                step.accept(round);
                meet(barrier);
              }
              return true;
            }));
  }

  private static void meet(CyclicBarrier barrier) throws Exception {
    barrier.await(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private void awaitThreads() throws Exception {
    for (FutureTask<Boolean> thread : threads) {
      Rig.await(thread);
    }
  }

  private static <T> List<T> rounds(IntFunction<T> each) {
    List<T> all = new ArrayList<>();
    for (int i = 0; i < ROUNDS; i++) {
      all.add(each.apply(i));
    }
    return all;
  }

  /** Runs what the loop was given before. */
  private static void settle(RunnableDispatcher loop) throws Exception {
    CountDownLatch settled = new CountDownLatch(1);
    loop.post(settled::countDown);
    assertThat(settled.await(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  /** Whether a task that was cancelled had its result before that. */
  private static boolean completed(JoinHandle<?> handle) throws Exception {
    try {
      handle.toCompletableFuture().get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS);
      return true;
    } catch (CancellationException e) {
      return false;
    }
  }

  @Test
  void aPermitThatIsReleasedWhileItsWaiterIsCancelledIsHeldOrPassedOn() throws Exception {
    RunnableDispatcher loop = rig.onSystemClock();
    Driving driving = rig.drive(loop, RunnableDispatcher::run);
    List<Semaphore> semaphores = rounds(i -> new Semaphore(0));
    List<JoinHandle<Semaphore.Permit>> firsts = new ArrayList<>();
    CyclicBarrier barrier = new CyclicBarrier(3);
    inEachRound(barrier, i -> semaphores.get(i).release(1));
    inEachRound(barrier, i -> firsts.get(i).cancel());
    int passedOn = 0;
    for (int i = 0; i < ROUNDS; i++) {
      Semaphore semaphore = semaphores.get(i);
      firsts.add(loop.spawn("first", semaphore.acquire()));
      JoinHandle<Semaphore.Permit> second = loop.spawn("second", semaphore.acquire());
      settle(loop);
      meet(barrier);
      meet(barrier);
      settle(loop);
      settle(loop);
      if (completed(firsts.get(i))) {
        assertThat(second.isDone()).isFalse();
        second.cancel();
      } else {
        assertThat(completed(second)).as("round %s: the permit was passed on", i).isTrue();
        passedOn++;
      }
      assertThat(semaphore.availablePermits()).isZero();
    }
    awaitThreads();
    assertThat(passedOn).isPositive();
    loop.stop();
    driving.awaitOutcome();
  }

  /** Without a task: handles may be closed by any thread. */
  @Test
  void ofANotificationAndACloseOneComesFirstAndTheNotificationIsNotLost() throws Exception {
    List<Notify> notifies = rounds(i -> new Notify());
    List<Notify.Listener> first = rounds(i -> notifies.get(i).listener());
    List<Notify.Listener> second = rounds(i -> notifies.get(i).listener());
    first.forEach(Notify.Listener::enable);
    second.forEach(Notify.Listener::enable);
    CyclicBarrier barrier = new CyclicBarrier(3);
    inEachRound(barrier, i -> notifies.get(i).notifyOne());
    inEachRound(barrier, i -> first.get(i).close());
    inEachRound(barrier, i -> {});
    awaitThreads();

    for (int i = 0; i < ROUNDS; i++) {
      assertThat(second.get(i).enable()).as("round %s", i).isTrue();
      assertThat(notifies.get(i).waiting()).isZero();
      assertThat(notifies.get(i).listener().enable()).as("not doubled either").isFalse();
    }
  }

  @Test
  void aNotificationOfAWaiterThatIsCancelledIsReturnedOrPassedOn() throws Exception {
    RunnableDispatcher loop = rig.onSystemClock();
    Driving driving = rig.drive(loop, RunnableDispatcher::run);
    List<Notify> notifies = rounds(i -> new Notify());
    List<JoinHandle<?>> firsts = new ArrayList<>();
    CyclicBarrier barrier = new CyclicBarrier(3);
    inEachRound(barrier, i -> notifies.get(i).notifyOne());
    inEachRound(barrier, i -> firsts.get(i).cancel());
    for (int i = 0; i < ROUNDS; i++) {
      firsts.add(loop.spawn("first", notifies.get(i).notified()));
      settle(loop);
      meet(barrier);
      meet(barrier);
      settle(loop);
      settle(loop);
      boolean returned = completed(firsts.get(i));
      assertThat(notifies.get(i).listener().enable()).as("round %s", i).isEqualTo(!returned);
    }
    awaitThreads();
    loop.stop();
    driving.awaitOutcome();
  }

  @Test
  void aValueThatIsSentWhileTheReceiverClosesIsRefusedOrDisposedOf() throws Exception {
    List<AtomicInteger> disposed = rounds(i -> new AtomicInteger());
    List<OneShot<Integer>> oneShots =
        rounds(i -> new OneShot<>("race", value -> disposed.get(i).addAndGet(value)));
    boolean[] sent = new boolean[ROUNDS];
    CyclicBarrier barrier = new CyclicBarrier(2);
    inEachRound(barrier, i -> sent[i] = oneShots.get(i).sender().send(42));
    inEachRound(barrier, i -> oneShots.get(i).receiver().close());
    awaitThreads();

    for (int i = 0; i < ROUNDS; i++) {
      assertThat(disposed.get(i)).as("round %s", i).hasValue(sent[i] ? 42 : 0);
    }
  }

  @Test
  void ofSeveralWhoSendReceiveAndCloseEachValueHasOneFate() throws Exception {
    List<AtomicInteger> disposed = rounds(i -> new AtomicInteger());
    List<OneShot<Integer>> oneShots =
        rounds(i -> new OneShot<>("race", value -> disposed.get(i).addAndGet(value)));
    int[] accepted = new int[ROUNDS];
    int[] received = new int[ROUNDS];
    CyclicBarrier barrier = new CyclicBarrier(3);
    inEachRound(barrier, i -> accepted[i] = oneShots.get(i).sender().send(1) ? 1 : 0);
    inEachRound(
        barrier,
        i -> {
          try {
            Integer value = oneShots.get(i).receiver().tryReceive();
            received[i] = value == null ? 0 : value;
          } catch (Exception e) {
            received[i] = 0; // closed, or disposed of: there is nothing
          }
        });
    inEachRound(barrier, i -> oneShots.get(i).receiver().close());
    awaitThreads();

    for (int i = 0; i < ROUNDS; i++) {
      assertThat(received[i] + disposed.get(i).get()).as("round %s", i).isEqualTo(accepted[i]);
    }
  }

  @Test
  void aPartyThatLeavesWhileTheLastOneComesHasCountedOrHasLeft() throws Exception {
    List<Barrier> barriers = rounds(i -> new Barrier(2));
    List<Barrier.Party> leavers = rounds(i -> barriers.get(i).party());
    RunnableDispatcher loop = rig.dispatcher();
    HandPolled task = new HandPolled(loop, "a");
    boolean[] tripped = new boolean[ROUNDS];
    CyclicBarrier start = new CyclicBarrier(2);
    inEachRound(start, i -> leavers.get(i).close());
    for (int i = 0; i < ROUNDS; i++) {
      int round = i;
      assertThat(task.call(leavers.get(i)::pollAwait).isPending()).isTrue();
      Barrier.Party last = barriers.get(i).party();
      Poll<Barrier.Role> poll =
          task.call(
              cx -> {
                meet(start);
                return last.pollAwait(cx);
              });
      meet(start);
      tripped[round] = poll.isReady();
      assertThat(barriers.get(i).arrived()).isEqualTo(tripped[round] ? 0 : 1);
      if (poll.isReady()) {
        assertThat(poll.value()).isEqualTo(Barrier.Role.LEADER);
      }
    }
    awaitThreads();
  }
}
