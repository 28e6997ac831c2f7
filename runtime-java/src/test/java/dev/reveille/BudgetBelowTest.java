package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The budget below a task: children with wakers of their own, time-outs, refusals. */
final class BudgetBelowTest {
  private final Rig rig = new Rig(BasicDispatcher::new);

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  // ------------------------------------------------------------------ schedulers below the loop

  /** Polls only the children that were woken, each with a waker of its own: a small PollableSet. */
  private static final class Children implements Pollable<Complete> {
    final List<Greedy> greedy;
    final boolean[] woken;
    final boolean[] done;
    final List<Integer> stepsPerPoll = new ArrayList<>();
    int first;

    Children(int count, int goal) {
      greedy = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        greedy.add(new Greedy(goal));
      }
      woken = new boolean[count];
      done = new boolean[count];
      Arrays.fill(woken, true);
    }

    private int steps() {
      return greedy.stream().mapToInt(g -> g.steps).sum();
    }

    @Override
    public Poll<Complete> poll(Context cx) throws Exception {
      int before = steps();
      Waker parent = cx.waker("children");
      boolean all = true;
      for (int n = 0; n < woken.length; n++) {
        int i = (first + n) % woken.length;
        if (woken[i] && !done[i]) {
          woken[i] = false;
          Context child =
              cx.withWaker(
                  () -> {
                    woken[i] = true;
                    parent.wake();
                  });
          done[i] = child.pollChild(greedy.get(i)).isReady();
        }
        all &= done[i];
      }
      first++;
      stepsPerPoll.add(steps() - before);
      return all ? Poll.ready() : Poll.pending();
    }
  }

  /** "kept by the loop (not a thread-local, not in a derived context)" */
  @Test
  void allChildrenOfATaskShareTheOneBudgetOfItsPoll() {
    RunnableDispatcher loop = rig.dispatcher(options -> options.withBudget(100));
    Children children = new Children(3, 300);
    JoinHandle<Complete> handle = loop.spawn("set", children);

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(handle.isDone()).isTrue();
    assertThat(children.stepsPerPoll).hasSize(9).containsOnly(100);
  }

  /** Who was refused is woken by its own waker: it is polled again, and the others are not. */
  @Test
  void aChildThatWasRefusedIsPolledAgain() {
    RunnableDispatcher loop = rig.dispatcher(options -> options.withBudget(100));
    Children children = new Children(3, 60);
    loop.spawn("set", children);

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(children.stepsPerPoll).containsExactly(100, 80);
    assertThat(children.greedy).extracting(g -> g.polls).containsExactly(1, 2, 2);
  }

  // ------------------------------------------------------------------ time-outs

  /** A time-out as DESIGN 3.4 wants it: the inner one first, and no time-out for lack of budget. */
  private static final class TimedOut<T extends @Nullable Object> implements Pollable<T> {
    final Pollable<T> inner;
    final Timer timer;

    TimedOut(Pollable<T> inner, Timer timer) {
      this.inner = inner;
      this.timer = timer;
    }

    @Override
    public Poll<T> poll(Context cx) throws Exception {
      Poll<T> poll = inner.poll(cx);
      if (poll.isReady() || cx.isBudgetSpent()) {
        return poll;
      }
      if (timer.poll(cx).isReady()) {
        throw new TimeoutException();
      }
      return poll;
    }
  }

  /** tokio: a Timeout polls its delay unconstrained, and fired though the inner one could go on. */
  @Test
  void aTimeOutDoesNotFireInAPollInWhichTheBudgetRanOut() {
    RunnableDispatcher loop = rig.dispatcher(options -> options.withBudget(10));
    Timer timer = new Timer(loop);
    timer.reset(Duration.ZERO);
    Greedy greedy = new Greedy(35);
    JoinHandle<Integer> handle = loop.spawn("timed", new TimedOut<>(greedy, timer));

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(timer.hasFired()).isTrue();
    assertThat(handle.toCompletableFuture()).isCompletedWithValue(35);
    assertThat(greedy.polls).isEqualTo(4);
  }

  /** The same where the inner one is polled with a waker of its own. */
  @Test
  void theLackOfBudgetIsSeenThroughADerivedContext() {
    RunnableDispatcher loop = rig.dispatcher(options -> options.withBudget(10));
    Timer timer = new Timer(loop);
    timer.reset(Duration.ZERO);
    Greedy greedy = new Greedy(35);
    Pollable<Integer> derived = cx -> greedy.poll(cx.withWaker(cx.waker("derived")));
    JoinHandle<Integer> handle = loop.spawn("timed", new TimedOut<>(derived, timer));

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(handle.toCompletableFuture()).isCompletedWithValue(35);
  }

  @Test
  void aTimeOutFiresInTheFirstPollInWhichTheInnerOneReallyWaits() {
    RunnableDispatcher loop = rig.dispatcher(options -> options.withBudget(10));
    Timer timer = new Timer(loop);
    timer.reset(Duration.ZERO);
    Greedy greedy = new Greedy(35);
    Pollable<Integer> thenWaits =
        cx -> {
          greedy.poll(cx);
          return greedy.steps < 35 ? Poll.pending() : cx.park();
        };
    JoinHandle<Integer> handle = loop.spawn("timed", new TimedOut<>(thenWaits, timer));
    var future = handle.toCompletableFuture();

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(greedy.steps).isEqualTo(35);
    assertThat(future).isCompletedExceptionally();
  }

  // ------------------------------------------------------------------ refusals lose nothing

  /** Told no, the leaf is woken at once, so its task may return Pending on that word alone. */
  @Test
  void aRefusalIsAWakeAndALicenceToReturnPending() {
    RunnableDispatcher loop = rig.dispatcher(options -> options.withBudget(1));
    int[] polls = {0};
    JoinHandle<String> handle =
        loop.spawn(
            cx -> {
              polls[0]++;
              cx.tryProceed();
              return polls[0] < 3 && !cx.tryProceed() ? Poll.pending() : Poll.ready("value");
            });

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(handle.toCompletableFuture()).isCompletedWithValue("value");
    assertThat(polls[0]).isEqualTo(3);
  }

  /** Whoever is refused again and again in one poll is queued once. */
  @Test
  void manyRefusalsInOnePollMakeOnePoll() {
    RunnableDispatcher loop = rig.dispatcher(options -> options.withBudget(1));
    int[] polls = {0};
    loop.spawn(
        cx -> {
          if (++polls[0] == 2) {
            return Poll.ready();
          }
          for (int i = 0; i < 10; i++) {
            cx.tryProceed();
          }
          return Poll.pending();
        });

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(loop.lastRunSteps()).isEqualTo(2);
  }

  /** A cancel is carried out also of a task that never sleeps. */
  @Test
  void aTaskThatNeverSleepsIsEndedByItsCancel() {
    RunnableDispatcher loop = rig.dispatcher();
    Greedy greedy = new Greedy(Integer.MAX_VALUE);
    JoinHandle<Integer> handle = loop.spawn("greedy", greedy);
    loop.post(() -> rig.elsewhere(handle::cancel));

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(greedy.polls).isLessThanOrEqualTo(64);
    assertThat(handle.toCompletableFuture()).isCancelled();
  }
}
