package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.contract.Rig;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A task that never sleeps holds up nobody for longer than the budget says: counted in steps, not
 * in time. What tokio calls coop; the numbers are the defaults, 128 steps a poll and 64 polls a
 * turn.
 */
final class BudgetTest {
  private static final int BUDGET = 128;
  private static final int TURN = 64;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  // ------------------------------------------------------------------ nobody starves beside it

  @Test
  void aNeighbourIsPolledBetweenAnyTwoOfItsPolls() {
    RunnableDispatcher loop = rig.dispatcher();
    Greedy greedy = new Greedy(Integer.MAX_VALUE);
    loop.spawn("greedy", greedy);
    int[] polls = {0};
    loop.spawn(
        "neighbour",
        cx -> {
          assertThat(greedy.steps).isEqualTo(++polls[0] * BUDGET);
          if (polls[0] == 100) {
            loop.stop();
          }
          cx.waker("itself").wake();
          return Poll.pending();
        });

    assertThat(loop.run()).isEqualTo(RunOutcome.STOPPED);

    assertThat(polls[0]).isEqualTo(100);
    assertThat(greedy.steps).isEqualTo(100 * BUDGET);
  }

  @Test
  void aCallbackRunsBetweenAnyTwoOfItsPolls() {
    RunnableDispatcher loop = rig.dispatcher();
    Greedy greedy = new Greedy(Integer.MAX_VALUE);
    int[] runs = {0};
    Runnable[] again = new Runnable[1];
    again[0] =
        () -> {
          assertThat(greedy.steps).isEqualTo(++runs[0] * BUDGET);
          if (runs[0] == 100) {
            loop.stop();
          } else {
            loop.post(again[0]);
          }
        };
    loop.spawn("greedy", greedy);
    loop.post(again[0]);

    assertThat(loop.run()).isEqualTo(RunOutcome.STOPPED);

    assertThat(runs[0]).isEqualTo(100);
  }

  /** A clock that goes by one nanosecond a look: the deadline is so many looks away. */
  @Test
  void timersFireOnTimeInLooks() {
    AtomicLong now = new AtomicLong();
    RunnableDispatcher loop = rig.dispatcher(options -> options.withTicker(now::getAndIncrement));
    long start = now.get();
    int looks = 10;
    Greedy greedy = new Greedy(Integer.MAX_VALUE);
    Timer timer = new Timer(loop);
    timer.resetAt(start + looks);
    int[] stepsWhenFired = {-1};
    loop.spawn(
        "waits",
        cx -> {
          Poll<Complete> poll = timer.poll(cx);
          if (poll.isReady()) {
            stepsWhenFired[0] = greedy.steps;
          }
          return poll;
        });
    loop.spawn("greedy", greedy);
    loop.postAt(start + looks, loop::stop);

    assertThat(loop.run()).isEqualTo(RunOutcome.STOPPED);

    assertThat(stepsWhenFired[0]).isBetween(0, looks * TURN * BUDGET);
    assertThat(greedy.steps).isBetween((looks - 2) * TURN * BUDGET, (looks + 1) * TURN * BUDGET);
  }

  @Test
  void whatOthersPostAndWakeIsTakenWithinATurn() {
    RunnableDispatcher loop = rig.dispatcher();
    Waker[] sleeper = new Waker[1];
    Greedy[] greedy = new Greedy[1];
    int[] stepsWhenAsked = {0};
    loop.spawn(
        "sleeper",
        cx -> {
          if (sleeper[0] != null) {
            log.add("woken");
            assertThat(greedy[0].steps - stepsWhenAsked[0]).isLessThanOrEqualTo(TURN * BUDGET);
            loop.stop();
          }
          sleeper[0] = cx.waker("a foreign thread");
          return Poll.pending();
        });
    greedy[0] =
        new Greedy(
            Integer.MAX_VALUE,
            () -> {
              if (greedy[0].steps == 1_000) {
                stepsWhenAsked[0] = greedy[0].steps;
                rig.elsewhere(() -> loop.post(() -> log.add("posted")));
                rig.elsewhere(sleeper[0]::wake);
              }
            });
    loop.spawn("greedy", greedy[0]);

    assertThat(loop.run()).isEqualTo(RunOutcome.STOPPED);

    assertThat(log).containsExactly("posted", "woken");
  }

