package dev.reveille.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Poll;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

/** One driver at a time, any thread, told apart from the others. */
public interface DriverContract extends ContractGroup {

  @Test
  default void runningFromTwoThreadsThrowsNamingBoth() throws Exception {
    RunnableDispatcher loop = rig().onSystemClock();
    rig().drive(loop, RunnableDispatcher::run).awaitAsleep();

    assertThatThrownBy(() -> rig().elsewhere(() -> loop.runUntilStalled()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'driver'")
        .hasMessageContaining("'elsewhere'")
        .hasMessageContaining("'loop'");
    assertThatThrownBy(() -> rig().callElsewhere(() -> loop.runUntil(cx -> Poll.ready())))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'driver'");
    assertThatThrownBy(loop::run).isInstanceOf(IllegalStateException.class);
  }

  @Test
  default void runningFromInsideAPollThrowsNamingTheTask() throws Exception {
    RunnableDispatcher loop = rig().dispatcher();
    List<Throwable> thrown = new ArrayList<>();
    List<Runnable> runs =
        List.of(
            loop::runUntilStalled,
            loop::runToCompletion,
            loop::run,
            () -> loop.runFor(Duration.ZERO),
            () -> {
              try {
                loop.runUntil(cx -> Poll.ready());
              } catch (RuntimeException e) {
                throw e;
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            });
    loop.post(
        Tasks.of(
            "nests",
            cx -> {
              for (Runnable run : runs) {
                try {
                  run.run();
                } catch (RuntimeException e) {
                  thrown.add(e);
                }
              }
              return Poll.ready();
            }));

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(thrown)
        .hasSameSizeAs(runs)
        .allSatisfy(
            t ->
                assertThat(t)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("'nests'")
                    .hasMessageContaining("'loop'"));
  }

  @Test
  default void runningFromInsideACallbackThrows() {
    RunnableDispatcher loop = rig().dispatcher();
    loop.post(loop::runUntilStalled);
    boolean[] wentOn = {false};
    loop.post(() -> wentOn[0] = true);

    loop.runUntilStalled();

    assertThat(rig().takeUncaught())
        .singleElement()
        .satisfies(u -> assertThat(u.failure()).isInstanceOf(IllegalStateException.class));
    assertThat(wentOn[0]).isTrue();
  }

  @Test
  default void aLoopOnlyCallFromElsewhereThrowsNamingBothThreads() {
    RunnableDispatcher loop = rig().onSystemClock();
    Timer timer = new Timer(loop);
    rig().drive(loop, RunnableDispatcher::run).awaitAsleep();

    assertThatThrownBy(() -> rig().elsewhere(() -> timer.reset(Duration.ofSeconds(1))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Timer.reset")
        .hasMessageContaining("'driver'")
        .hasMessageContaining("'elsewhere'")
        .hasMessageContaining("'loop'");
    assertThatThrownBy(() -> rig().elsewhere(timer::cancel))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Timer.cancel");
    assertThat(timer.isPending()).isFalse();
  }

  @Test
  default void aLoopOnlyCallWorksFromAnyThreadWhileNobodyDrives() {
    RunnableDispatcher loop = rig().dispatcher();
    Timer timer = new Timer(loop);
    rig().elsewhere(() -> timer.reset(Duration.ofSeconds(1)));
    boolean[] fired = {false};
    loop.spawn(
        "waits",
        cx -> {
          Poll<?> poll = timer.poll(cx);
          fired[0] = poll.isReady();
          return poll;
        });

    rig().time().advance(Duration.ofMillis(999));
    assertThat(fired[0]).isFalse();
    rig().time().advance(Duration.ofMillis(1));
    assertThat(fired[0]).isTrue();
  }

  @Test
  default void onLoopIsTrueForTheDriverWhileItDrives() throws Exception {
    RunnableDispatcher loop = rig().dispatcher();
    List<Boolean> inside = new ArrayList<>();
    loop.post(() -> inside.add(loop.onLoop()));
    loop.post(
        () -> {
          try {
            inside.add(rig().callElsewhere(loop::onLoop));
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });

    assertThat(loop.onLoop()).isFalse();
    loop.runUntilStalled();

    assertThat(inside).containsExactly(true, false);
    assertThat(loop.onLoop()).isFalse();
  }

  @Test
  default void theNextDriverMayBeAnotherThread() throws Exception {
    RunnableDispatcher loop = rig().dispatcher();
    List<String> log = new ArrayList<>();
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(sleeper);
    loop.post(() -> log.add(Thread.currentThread().getName()));
    rig().elsewhere(() -> loop.runUntilStalled());

    sleeper.wakeToEnd();
    loop.post(() -> log.add("back"));

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
    assertThat(log).containsExactly("elsewhere", "back");
    assertThat(sleeper.polls).isEqualTo(2);
    assertThat(sleeper.inits).isEqualTo(1);
    assertThat(sleeper.cleanups).isEqualTo(1);
  }

  /** Two threads that drive in turns, and hand over nothing but the role of the driver. */
  @Test
  default void theNextDriverSeesWhatTheLastOneWrote() throws Exception {
    RunnableDispatcher loop = rig().dispatcher();
    int rounds = 2_000;
    int[] count = {0}; // plain
    int[] last = {-1};
    List<String> wrong = new ArrayList<>();
    loop.post(
        Tasks.of(
            "counts",
            cx -> {
              if (last[0] != count[0] - 1) {
                wrong.add(last[0] + " before " + count[0]);
              }
              last[0] = count[0];
              if (++count[0] == rounds) {
                return Poll.ready();
              }
              cx.waker("itself").wake();
              return Poll.pending();
            }));
    Semaphore done = new Semaphore(0);
    List<FutureTask<Integer>> drivers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      drivers.add(
          rig()
              .start(
                  "driver " + i,
                  () -> {
                    int runs = 0;
                    while (!done.tryAcquire()) {
                      try {
                        if (loop.runUntilStalled(7) == RunOutcome.IDLE) {
                          done.release(2);
                        }
                        runs++;
                      } catch (IllegalStateException e) {
                        assertThat(e).hasMessageContaining("is driven by thread");
                      }
                    }
                    return runs;
                  }));
    }
    int runs = 0;
    for (FutureTask<Integer> driver : drivers) {
      runs += Rig.await(driver);
    }

    assertThat(wrong).isEmpty();
    assertThat(count[0]).isEqualTo(rounds);
    assertThat(runs).isGreaterThanOrEqualTo(rounds / 7);
  }

  @Test
  default void aDriverThatLeftIsNoDriver() throws Exception {
    RunnableDispatcher loop = rig().dispatcher();
    loop.runUntilStalled();
    boolean[] ran = {false};

    loop.post(() -> ran[0] = true);
    assertThat(ran[0]).isFalse();
    loop.dispatch(() -> ran[0] = true);
    assertThat(ran[0]).isFalse();
    rig().elsewhere(() -> loop.runUntilStalled());

    assertThat(ran[0]).isTrue();
    assertThat(loop.snapshot().driver()).isNull();
  }
}
