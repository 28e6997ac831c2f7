package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each success is a step that the loop counts, and a step that it refuses loses nothing. */
final class SyncBudgetTest {
  private static final int BUDGET = 8;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher(options -> options.withBudget(BUDGET));

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  /** Something that can be done again and again without ever having to wait. */
  interface Step {
    Poll<?> poll(Context cx) throws Exception;
  }

  record Source(String name, Step step) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Source> sources() {
    Semaphore.Permit permit = new Semaphore(1).permit(1);
    AsyncMutex.Guard guard = new AsyncMutex().guard();
    Notify notify = new Notify();
    Notify.Listener listener = notify.listener();
    Barrier.Party party = new Barrier(1).party();
    Broadcast<String> broadcast = new Broadcast<>(1000);
    Broadcast.Receiver<String> receiver = broadcast.subscribe();
    Watch<Integer> watch = new Watch<>(0);
    Watch.Receiver<Integer> watching = watch.subscribe();
    return Stream.of(
        new Source(
            "semaphore",
            cx -> {
              Poll<?> poll = permit.pollAcquire(cx);
              permit.close();
              return poll;
            }),
        new Source(
            "mutex",
            cx -> {
              Poll<?> poll = guard.pollLock(cx);
              guard.close();
              return poll;
            }),
        new Source(
            "notify",
            cx -> {
              notify.notifyOne();
              return listener.pollNotified(cx);
            }),
        new Source("barrier", party::pollAwait),
        new Source(
            "one-shot",
            cx -> {
              OneShot<String> oneShot = new OneShot<>();
              oneShot.sender().send("value");
              return oneShot.receiver().pollReceive(cx);
            }),
        new Source(
            "broadcast",
            cx -> {
              broadcast.send("value");
              return receiver.pollReceive(cx);
            }),
        new Source(
            "watch",
            cx -> {
              watch.update(i -> i + 1);
              return watching.pollChanged(cx);
            }));
  }

  @ParameterizedTest
  @MethodSource("sources")
  void aTaskThatNeverHasToWaitDoesNotStarveItsNeighbours(Source source) {
    int steps = 10 * BUDGET;
    int[] done = {0};
    int[] turns = {0};
    loop.spawn(
        "greedy",
        cx -> {
          while (done[0] < steps) {
            if (source.step.poll(cx).isPending()) {
              return Poll.pending();
            }
            done[0]++;
          }
          return Poll.ready();
        });
    loop.spawn(
        "neighbour",
        cx -> {
          turns[0]++;
          if (done[0] == steps) {
            return Poll.ready();
          }
          cx.waker("its turn").wake();
          return Poll.pending();
        });

    loop.runUntilStalled();

    assertThat(done[0]).isEqualTo(steps);
    assertThat(turns[0]).isGreaterThanOrEqualTo(steps / BUDGET);
  }

  /** In a poll whose budget is spent. */
  private Poll<?> refused(HandPolled task, Step step) throws Exception {
    return task.call(
        cx -> {
          while (cx.tryProceed()) {
            // until it is spent
          }
          return step.poll(cx);
        });
  }

  @Test
  void whatWasGrantedAndRefusedByTheBudgetIsThereInTheNextPollOrPassedOn() throws Exception {
    HandPolled task = new HandPolled(loop, "a");
    Semaphore semaphore = new Semaphore(1);
    Semaphore.Permit permit = semaphore.permit(1);
    AsyncMutex mutex = new AsyncMutex();
    AsyncMutex.Guard guard = mutex.guard();
    Notify notify = new Notify();
    Notify.Listener listener = notify.listener();
    notify.notifyOne();

    assertThat(refused(task, permit::pollAcquire).isPending()).isTrue();
    assertThat(refused(task, guard::pollLock).isPending()).isTrue();
    assertThat(refused(task, listener::pollNotified).isPending()).isTrue();
    assertThat(task.call(permit::pollAcquire).isReady()).isTrue();
    assertThat(task.call(guard::pollLock).isReady()).isTrue();
    assertThat(task.call(listener::pollNotified).isReady()).isTrue();

    permit.close();
    guard.close();
    notify.notifyOne();
    refused(task, permit::pollAcquire);
    refused(task, guard::pollLock);
    refused(task, listener::pollNotified);
    permit.close();
    guard.close();
    listener.close();
    assertThat(semaphore.availablePermits()).isEqualTo(1);
    assertThat(mutex.isLocked()).isFalse();
    assertThat(notify.listener().enable()).isTrue();
  }

  @Test
  void whatCouldBeReceivedAndWasRefusedByTheBudgetIsStillThere() throws Exception {
    HandPolled task = new HandPolled(loop, "a");
    OneShot<String> oneShot = new OneShot<>();
    oneShot.sender().send("value");
    Broadcast<String> broadcast = new Broadcast<>(4);
    Broadcast.Receiver<String> receiver = broadcast.subscribe();
    broadcast.send("value");
    Watch<String> watch = new Watch<>("old");
    Watch.Receiver<String> watching = watch.subscribe();
    watch.set("value");

    assertThat(refused(task, oneShot.receiver()::pollReceive).isPending()).isTrue();
    assertThat(refused(task, receiver::pollReceive).isPending()).isTrue();
    assertThat(refused(task, watching::pollChanged).isPending()).isTrue();

    assertThat(oneShot.receiver().tryReceive()).isEqualTo("value");
    assertThat(receiver.tryReceive()).isEqualTo("value");
    assertThat(watching.tryChanged()).isEqualTo("value");
  }
}
