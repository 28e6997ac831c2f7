package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a poll may ask of its loop, also by way of a derived context. */
final class ContextTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher(options -> options.withBudget(3));
  private final List<Object> seen = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  @Test
  void itKnowsItsDispatcherItsTaskAndTheTime() {
    rig.time().advance(Duration.ofNanos(7));
    loop.spawn(
        "asker",
        cx -> {
          seen.add(cx.dispatcher());
          seen.add(cx.taskName());
          seen.add(cx.now());
          return Poll.ready();
        });

    loop.runUntilStalled();

    assertThat(seen).containsExactly(loop, "asker", 7L);
  }

  @Test
  void theReasonOfAWaitIsShownUntilTheNextPoll() {
    boolean[] second = {false};
    JoinHandle<Object> handle =
        loop.spawn(
            "waits",
            cx -> {
              cx.waker(second[0] ? "a second thing" : "a first thing");
              return Poll.pending();
            });
    List<Waker> wakers = new ArrayList<>();
    loop.spawn(
        "parked",
        cx -> {
          wakers.add(cx.waker("overwritten by park"));
          return cx.park();
        });
    loop.runUntilStalled();

    assertThat(loop.snapshot().tasks())
        .extracting(TaskSnapshot::name, TaskSnapshot::state, TaskSnapshot::waitReason)
        .containsExactly(
            tuple("waits", TaskSnapshot.State.SLEEPING, "a first thing"),
            tuple("parked", TaskSnapshot.State.SLEEPING, "parked"));

    loop.post(
        () -> {
          wakers.get(0).wake();
          TaskSnapshot queued = loop.snapshot().tasks().get(1);
          assertThat(queued.state()).isEqualTo(TaskSnapshot.State.QUEUED);
          assertThat(queued.waitReason()).isNull();
        });
    loop.runUntilStalled();
    assertThat(handle.isDone()).isFalse();
  }

  @Test
  void theStopTokenIsTheSameInEachPollAndBelow() {
    List<Waker> wakers = new ArrayList<>();
    loop.spawn(
        cx -> {
          seen.add(cx.stopToken());
          seen.add(cx.withWaker(Waker.none()).stopToken());
          wakers.add(cx.waker("the test"));
          return Poll.pending();
        });
    loop.runUntilStalled();
    wakers.get(0).wake();
    loop.runUntilStalled();

    assertThat(seen).hasSize(4).containsOnly(seen.get(0));
  }

  @Test
  void aTokenAskedForAfterTheCancelIsStopped() {
    List<JoinHandle<Object>> handles = new ArrayList<>();
    handles.add(
        loop.spawn(
            cx -> {
              handles.get(0).cancel();
              seen.add(cx.stopToken().isStopped());
              return Poll.pending();
            }));

    loop.runUntilStalled();

    assertThat(seen).containsExactly(true);
  }

  @Test
  void aCancelWakesATaskThatWaitsForItsTokenAndEndsIt() {
    JoinHandle<Object> handle =
        loop.spawn(
            cx -> {
              seen.add(cx.stopToken().pollStopped(cx).isReady());
              return Poll.pending();
            });
    loop.runUntilStalled();
    handle.cancel();

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
    assertThat(seen).containsExactly(false);
    assertThat(handle.isDone()).isTrue();
  }

  // ------------------------------------------------------------------ derived contexts

  @Test
  void aDerivedContextHandsOutItsOwnWaker() {
    int[] wakes = {0};
    Waker own = () -> wakes[0]++;
    loop.spawn(
        cx -> {
          Context derived = cx.withWaker(own);
          derived.waker("child").wake();
          derived.withWaker(Waker.none()).waker("grandchild").wake();
          seen.add(derived.waker("again"));
          seen.add(derived.taskName());
          seen.add(derived.dispatcher());
          return Poll.ready();
        });

    loop.runUntilStalled();

    assertThat(wakes[0]).isEqualTo(1);
    assertThat(seen.get(0)).isSameAs(own);
    assertThat(seen.get(2)).isSameAs(loop);
  }

  @Test
  void aDerivedContextKeepsItsOwnRecordOfAsking() {
    loop.spawn(
        "parent",
        cx -> {
          cx.withWaker(Waker.none()).waker("a child asked, which is not this task");
          return Poll.pending();
        });

    loop.runUntilStalled();

    assertThat(rig.takeUncaught())
        .singleElement()
        .satisfies(u -> assertThat(u.failure()).hasMessageContaining("'parent'"));
  }

  @Test
  void aDerivedContextAppliesTheRuleToItsChildren() {
    List<Throwable> thrown = new ArrayList<>();
    loop.spawn(
        "parent",
        cx -> {
          Context derived = cx.withWaker(Waker.none());
          derived.waker("asked for by somebody else");
          try {
            derived.pollChild(inner -> Poll.pending());
          } catch (IllegalStateException e) {
            thrown.add(e);
          }
          seen.add(derived.pollChild(inner -> inner.<String>park()).isPending());
          seen.add(derived.pollChild(inner -> Poll.ready("value")).value());
          return Poll.ready();
        });

    loop.runUntilStalled();

    assertThat(thrown)
        .singleElement()
        .satisfies(t -> assertThat(t).hasMessageContaining("'parent'"));
    assertThat(seen).containsExactly(true, "value");
  }

  @Test
  void aDerivedContextMayBeUsedAgainInTheNextPoll() {
    Context[] derived = new Context[1];
    int[] wakes = {0};
    loop.spawn(
        cx -> {
          if (derived[0] == null) {
            derived[0] = cx.withWaker(() -> wakes[0]++);
            cx.waker("itself").wake();
            return Poll.pending();
          }
          derived[0].waker("child").wake();
          seen.add(derived[0].now());
          return Poll.ready();
        });

    loop.runUntilStalled();

    assertThat(wakes[0]).isEqualTo(1);
    assertThat(seen).containsExactly(0L);
  }

  @Test
  void aBudgetSpentBelowADerivedContextWakesItsWaker() {
    int[] wakes = {0};
    loop.spawn(
        cx -> {
          Context derived = cx.withWaker(() -> wakes[0]++);
          seen.add(derived.tryProceed());
          seen.add(cx.tryProceed());
          seen.add(derived.tryProceed());
          seen.add(derived.tryProceed());
          seen.add(derived.isBudgetSpent());
          return Poll.ready();
        });

    loop.runUntilStalled();

    assertThat(seen).containsExactly(true, true, true, false, true);
    assertThat(wakes[0]).isEqualTo(1);
  }

  /** Three steps were granted, none was refused: a time-out may fire. */
  @Test
  void theBudgetCountsAsSpentOnlyOnceALeafWasRefused() {
    loop.spawn(
        cx -> {
          cx.tryProceed();
          cx.tryProceed();
          cx.tryProceed();
          seen.add(cx.isBudgetSpent());
          cx.tryProceed();
          seen.add(cx.isBudgetSpent());
          return Poll.ready();
        });

    loop.runUntilStalled();

    assertThat(seen).containsExactly(false, true);
  }

  // ------------------------------------------------------------------ pollChild

  @Test
  void aChildThatThrowsDoesNotUndoThatItsParentHasAsked() {
    JoinHandle<Object> handle =
        loop.spawn(
            cx -> {
              cx.waker("asked before");
              Context derived = cx.withWaker(Waker.none());
              derived.waker("asked before, too");
              for (Context each : List.of(cx, derived)) {
                try {
                  each.pollChild(
                      inner -> {
                        throw new IllegalArgumentException("expected");
                      });
                } catch (IllegalArgumentException expected) {
                  // the parent goes on, and waits for something else
                }
              }
              return Poll.pending();
            });

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    assertThat(handle.isDone()).isFalse();
  }

  @Test
  void aParentMayReturnPendingOnTheWordOfItsChild() {
    JoinHandle<Object> handle =
        loop.spawn(
            cx ->
                cx.pollChild(
                    inner -> {
                      inner.waker("something");
                      return Poll.pending();
                    }));

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    assertThat(handle.isDone()).isFalse();
  }

  @Test
  void aChildThatAskedExcusesNoSecondChild() {
    loop.spawn(
        "parent",
        cx -> {
          cx.pollChild(
              inner -> {
                inner.waker("something");
                return Poll.pending();
              });
          return cx.pollChild(inner -> Poll.pending());
        });

    loop.runUntilStalled();

    assertThat(rig.takeUncaught())
        .singleElement()
        .satisfies(u -> assertThat(u.failure()).isInstanceOf(IllegalStateException.class));
  }
}
