package dev.reveille.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Task;
import dev.reveille.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

/** A thread that runs it keeps the role also asleep; the next run may be that of another thread. */
public interface SecondDriverContract extends ContractGroup {

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
  default void aLoopOnlyCallFromElsewhereThrowsAlsoWhileTheDriverSleeps() {
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
  default void theThreadThatRunsItCarriesOutTheCloseThatAnotherOneAsksFor() throws Exception {
    RunnableDispatcher loop = rig().onSystemClock();
    String[] cleaner = {""};
    loop.post(
        new Task("sleeps") {
          @Override
          protected Poll<Complete> doPoll(Context cx) {
            return cx.park();
          }

          @Override
          protected void cleanup() {
            cleaner[0] = Thread.currentThread().getName();
          }
        });
    rig().drive(loop, RunnableDispatcher::run).awaitAsleep();

    loop.close();

    assertThat(cleaner[0]).isEqualTo("driver"); // close has waited, so a plain read will do
  }
}
