package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.contract.Rig;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Pending requires having asked this context for a waker in this call, or having been woken on the
 * loop in it. What does not count: pigweed's check is "some waker is linked", which a stale one, or
 * the cancel waker that each CancellableTask has, satisfies for ever.
 */
final class PendingRuleTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private void failsByName(String name) {
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
    assertThat(rig.takeUncaught())
        .singleElement()
        .satisfies(
            u ->
                assertThat(u.failure())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("'" + name + "'")
                    .hasMessageContaining("cx.waker(why)"));
  }

  /** The token alone wakes nobody: it has to be polled. */
  @Test
  void havingTheStopTokenDoesNotCount() {
    loop.spawn(
        "has a token",
        cx -> {
          assertThat(cx.stopToken().isStopped()).isFalse();
          return Poll.pending();
        });

    failsByName("has a token");
  }

  @Test
  void havingPolledTheStopTokenCounts() {
    JoinHandle<Object> handle =
        loop.spawn(
            cx -> {
              cx.stopToken().pollStopped(cx);
              return Poll.pending();
            });

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    handle.cancel();
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
  }

  /** A registration of an earlier poll is still in the slot; it was not renewed in this one. */
  @Test
  void aRegistrationOfAnEarlierPollDoesNotCount() {
    WakerSlot slot = new WakerSlot();
    Waker[] waker = new Waker[1];
    loop.spawn(
        "lazy",
        cx -> {
          if (!slot.isRegistered()) {
            slot.register(cx, "an event");
            waker[0] = cx.waker("an event");
          }
          return Poll.pending();
        });
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);

    waker[0].wake();

    failsByName("lazy");
  }

  /** It may have come before this poll was begun: what it tells, nobody has looked at since. */
  @Test
  void aForeignWakeDuringThePollDoesNotCount() {
    Waker[] waker = new Waker[1];
    loop.spawn(
        "woken from outside",
        cx -> {
          if (waker[0] == null) {
            waker[0] = cx.waker("an event");
          } else {
            rig.elsewhere(waker[0]::wake);
          }
          return Poll.pending();
        });
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);

    waker[0].wake();

    failsByName("woken from outside");
  }

  @Test
  void aPendingJoinCounts() {
    JoinHandle<Object> never = loop.spawn(cx -> cx.park());
    Pollable<Object> join = never.join();
    loop.spawn("joins", cx -> join.poll(cx));

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
  }

  /** The rule goes down as far as there are contexts, and the message names the culprit. */
  @Test
  void theRuleIsAppliedAtEachLevelByName() {
    Pollable<Object> culprit =
        new Pollable<>() {
          @Override
          public Poll<Object> poll(Context cx) {
            return Poll.pending();
          }

          @Override
          public String toString() {
            return "culprit";
          }
        };
    loop.spawn(
        "top",
        cx -> {
          Context below = cx.withWaker(cx.waker("below"));
          return below.pollChild(
              c -> {
                c.waker("middle");
                return c.pollChild(culprit);
              });
        });

    failsByName("culprit");
  }

  /** Pigweed's Unschedule() left the wakers of earlier polls: here such a wake is a poll more. */
  @Test
  void aStaleWakeOfAParkedTaskPollsItOnceMoreAndHarmsNothing() {
    List<Integer> polls = new ArrayList<>();
    Waker[] stale = new Waker[1];
    JoinHandle<Object> handle =
        loop.spawn(
            cx -> {
              polls.add(polls.size());
              if (stale[0] == null) {
                stale[0] = cx.waker("an event");
                stale[0].wake();
                return Poll.pending();
              }
              return cx.park();
            });
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    assertThat(polls).hasSize(2);

    stale[0].wake();
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);

    assertThat(polls).hasSize(3);
    handle.cancel();
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
  }
}