  /** A hundred of them share the loop evenly. */
  @Test
  void theGreedyAreFairToEachOther() {
    RunnableDispatcher loop = rig.dispatcher();
    List<Greedy> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Greedy greedy = new Greedy(Integer.MAX_VALUE);
      all.add(greedy);
      loop.spawn("greedy " + i, greedy);
    }

    assertThat(loop.runUntilStalled(100 * 10)).isEqualTo(RunOutcome.STEP_LIMIT);

    assertThat(all).allMatch(greedy -> greedy.steps == 10 * BUDGET);
  }

  // ------------------------------------------------------------------ one budget an entry

  /** What is dispatched runs in the entry that dispatches it, and so on its budget. */
  @Test
  void whatACallbackDispatchesSharesTheBudgetOfTheCallback() {
    RunnableDispatcher loop = rig.dispatcher(options -> options.withBudget(10));
    Greedy first = new Greedy(7);
    Greedy second = new Greedy(7);
    loop.post(
        () -> {
          loop.dispatch(first.asTask("first"));
          loop.dispatch(second.asTask("second"));
          log.add(first.steps + " and " + second.steps);
        });
    loop.post(() -> log.add("next: " + second.steps));

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(log).containsExactly("7 and 3", "next: 3");
    assertThat(second.steps).isEqualTo(7);
    assertThat(second.polls).isEqualTo(2);
  }

  @Test
  void whatAPollDispatchesSharesTheBudgetOfThePoll() {
    RunnableDispatcher loop = rig.dispatcher(options -> options.withBudget(10));
    Greedy inner = new Greedy(7);
    Greedy outer = new Greedy(7);
    loop.spawn(
        "outer",
        cx -> {
          if (inner.polls == 0) {
            loop.dispatch(inner.asTask("inner"));
          }
          return outer.poll(cx);
        });

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(List.of(inner.polls, outer.polls)).containsExactly(1, 2);
  }

  /** A block of an adapter (a coroutine segment, say) is an entry like the others. */
  @Test
  void eachCallbackAndEachBlockHasAFullBudget() {
    RunnableDispatcher loop = rig.dispatcher(options -> options.withBudget(10));
    BlockOwner owner =
        new BlockOwner("segment") {
          @Override
          protected void giveBack(Runnable block) {
            throw new AssertionError("given back");
          }
        };
    List<Greedy> all = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      Greedy greedy = new Greedy(10);
      all.add(greedy);
      Runnable entry = () -> loop.dispatch(greedy.asTask("greedy"));
      if (i % 2 == 0) {
        loop.post(entry);
      } else {
        loop.post(owner, entry);
      }
    }

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(all).allMatch(greedy -> greedy.steps == 10 && greedy.polls == 1);
  }

  @Test
  void aBudgetThatWasSpentIsFullInTheNextEntryWhoseverThatIs() {
    RunnableDispatcher loop = rig.dispatcher(options -> options.withBudget(10));
    loop.spawn("greedy", new Greedy(15));
    for (String name : List.of("a", "b")) {
      loop.spawn(
          name,
          cx -> {
            log.add(name + ": " + cx.isBudgetSpent() + ", " + cx.tryProceed());
            return Poll.ready();
          });
    }

    loop.runUntilStalled();

    assertThat(log).containsExactly("a: false, true", "b: false, true");
  }

  /** Steps that nobody took are not saved up: it is a limit, not an allowance. */
  @Test
  void aBudgetThatWasNotSpentIsNotSavedUp() {
    RunnableDispatcher loop = rig.dispatcher(options -> options.withBudget(10));
    Greedy greedy = new Greedy(15);
    boolean[] waited = {false};
    loop.spawn(
        cx -> {
          if (!waited[0]) {
            waited[0] = true;
            cx.waker("itself").wake();
            return Poll.pending();
          }
          return greedy.poll(cx);
        });

    loop.runUntilStalled();

    assertThat(greedy.polls).isEqualTo(2);
  }
}
