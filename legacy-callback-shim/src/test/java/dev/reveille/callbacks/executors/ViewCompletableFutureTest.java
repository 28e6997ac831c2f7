package dev.reveille.callbacks.executors;

import static java.util.concurrent.TimeUnit.DAYS;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Poll;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@link CompletableFuture} on the loop: what the JDK does with an executor it is given. */
final class ViewCompletableFutureTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final DispatcherExecutorService view = DispatcherExecutorService.of(loop);
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  @Test
  void stagesTakeTurnsWithTasksAndCallbacks() {
    CompletableFuture<String> result =
        CompletableFuture.supplyAsync(
                () -> {
                  log.add("supplied on the loop: " + loop.onLoop());
                  loop.post(() -> log.add("a runnable"));
                  return "value";
                },
                view)
            .thenApplyAsync(
                value -> {
                  log.add("applied on the loop: " + loop.onLoop());
                  return value + "!";
                },
                view);
    loop.spawn(
        "a poll task",
        cx -> {
          log.add("a poll task");
          return Poll.ready();
        });
    loop.runUntilStalled();

    assertThat(result).isCompletedWithValue("value!");
    assertThat(log)
        .containsExactly(
            "supplied on the loop: true", "a poll task", "a runnable", "applied on the loop: true");
  }

  @Test
  void aFailureGoesToTheStageAndNotToTheUncaughtHandler() {
    RuntimeException failure = new IllegalStateException("no disk");
    CompletableFuture<Void> future =
        CompletableFuture.runAsync(
            () -> {
              throw failure;
            },
            view);
    loop.runUntilStalled();

    assertThatThrownBy(future::join).isInstanceOf(CompletionException.class).hasCause(failure);
  }

  @Test
  void aStageFromElsewhereGoesOnOnTheLoop() {
    CompletableFuture<String> elsewhere = new CompletableFuture<>();
    CompletableFuture<Boolean> onLoop = elsewhere.thenApplyAsync(v -> loop.onLoop(), view);
    rig.elsewhere(() -> elsewhere.complete("value"));
    assertThat(onLoop).isNotDone();
    loop.runUntilStalled();

    assertThat(onLoop).isCompletedWithValue(true);
  }

  @Test
  void aTimeOutOfTheJdkIsHeardOnTheLoop() throws Exception {
    Driving driving = rig.drive(loop, RunnableDispatcher::run);
    CompletableFuture<String> never = new CompletableFuture<>();
    CompletableFuture<String> told =
        never
            .orTimeout(1, MILLISECONDS)
            .handleAsync((v, t) -> t.getClass().getSimpleName() + " " + loop.onLoop(), view);

    assertThat(told.get(Rig.PATIENCE.toSeconds(), SECONDS)).isEqualTo("TimeoutException true");
    assertThatThrownBy(never::join).hasCauseInstanceOf(TimeoutException.class);

    CompletableFuture<String> late =
        CompletableFuture.supplyAsync(() -> "in time", view).completeOnTimeout("late", 1, DAYS);
    assertThat(late.get(Rig.PATIENCE.toSeconds(), SECONDS)).isEqualTo("in time");
    loop.stop();
    driving.awaitOutcome();
  }

  @Test
  void aTimeOutOnTheClockOfTheLoopIsAScheduledCommand() {
    CompletableFuture<String> never = new CompletableFuture<>();
    view.schedule(() -> never.completeExceptionally(new TimeoutException("mock time")), 5, SECONDS);
    rig.time().advance(Duration.ofSeconds(5));

    assertThatThrownBy(never::join).hasCauseInstanceOf(TimeoutException.class);
  }

  @Test
  void aDelayedExecutorOfTheJdkComesToTheLoopWhenItsTimeHasCome() throws Exception {
    Driving driving = rig.drive(loop, RunnableDispatcher::run);
    CompletableFuture<Boolean> onLoop =
        CompletableFuture.supplyAsync(
            loop::onLoop, CompletableFuture.delayedExecutor(1, MILLISECONDS, view));

    assertThat(onLoop.get(Rig.PATIENCE.toSeconds(), SECONDS)).isTrue();
    loop.stop();
    driving.awaitOutcome();
  }

  @Test
  void aViewThatIsShutDownRefusesNewStagesAndFailsThoseThatCome() {
    CompletableFuture<String> source = new CompletableFuture<>();
    CompletableFuture<String> dependent = source.thenApplyAsync(v -> v, view);
    view.shutdown();
    source.complete("value");

    assertThatThrownBy(() -> CompletableFuture.supplyAsync(() -> "late", view))
        .isInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(dependent::join).hasCauseInstanceOf(RejectedExecutionException.class);
  }
}
