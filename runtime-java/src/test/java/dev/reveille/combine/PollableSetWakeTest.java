package dev.reveille.combine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Waker;
import dev.reveille.contract.Rig;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who is polled when, and who is woken. */
final class PollableSetWakeTest {
  private static final int MANY = 10_000;

  private final Bench bench = new Bench();
  private final PollableSet<String> set = new PollableSet<>();
  private final Probe<String> a = Probe.pending("a");
  private final Probe<String> b = Probe.pending("b");

  @AfterEach
  void closeTheBench() throws Exception {
    bench.close();
  }

  /** Takes what comes until the set is empty. */
  private Pollable<Complete> drain() {
    return cx -> {
      for (; ; ) {
        Poll<@Nullable Outcome<String>> poll = set.pollNext(cx);
        if (poll.isPending()) {
          return Poll.pending();
        }
        if (poll.value() == null) {
          return Poll.ready();
        }
      }
    };
  }

  private long taskPolls() {
    return bench.loop.snapshot().taskPolls();
  }

  @Test
  void ofTenThousandChildrenOneWakePollsOne() {
    List<Probe<String>> children = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      Probe<String> child = Probe.pending("child " + i);
      children.add(child);
      set.add(child);
    }
    bench.start(drain());
    assertThat(children).allMatch(child -> child.polls == 1);

    long polls = taskPolls();
    children.get(4711).waker.wake();
    bench.run();

