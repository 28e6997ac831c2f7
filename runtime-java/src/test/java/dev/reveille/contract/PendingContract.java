package dev.reveille.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.Waker;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Pending requires that somebody can wake the task. */
public interface PendingContract extends ContractGroup {

  @Test
  default void pendingWithoutAWakerFailsByName() {
    Dispatcher loop = rig().loop();
    loop.post(Tasks.of("forgetful", cx -> Poll.pending()));

    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.IDLE);

    List<Rig.Uncaught> failures = rig().takeUncaught();
    assertThat(failures).hasSize(1);
    assertThat(failures.get(0).name()).isEqualTo("forgetful");
    assertThat(failures.get(0).failure())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'forgetful'")
        .hasMessageContaining("waker");
  }

  @Test
  default void pendingWithAWakerOfAnEarlierPollFailsByName() {
    Dispatcher loop = rig().loop();
    Waker[] kept = {Waker.none()};
    int[] polls = {0};
    loop.post(
        Tasks.of(
            "asked once",
            cx -> {
              if (++polls[0] == 1) {
                kept[0] = cx.waker("something");
              }
              return Poll.pending();
            }));
    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.ASLEEP);

    kept[0].wake();
    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.IDLE);

    assertThat(rig().takeUncaught())
        .singleElement()
        .satisfies(u -> assertThat(u.failure()).hasMessageContaining("'asked once'"));
  }

  @Test
  default void pendingAfterAWakeOnTheLoopInThisPollIsAllowed() {
    Dispatcher loop = rig().loop();
    Waker[] kept = {Waker.none()};
    int[] polls = {0};
    loop.post(
        Tasks.of(
            "woken meanwhile",
            cx -> {
              switch (++polls[0]) {
                case 1:
                  kept[0] = cx.waker("something");
                  return Poll.pending();
                case 2:
                  kept[0].wake(); // by way of a source that had the waker already
                  return Poll.pending();
                default:
                  return Poll.ready();
              }
            }));
    rig().settle(loop);
    kept[0].wake();

    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.IDLE);
    assertThat(polls[0]).isEqualTo(3);
  }

  @Test
  default void aChildThatIsPendingWithoutAWakerFailsByName() {
    Dispatcher loop = rig().loop();
    Pollable<String> child =
        new Pollable<>() {
          @Override
          public Poll<String> poll(Context cx) {
            return Poll.pending();
          }

          @Override
          public String toString() {
            return "forgetful child";
          }
        };
    loop.spawn(
        "parent",
        cx -> {
          cx.waker("something else, which is no excuse for the child");
          return cx.pollChild(child);
        });

    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.IDLE);

    assertThat(rig().takeUncaught())
        .singleElement()
        .satisfies(
            u ->
                assertThat(u.failure())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("'forgetful child'")
                    .hasMessageContaining("'parent'"));
  }

  @Test
  default void aParkedTaskNeedsNoWakerAndIsWork() {
    Dispatcher loop = rig().loop();
    int[] polls = {0};
    JoinHandle<Object> handle =
        loop.spawn(
            "parked",
            cx -> {
              polls[0]++;
              return cx.park();
            });

    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.ASLEEP);
    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.ASLEEP);

    assertThat(polls[0]).isEqualTo(1);
    assertThat(handle.isDone()).isFalse();
  }

  @Test
  default void aParkedTaskIsEndedByCancel() throws Exception {
    Dispatcher loop = rig().loopOnSystemClock();
    JoinHandle<Object> handle = loop.spawn("parked", cx -> cx.park());
    Driving driving = rig().driveToCompletion(loop).awaitAsleep();

    assertThat(handle.cancel()).isTrue();

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.IDLE);
    assertThat(handle.isDone()).isTrue();
  }
}
