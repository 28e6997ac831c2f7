package dev.reveille.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** An interrupt does not end a run, is kept out of sleep and I/O, and is restored after the run. */
public interface InterruptContract extends ContractGroup {

  @Test
  default void anInterruptOfASleepingLoopIsRestoredWhenTheRunReturns() throws Exception {
    RunnableDispatcher loop = rig().onSystemClock();
    AtomicReference<Thread> driver = new AtomicReference<>();
    List<Boolean> inCallback = new ArrayList<>();
    List<RunOutcome> outcomes = new ArrayList<>();
    FutureTask<Boolean> run =
        rig()
            .start(
                "driver",
                () -> {
                  driver.set(Thread.currentThread());
                  outcomes.add(loop.run());
                  return Thread.interrupted();
                });
    Rig.awaitState("the loop is asleep", () -> driver.get() != null && loop.snapshot().asleep());

    driver.get().interrupt();
    Rig.awaitState("the interrupt was taken", () -> !driver.get().isInterrupted());
    loop.post(() -> inCallback.add(Thread.currentThread().isInterrupted()));
    loop.post(loop::stop);

    assertThat(Rig.await(run)).isTrue();
    assertThat(outcomes).containsExactly(RunOutcome.STOPPED);
    assertThat(inCallback).containsExactly(false);
  }

  @Test
  default void aThreadThatComesInterruptedRunsAndLeavesInterrupted() throws Exception {
    RunnableDispatcher loop = rig().onSystemClock();
    FutureTask<List<Boolean>> run =
        rig()
            .start(
                "driver",
                () -> {
                  List<Boolean> seen = new ArrayList<>();
                  loop.post(() -> seen.add(Thread.currentThread().isInterrupted()));
                  Thread.currentThread().interrupt();
                  loop.runToCompletion();
                  seen.add(Thread.interrupted());
                  return seen;
                });

    assertThat(Rig.await(run)).containsExactly(false, true);
  }

  @Test
  default void anInterruptFromWithinATurnIsClearedAtTheNextLookAndRestoredInTheEnd()
      throws Exception {
    RunnableDispatcher loop = rig().dispatcher(options -> options.withPollsPerTurn(1));
    FutureTask<List<Boolean>> run =
        rig()
            .start(
                "driver",
                () -> {
                  List<Boolean> seen = new ArrayList<>();
                  loop.post(() -> Thread.currentThread().interrupt());
                  loop.post(() -> seen.add(Thread.currentThread().isInterrupted()));
                  loop.runUntilStalled();
                  seen.add(Thread.interrupted());
                  return seen;
                });

    assertThat(Rig.await(run)).containsExactly(false, true);
  }

  @Test
  default void aTaskThatFailsByAnInterruptLeavesItToTheCallerOfTheRun() throws Exception {
    RunnableDispatcher loop = rig().dispatcher();
    loop.post(
        Tasks.of(
            "blocks",
            cx -> {
              throw new InterruptedException("expected by the test");
            }));

    assertThat(
            rig()
                .callElsewhere(
                    () -> {
                      loop.runUntilStalled();
                      return Thread.interrupted();
                    }))
        .isTrue();
    assertThat(rig().takeUncaught()).hasSize(1);
  }
}