    assertThat(children.get(4711).polls).isEqualTo(2);
    assertThat(children.stream().mapToInt(child -> child.polls).sum()).isEqualTo(MANY + 1);
    assertThat(taskPolls()).isEqualTo(polls + 1);
  }

  @Test
  void wakesBeforeThePollAreOnePoll() {
    set.add(a);
    bench.start(drain());
    long polls = taskPolls();
    for (int i = 0; i < 5; i++) {
      a.waker.wake();
    }
    bench.run();

    assertThat(a.polls).isEqualTo(2);
    assertThat(taskPolls()).isEqualTo(polls + 1);
  }

  @Test
  void aChildKeepsItsWakerAndTwoHaveDifferentOnes() {
    set.add(a);
    set.add(b);
    bench.start(drain());
    Waker first = a.waker;
    a.waker.wake();
    bench.run();

    assertThat(a.waker).isSameAs(first).isNotSameAs(b.waker);
  }

  @Test
  void theWokenArePolledInTheOrderOfTheirWakes() {
    List<String> log = new ArrayList<>();
    List<Probe<String>> children = new ArrayList<>();
    for (String name : List.of("0", "1", "2", "3")) {
      Probe<String> child = Probe.<String>pending(name).loggingTo(log);
      children.add(child);
      set.add(child);
    }
    bench.start(drain());
    log.clear();
    for (int i : new int[] {2, 0, 3, 2}) {
      children.get(i).waker.wake();
    }
    bench.run();

    assertThat(log).containsExactly("2", "0", "3");
  }

  @Test
  void aWakeDuringTheChildsOwnPollIsOneMorePoll() {
    int[] polls = new int[1];
    set.add(
        cx -> {
          Waker waker = cx.waker("itself");
          if (polls[0]++ == 0) {
            waker.wake();
            waker.wake();
          }
          return Poll.pending();
        });
    bench.start(drain());

    assertThat(polls[0]).isEqualTo(2);
  }

  // ------------------------------------------------------------------ fairness

  @Test
  void aChildThatAlwaysWakesItselfStarvesNoSibling() {
    int[] polls = new int[1];
    set.add(
        cx -> {
          polls[0]++;
          cx.waker("itself").wake();
          return Poll.pending();
        });
    set.add(a);
    bench.loop.spawn("owner", drain());
    bench.loop.runUntilStalled(1);
    assertThat(a.polls).isEqualTo(1);
    int before = polls[0];
    a.waker.wake();
    bench.loop.runUntilStalled(1);

    assertThat(a.polls).isEqualTo(2);
    assertThat(before).isPositive();
  }

  /** futures #2047, #2526, tokio #2390: a set that goes on as long as children are ready. */
  @Test
  void norAnythingElseOnTheLoop() {
    set.add(
        cx -> {
          cx.waker("itself").wake();
          return Poll.pending();
        });
    bench.loop.spawn("owner", drain());
    int[] neighbour = new int[1];
    bench.loop.spawn(
        "neighbour",
        cx -> {
          neighbour[0]++;
          cx.waker("itself").wake();
          return Poll.pending();
        });
    bench.loop.runUntilStalled(20);

    assertThat(neighbour[0]).isEqualTo(10);
  }

  @Test
  void aTurnPollsAsManyChildrenAsItsBudgetAllowsAndLosesNone() throws Exception {
    RunnableDispatcher small = bench.rig.dispatcher(options -> options.withBudget(10));
    List<Probe<String>> children = new ArrayList<>();
    for (int i = 0; i < 35; i++) {
      Probe<String> child = Probe.ready("child " + i, "");
      children.add(child);
      set.add(child);
    }
    small.spawn("owner", drain());
    List<Integer> left = new ArrayList<>();
    for (int turn = 0; turn < 4; turn++) {
      small.runUntilStalled(1);
      left.add(set.size());
    }

    assertThat(left).containsExactly(25, 15, 5, 0);
    assertThat(children).allMatch(child -> child.polls == 1);
  }

  @Test
  void aChildThatIsRefusedItsBudgetIsPolledAgain() {
    int[] steps = new int[1];
    set.add(
        cx -> {
          while (cx.tryProceed()) {
            if (++steps[0] == 1_000) {
              return Poll.ready("value");
            }
          }
          return Poll.pending();
        });

    assertThat(bench.start(drain()).isDone()).isTrue();
  }

  // ------------------------------------------------------------------ moving

  @Test
  void aSetThatMovesToAnotherTaskAndBackWakesTheOneThatHasIt() {
    set.add(a);
    set.add(b);
    int[] owner = {1};
    int[] polls = new int[3];
    Waker[] wakers = new Waker[3];
    List<@Nullable Outcome<String>> got = new ArrayList<>();
    for (int i = 1; i <= 2; i++) {
      int me = i;
      bench.loop.spawn(
          "task " + i,
          cx -> {
            polls[me]++;
            wakers[me] = cx.waker("the set");
            if (owner[0] != me) {
              return Poll.pending();
            }
            Poll<@Nullable Outcome<String>> poll = set.pollNext(cx);
            if (poll.isReady()) {
              got.add(poll.value());
              return cx.park();
            }
            return Poll.pending();
          });
    }
    bench.run();
    for (int to : new int[] {2, 1, 2, 1, 2}) {
      owner[0] = to;
      wakers[to].wake();
      bench.run();
    }
    int before1 = polls[1];
    int before2 = polls[2];
    a.waker.wake();
    bench.run();
    assertThat(polls[1]).isEqualTo(before1);
    assertThat(polls[2]).isEqualTo(before2 + 1);
    b.complete("B");
    bench.run();

    assertThat(got).containsExactly(new Outcome.Success<>(b, "B"));
  }

  // ------------------------------------------------------------------ late wakers

  @Test
  void aLateWakerOfAFinishedChildWakesNobody() {
    set.add(a);
    set.add(b);
    bench.start(drain());
    Waker late = a.waker;
    a.complete("A");
    bench.run();
    long polls = taskPolls();
    late.wake();
    bench.run();

    assertThat(taskPolls()).isEqualTo(polls);
    assertThat(b.polls).isEqualTo(1);
    assertThat(late).hasToString("child of a PollableSet that has ended");
  }

  @Test
  void andOneThatWasWokenInItsLastPollIsNotPolledAgain() {
    int[] polls = new int[1];
    set.add(b);
    set.add(
        cx -> {
          cx.waker("itself").wake();
          polls[0]++;
          return Poll.ready("value");
        });
    bench.start(drain());

    assertThat(polls[0]).isEqualTo(1);
    assertThat(b.polls).isEqualTo(1);
  }

  /** A child that leaves its waker with somebody who never lets it go. */
  private static final class Leaky implements Pollable<String> {
    final List<Waker> kept;
    boolean ready;

    Leaky(List<Waker> kept) {
      this.kept = kept;
    }

    @Override
    public Poll<String> poll(Context cx) {
      kept.add(cx.waker("leaky"));
      return ready ? Poll.ready("value") : Poll.pending();
    }
  }

  @Test
  void aLateWakerKeepsNeitherTheChildAliveNorTheSet() {
    List<Waker> kept = new ArrayList<>();
    List<WeakReference<?>> dead = new ArrayList<>();
    runASetToItsEnd(kept, dead);

    assertThat(kept).hasSize(4);
    assertThat(Rig.collectGarbageUntil(() -> dead.stream().allMatch(ref -> ref.get() == null)))
        .isTrue();
    kept.forEach(Waker::wake);
  }

  /** One child finishes, with a wake behind it, the other one is cancelled. */
  private void runASetToItsEnd(List<Waker> kept, List<WeakReference<?>> dead) {
    PollableSet<String> own = new PollableSet<>();
    Leaky finishes = new Leaky(kept);
    Leaky cancelled = new Leaky(kept);
    own.add(finishes);
    own.add(cancelled);
    bench.start(own.next());
    finishes.ready = true;
    kept.get(1).wake();
    kept.get(0).wake();
    bench.run();
    kept.get(1).wake();
    own.cancelAll();
    dead.add(new WeakReference<>(finishes));
    dead.add(new WeakReference<>(cancelled));
    dead.add(new WeakReference<>(own));
  }
}
