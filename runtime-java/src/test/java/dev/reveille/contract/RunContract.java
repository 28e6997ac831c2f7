package dev.reveille.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Ticker;
import dev.reveille.Timer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

/** What each way to run returns, and when. */
public interface RunContract extends ContractGroup {

  @Test
  default void runUntilStalledIsIdleWhenNoWorkIsLeft() {
    RunnableDispatcher loop = rig().dispatcher();
    loop.post(() -> {});

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  default void runUntilStalledIsAsleepWhenWorkWaits() {
    RunnableDispatcher loop = rig().dispatcher();
    loop.post(new Sleeper("sleeper"));

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
  }

  @Test
  default void runUntilStalledNamesATaskThatKeepsWakingItself() {
    RunnableDispatcher loop = rig().dispatcher();
    loop.post(Tasks.selfWaking("restless", Integer.MAX_VALUE));

    assertThat(loop.runUntilStalled(1_000)).isEqualTo(RunOutcome.STEP_LIMIT);

    assertThat(loop.stepLimitCulprit()).contains("'restless'");
    assertThat(loop.lastRunSteps()).isEqualTo(1_000);
  }

  @Test
  default void aStepLimitThatIsJustEnoughIsNotReached() {
    RunnableDispatcher loop = rig().dispatcher();
    loop.post(() -> {});
    loop.post(() -> {});

    assertThat(loop.runUntilStalled(2)).isEqualTo(RunOutcome.IDLE);
  }

  /** The limit is reached as the queue becomes empty, and only then the inbox is looked at. */
  @Test
  default void aStepLimitHoldsForWhatCameFromElsewhereDuringTheLastStep() throws Exception {
    RunnableDispatcher loop = rig().dispatcher();
    List<String> ran = new ArrayList<>();
    loop.spawn(
        "posts from elsewhere",
        cx -> {
          rig().elsewhere(() -> loop.post(() -> ran.add("posted")));
          return Poll.ready();
        });
    assertThat(loop.runUntilStalled(1)).isEqualTo(RunOutcome.STEP_LIMIT);
    assertThat(loop.lastRunSteps()).isEqualTo(1);
    assertThat(ran).isEmpty();
    assertThat(loop.runUntilStalled(1)).isEqualTo(RunOutcome.IDLE);
    assertThat(ran).containsExactly("posted");
  }

  @Test
  default void aStepLimitBelowOneIsRefused() {
    assertThatThrownBy(() -> rig().dispatcher().runUntilStalled(0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  default void theStepsOfARunCanBeRead() {
    RunnableDispatcher loop = rig().dispatcher();
    loop.post(Tasks.selfWaking("three polls", 2));
    loop.post(() -> {});
    loop.post(new RecordingOwner(), () -> {});

    loop.runUntilStalled();
    assertThat(loop.lastRunSteps()).isEqualTo(5);
    loop.runUntilStalled();
    assertThat(loop.lastRunSteps()).isZero();
  }

  @Test
  default void runForReturnsWhenItsTimeIsUp() throws Exception {
    RunnableDispatcher loop = rig().dispatcher();
    List<Long> ran = new ArrayList<>();
    loop.postAfter(Duration.ofSeconds(2), () -> ran.add(loop.ticker().read()));
    loop.postAfter(Duration.ofSeconds(9), () -> ran.add(loop.ticker().read()));
    Driving driving = rig().drive(loop, d -> d.runFor(Duration.ofSeconds(5))).awaitAsleep();

    rig().time().advance(Duration.ofSeconds(5).minusNanos(1));
    assertThat(driving.isRunning()).isTrue();
    rig().time().advance(Duration.ofNanos(1));

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.TIME_UP);
    assertThat(ran).containsExactly(Duration.ofSeconds(2).toNanos());
  }

  @Test
  default void runForSleepsNoLongerThanItsTime() {
    RunnableDispatcher loop = rig().onSystemClock();
    loop.post(new Sleeper("sleeper"));
    long before = Ticker.system().read();

    assertThat(loop.runFor(Duration.ofMillis(5))).isEqualTo(RunOutcome.TIME_UP);

    assertThat(Ticker.system().read() - before)
        .isBetween(Duration.ofMillis(5).toNanos(), Rig.PATIENCE.toNanos());
  }

  @Test
  default void runForEndsAlsoBesideATaskThatKeepsWakingItself() {
    RunnableDispatcher loop = rig().onSystemClock();
    loop.post(Tasks.selfWaking("restless", Integer.MAX_VALUE));

    assertThat(loop.runFor(Duration.ofMillis(5))).isEqualTo(RunOutcome.TIME_UP);
  }

  @Test
  default void runForZeroReturnsAtOnce() {
    assertThat(rig().dispatcher().runFor(Duration.ZERO)).isEqualTo(RunOutcome.TIME_UP);
  }

  @Test
  default void runUntilGivesTheValue() throws Exception {
    RunnableDispatcher loop = rig().dispatcher();
    rig().time().autoAdvance();
    Timer timer = new Timer(loop);
    timer.reset(Duration.ofSeconds(3));

    Poll<String> poll = loop.runUntil(cx -> timer.poll(cx).map(complete -> "after a while"));

    assertThat(poll.value()).isEqualTo("after a while");
    assertThat(rig().time().read()).isEqualTo(Duration.ofSeconds(3).toNanos());
  }

  @Test
  default void runUntilRunsTheOthersTooAndLeavesThemWhereTheyAre() throws Exception {
    RunnableDispatcher loop = rig().dispatcher();
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(sleeper);

    loop.runUntil(Tasks.selfWaking("a while", 3));
    assertThat(sleeper.polls).isEqualTo(1);

    sleeper.wakeToEnd();
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  default void runUntilThrowsWhatThePollableThrew() {
    RunnableDispatcher loop = rig().dispatcher();
    IOException failure = new IOException("no such page");

    assertThatThrownBy(
            () ->
                loop.runUntil(
                    cx -> {
                      throw failure;
                    }))
        .isSameAs(failure);
    assertThat(rig().takeUncaught()).isEmpty();
  }

  @Test
  default void runUntilIsPendingWhenStoppedAndHasCancelledThePollable() throws Exception {
    RunnableDispatcher loop = rig().dispatcher();
    int[] cancels = {0};
    loop.post(() -> loop.post(loop::stop));

    Poll<String> poll =
        loop.runUntil(
            new Pollable<>() {
              @Override
              public Poll<String> poll(Context cx) {
                return cx.park();
              }

              @Override
              public void cancel() {
                cancels[0]++;
              }
            });

    assertThat(poll.isPending()).isTrue();
    assertThat(cancels[0]).isEqualTo(1);
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  default void runUntilThrowsWhenTheDispatcherIsClosedMeanwhile() throws Exception {
    RunnableDispatcher loop = rig().onSystemClock();
    var waits =
        rig()
            .start(
                "driver",
                () -> {
                  try {
                    return loop.runUntil(cx -> cx.park());
                  } catch (CancellationException e) {
                    return e;
                  }
                });
    Rig.awaitState("it waits", () -> loop.snapshot().asleep());

    loop.close();

    assertThat(Rig.await(waits)).isInstanceOf(CancellationException.class);
  }

  @Test
  default void aClosedDispatcherDoesNotRun() {
    RunnableDispatcher loop = rig().dispatcher();
    loop.close();

    assertThat(loop.run()).isEqualTo(RunOutcome.CLOSED);
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.CLOSED);
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.CLOSED);
    assertThat(loop.runFor(Duration.ofHours(1))).isEqualTo(RunOutcome.CLOSED);
    assertThatThrownBy(() -> loop.runUntil(cx -> Poll.ready()))
        .isInstanceOf(CancellationException.class);
  }

  @Test
  default void whatAThreadPostedBeforeItCalledRunUntilRunsBeforeWhatItWaitsFor() throws Exception {
    RunnableDispatcher loop = rig().dispatcher();
    List<String> log = new ArrayList<>();
    loop.post(() -> log.add("posted first"));

    loop.runUntil(cx -> Poll.ready(log.add("runUntil")));

    assertThat(log).containsExactly("posted first", "runUntil");
  }

  @Test
  default void runUntilStalledDoesNotWaitForTimeThatMovesByItself() {
    RunnableDispatcher loop = rig().dispatcher();
    boolean[] ran = {false};
    rig().time().autoAdvance();
    loop.postAfter(Duration.ofHours(1), () -> ran[0] = true);

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    assertThat(ran[0]).isFalse();
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);

    assertThat(ran[0]).isTrue();
  }
}
