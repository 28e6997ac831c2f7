package dev.reveille.combine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Waker;
import dev.reveille.WakerSlot;
import dev.reveille.contract.Rig;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Wakers that are called by other threads: no wake is lost, and what was written before is seen.
 */
final class PollableSetHammerTest {
  private static final int THREADS = 3;
  private static final int CHILDREN = 50;
  private static final int EVENTS = 30_000;

  private final Rig rig = new Rig(BasicDispatcher::new);

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  /** Counts to a number that only the wakes let it see: the count itself is a plain field. */
  private static final class Counter implements Pollable<Integer> {
    final int end;
    final AtomicInteger turn = new AtomicInteger();

    /** Written by whoever has the turn, before the wake. */
    int count;

    volatile Waker waker = Waker.none();
    int seen;

    Counter(int end) {
      this.end = end;
    }

    /** From any thread: one more, and a wake. */
    void count() {
      while (!turn.compareAndSet(0, 1)) {
        Thread.onSpinWait();
      }
      count++;
      turn.set(0);
      waker.wake();
    }

    @Override
    public Poll<Integer> poll(Context cx) {
      waker = cx.waker("the count"); // the same one each time
      seen = count; // racy on purpose: only the wakes order it
      return seen == end ? Poll.ready(seen) : Poll.pending();
    }
  }

  @Test
  void everyChildSeesItsLastEventThoughOnlyWakesOrderIt() throws Exception {
    RunnableDispatcher loop = rig.onSystemClock();
    PollableSet<Integer> set = new PollableSet<>();
    List<Counter> counters = new ArrayList<>();
    for (int i = 0; i < CHILDREN; i++) {
      Counter counter = new Counter(EVENTS / CHILDREN * THREADS);
      counters.add(counter);
      set.add(counter);
    }
    JoinHandle<Integer> sum = loop.spawn("owner", summing(set));
    rig.drive(loop, RunnableDispatcher::runToCompletion);
    List<FutureTask<Boolean>> threads = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      int seed = t;
      threads.add(rig.start("source " + t, () -> hammer(counters, seed)));
    }
    for (FutureTask<Boolean> thread : threads) {
      Rig.await(thread);
    }

    int total = sum.toCompletableFuture().get(Rig.PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
    assertThat(total).isEqualTo(EVENTS / CHILDREN * THREADS * CHILDREN);
    assertThat(set.isEmpty()).isTrue();
  }

  private static boolean hammer(List<Counter> counters, int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < EVENTS / CHILDREN; i++) {
      int from = random.nextInt(CHILDREN);
      for (int k = 0; k < CHILDREN; k++) {
        counters.get((from + k) % CHILDREN).count();
      }
    }
    return true;
  }

  private static Pollable<Integer> summing(PollableSet<Integer> set) {
    int[] sum = new int[1];
    return cx -> {
      for (; ; ) {
        Poll<@Nullable Outcome<Integer>> poll = set.pollNext(cx);
        if (poll.isPending()) {
          return Poll.pending();
        }
        Outcome<Integer> outcome = poll.value();
        if (outcome == null) {
          return Poll.ready(sum[0]);
        }
        sum[0] += outcome.get();
      }
    };
  }

  /** A round trip a time: each wake meets a loop that is going to sleep. */
  @Test
  void aWakeThatMeetsTheOwnerGoingToSleepIsNotLost() throws Exception {
    RunnableDispatcher loop = rig.onSystemClock();
    PollableSet<String> set = new PollableSet<>();
    WakerSlot slot = new WakerSlot();
    AtomicInteger asked = new AtomicInteger();
    AtomicInteger answered = new AtomicInteger();
    int rounds = 20_000;
    set.add(Pollables.defer(() -> cx -> cx.park()));
    set.add(
        cx -> {
          slot.register(cx, "a question");
          int question = asked.get();
          answered.set(question);
          return question == rounds ? Poll.ready("done") : Poll.pending();
        });
    JoinHandle<Complete> handle =
        loop.spawn("owner", Pollables.map(set.next(), outcome -> Complete.COMPLETE));
    rig.drive(loop, RunnableDispatcher::runToCompletion);
    FutureTask<Boolean> questions =
        rig.start(
            "questions",
            () -> {
              long start = System.nanoTime();
              for (int i = 1; i <= rounds; i++) {
                asked.set(i);
                slot.wake();
                while (answered.get() < i) {
                  if (System.nanoTime() - start > Rig.PATIENCE.toNanos()) {
                    return false;
                  }
                  Thread.onSpinWait();
                }
              }
              return true;
            });

    assertThat(Rig.await(questions)).isTrue();
    handle.toCompletableFuture().get(Rig.PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** The set goes from task to task with every outcome, while others wake its children. */
  @Test
  void aSetThatMovesWhileItsChildrenAreWokenLosesNothing() throws Exception {
    RunnableDispatcher loop = rig.onSystemClock();
    PollableSet<Integer> set = new PollableSet<>();
    List<Counter> counters = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      Counter counter = new Counter(1);
      counters.add(counter);
      set.add(counter);
    }
    AtomicInteger finished = new AtomicInteger();
    JoinHandle<Complete> handle =
        loop.spawn(
            "relay",
            cx -> {
              passOn(cx, set, finished);
              return Poll.ready();
            });
    rig.drive(loop, RunnableDispatcher::runToCompletion);
    List<FutureTask<Boolean>> threads = new ArrayList<>();
    for (int t = 0; t < 2; t++) {
      int half = t;
      threads.add(
          rig.start(
              "source " + t,
              () -> {
                for (int i = half; i < counters.size(); i += 2) {
                  counters.get(i).count();
                }
                return true;
              }));
    }
    for (FutureTask<Boolean> thread : threads) {
      Rig.await(thread);
    }
    handle.toCompletableFuture().get(Rig.PATIENCE.toNanos(), TimeUnit.NANOSECONDS);

    Rig.awaitState("all have finished", () -> finished.get() == counters.size());
  }

  private static void passOn(Context cx, PollableSet<Integer> set, AtomicInteger finished) {
    cx.dispatcher()
        .spawn(
            "next owner",
            inner -> {
              Poll<@Nullable Outcome<Integer>> poll = set.pollNext(inner);
              if (poll.isPending()) {
                return Poll.pending();
              }
              if (poll.value() != null) {
                finished.getAndIncrement();
                passOn(inner, set, finished);
              }
              return Poll.ready();
            });
  }
}
