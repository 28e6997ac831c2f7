package dev.reveille.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code stop()} ends a run, this one or the next, and only that. */
public interface StoppedRunContract extends ContractGroup {

  @Test
  default void stopEndsTheRunAfterTheCurrentPoll() {
    RunnableDispatcher loop = rig().dispatcher();
    List<String> log = new ArrayList<>();
    loop.post(
        () -> {
          loop.stop();
          log.add("stops");
        });
    loop.post(() -> log.add("later"));

    assertThat(loop.run()).isEqualTo(RunOutcome.STOPPED);
    assertThat(log).containsExactly("stops");

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
    assertThat(log).containsExactly("stops", "later");
  }

  @Test
  default void stopWithoutARunEndsTheNextOneAtOnceAndOnlyThat() {
    RunnableDispatcher loop = rig().dispatcher();
    boolean[] ran = {false};
    loop.post(() -> ran[0] = true);
    loop.stop();
    loop.stop();

    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.STOPPED);
    assertThat(ran[0]).isFalse();
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
    assertThat(ran[0]).isTrue();
  }

  @Test
  default void stopEndsEveryKindOfRun() {
    RunnableDispatcher loop = rig().dispatcher();
    loop.post(new Sleeper("sleeper"));

    loop.stop();
    assertThat(loop.run()).isEqualTo(RunOutcome.STOPPED);
    loop.stop();
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.STOPPED);
    loop.stop();
    assertThat(loop.runFor(Duration.ofHours(1))).isEqualTo(RunOutcome.STOPPED);
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
  }

  @Test
  default void stopWakesASleepingLoop() throws Exception {
    RunnableDispatcher loop = rig().onSystemClock();
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(sleeper);
    Driving driving = rig().drive(loop, RunnableDispatcher::run).awaitAsleep();

    loop.stop();

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.STOPPED);
    sleeper.wakeToEnd();
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  default void aStoppedDispatcherStillTakesPosts() {
    RunnableDispatcher loop = rig().dispatcher();
    loop.stop();
    loop.run();
    boolean[] ran = {false};

    loop.post(() -> ran[0] = true);
    loop.runUntilStalled();

    assertThat(ran[0]).isTrue();
    assertThat(loop.isShutdown()).isFalse();
  }
}
