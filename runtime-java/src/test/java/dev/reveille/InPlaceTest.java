package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.reveille.contract.Rig;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What the loop offers to adapters so that they need not queue: {@link Dispatcher#tryYieldInPlace}
 * and {@link Dispatcher#tryDispatch}.
 */
final class InPlaceTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.onSystemClock();
  private final List<String> log = new ArrayList<>();

  private static final class Adapter extends BlockOwner {
    Adapter() {
      super("adapter");
    }

    @Override
    protected void giveBack(Runnable block) {
      throw new AssertionError("no blocks in this test");
    }
  }

  private final Adapter adapter = new Adapter();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  // ------------------------------------------------------------------ tryYieldInPlace

  /** Yields in place for as long as it may; returns how often. */
  private int yields() {
    int n = 0;
    while (loop.tryYieldInPlace()) {
      n++;
    }
    return n;
  }

  private void inATask(Runnable body) {
    loop.spawn(
        "yielding",
        cx -> {
          body.run();
          return Poll.ready();
        });
    loop.runUntilStalled();
  }

  @Test
  void aloneATaskGoesOnUntilTheLoopLooksOutside() {
    inATask(() -> log.add("yields: " + yields()));
    assertThat(log).containsExactly("yields: 63");
    assertThat(loop.lastRunSteps()).isEqualTo(64);
    assertThat(loop.snapshot().taskPolls()).isEqualTo(64);
  }

  @Test
  void whatIsQueuedComesFirst() {
    inATask(
        () -> {
          loop.post(() -> log.add("callback"));
          log.add("yields: " + yields());
        });
    assertThat(log).containsExactly("yields: 0", "callback");
  }

  @Test
  void whatAForeignThreadLeftComesFirst() {
    inATask(
        () -> {
          Thread foreign = new Thread(() -> loop.post(() -> log.add("callback")));
          foreign.start();
          try {
            foreign.join();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
          log.add("yields: " + yields());
        });
    assertThat(log).containsExactly("yields: 0", "callback");
  }

  @Test
  void aStopComesFirst() {
    inATask(
        () -> {
          loop.stop();
          log.add("yields: " + yields());
        });
    assertThat(log).containsExactly("yields: 0");
  }

  @Test
  void withinAPollThatWasDispatchedTheOuterOneComesFirst() {
    inATask(
        () ->
            loop.dispatch(
                new Task("inner") {
                  @Override
                  protected Poll<Complete> doPoll(Context cx) {
                    log.add("yields: " + yields());
                    return Poll.ready();
                  }
                }));
    assertThat(log).containsExactly("yields: 0");
  }

  @Test
  void elsewhereItIsRefused() {
    assertThat(loop.tryYieldInPlace()).isFalse();
    loop.post(() -> log.add("yields: " + yields()));
    loop.runUntilStalled();
    assertThat(log).containsExactly("yields: 0");
  }

  @Test
  void theStepLimitCountsIt() {
    loop.spawn(
        "restless",
        cx -> {
          yields();
          cx.waker("itself").wake();
          return Poll.pending();
        });
    assertThat(loop.runUntilStalled(100)).isEqualTo(RunOutcome.STEP_LIMIT);
    assertThat(loop.lastRunSteps()).isEqualTo(100);
  }

  @Test
  void timersFireAlthoughItNeverStops() {
    boolean[] fired = {false};
    loop.postAfter(Duration.ofMillis(5), () -> fired[0] = true);
    loop.spawn(
        "restless",
        cx -> {
          if (fired[0]) {
            return Poll.ready();
          }
          yields();
          cx.waker("itself").wake();
          return Poll.pending();
        });
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
    assertThat(fired[0]).isTrue();
  }

  @Test
  void theBudgetBeginsAnew() {
    loop.spawn(
        "greedy",
        cx -> {
          while (cx.tryProceed()) {
            log.clear();
          }
          log.add("spent: " + cx.isBudgetSpent()); // the task has been woken by now
          return Poll.pending();
        });
    loop.runUntilStalled(1);
    assertThat(log).containsExactly("spent: true");

    loop.shutdownNow();
    RunnableDispatcher other = rig.onSystemClock();
    other.spawn(
        "thrifty",
        cx -> {
          for (int i = 0; i < 60; i++) {
            for (int j = 0; j < 20; j++) {
              assertThat(cx.tryProceed()).isTrue();
            }
            assertThat(other.tryYieldInPlace()).isTrue();
          }
          log.add("done");
          return Poll.ready();
        });
    other.runUntilStalled();
    assertThat(log).endsWith("done");
  }

  // ------------------------------------------------------------------ tryDispatch

  /** Ends in its first poll. */
  private class Ready extends Task {
    @Override
    protected void init() {
      log.add("init");
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      log.add(cx.taskName());
      return Poll.ready();
    }

    @Override
    protected void cleanup() {
      log.add("cleanup");
    }
  }

  @Test
  void theFirstPollIsMadeAtOnce() {
    loop.post(
        () -> {
          assertThat(loop.tryDispatch(adapter, new Ready())).isTrue();
          log.add("after");
        });
    loop.runUntilStalled();
    assertThat(log).containsExactly("init", "Ready", "cleanup", "after");
    assertThat(loop.snapshot().tasks()).isEmpty();
  }

  @Test
  void whereItIsNotSafeNothingIsDone() {
    Ready task = new Ready();
    assertThat(loop.tryDispatch(adapter, task)).isFalse();
    loop.post(
        () -> {
          loop.shutdown();
          assertThat(loop.tryDispatch(adapter, task)).isFalse();
        });
    loop.runUntilStalled();
    assertThat(task.isPosted()).isFalse();
    assertThat(log).isEmpty();
  }

  @Test
  void aTaskThatIsPostedIsRefused() {
    Task task = new Ready();
    loop.post(
        () -> {
          loop.post(task);
          assertThatThrownBy(() -> loop.tryDispatch(adapter, task))
              .isInstanceOf(IllegalStateException.class);
        });
    loop.runUntilStalled();
    assertThat(log).containsExactly("init", "Ready", "cleanup");
  }

  /** Keeps its waker although it ends. */
  private static final class Keeping extends Task {
    private Waker kept = Waker.none();
    private boolean pending;

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      kept = cx.waker("for later");
      return pending ? Poll.pending() : Poll.ready();
    }
  }

  @Test
  void aWakerThatWasKeptWakesNobodyElse() {
    Keeping first = new Keeping();
    Keeping second = new Keeping();
    second.pending = true;
    loop.post(
        () -> {
          loop.tryDispatch(adapter, first);
          loop.tryDispatch(adapter, second);
        });
    loop.runUntilStalled();
    assertThat(first.kept).isNotSameAs(second.kept);

    first.kept.wake();
    loop.runUntilStalled();
    assertThat(loop.lastRunSteps()).isZero();
    second.pending = false;
    second.kept.wake();
    loop.runUntilStalled();
    assertThat(loop.snapshot().tasks()).isEmpty();
  }

  @Test
  void aTokenThatWasKeptIsStoppedAndSoIsNobodyElses() {
    List<StopToken> tokens = new ArrayList<>();
    loop.post(
        () -> {
          for (int i = 0; i < 2; i++) {
            loop.tryDispatch(
                adapter,
                new Task() {
                  @Override
                  protected Poll<Complete> doPoll(Context cx) {
                    tokens.add(cx.stopToken());
                    return Poll.ready();
                  }
                });
          }
        });
    loop.runUntilStalled();
    assertThat(tokens.get(0)).isNotSameAs(tokens.get(1));
  }

  @Test
  void oneMayBeDispatchedFromWithinAnother() {
    Keeping inner = new Keeping();
    inner.pending = true;
    loop.post(
        () ->
            loop.tryDispatch(
                adapter,
                new Task("outer") {
                  @Override
                  protected Poll<Complete> doPoll(Context cx) {
                    assertThat(loop.tryDispatch(adapter, inner)).isTrue();
                    log.add(cx.taskName()); // its context is still its own
                    return Poll.ready();
                  }
                }));
    loop.runUntilStalled();
    assertThat(log).containsExactly("outer");
    assertThat(loop.snapshot().tasks()).hasSize(1);
    inner.cancel();
    loop.runUntilStalled();
    assertThat(loop.snapshot().tasks()).isEmpty();
  }

  @Test
  void oneAfterTheOtherAllocatesNothing() {
    Task task =
        new Task() {
          @Override
          protected Poll<Complete> doPoll(Context cx) {
            return Poll.ready();
          }
        };
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long id = Thread.currentThread().getId();
    loop.post(
        () -> {
          for (int round = 0; round < 2; round++) {
            long before = threads.getThreadAllocatedBytes(id);
            for (int i = 0; i < 100_000; i++) {
              loop.tryDispatch(adapter, task);
            }
            log.add(threads.getThreadAllocatedBytes(id) - before < 4_096 ? "none" : "some");
          }
        });
    loop.runUntilStalled();
    assertThat(log).endsWith("none");
  }

  /** Which may be in the middle of a look at the last stay when the next one begins. */
  @Test
  void aSnapshotOfTheLastStayDoesNotNameTheNextOne() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    Thread dumper =
        new Thread(
            () -> {
              while (!over.get()) {
                loop.snapshot();
              }
            });
    dumper.start();
    List<String> wrong = new ArrayList<>();
    long end = System.nanoTime() + 500_000_000;
    while (wrong.isEmpty() && System.nanoTime() < end) {
      loop.post(
          () -> {
            for (int i = 0; i < 1_000; i++) {
              String name = (i & 1) == 0 ? "even" : "odd";
              loop.tryDispatch(
                  adapter,
                  new Task(name) {
                    @Override
                    protected Poll<Complete> doPoll(Context cx) {
                      if (!cx.taskName().equals(name)) {
                        wrong.add(cx.taskName());
                      }
                      return Poll.ready();
                    }
                  });
            }
          });
      loop.runUntilStalled();
    }
    over.set(true);
    dumper.join();
    assertThat(wrong).isEmpty();
  }
}
