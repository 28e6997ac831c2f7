package dev.reveille.callbacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.combine.Pollables;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A task as a future. */
final class ToCompletableFutureTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final IOException gone = new IOException("gone");
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private Pollable<String> forEver() {
    return new Pollable<>() {
      @Override
      public Poll<String> poll(Context cx) {
        return cx.park();
      }

      @Override
      public void cancel() {
        log.add("given up");
      }
    };
  }

  @Test
  void aValueAFailureAndACancelCompleteIt() {
    CompletableFuture<String> value = Callbacks.toCompletableFuture(loop, Pollables.ready("v"));
    CompletableFuture<String> failure = Callbacks.toCompletableFuture(loop, Pollables.failed(gone));
    CompletableFuture<String> cancel =
        Callbacks.toCompletableFuture(loop, Pollables.failed(new CancellationException()));
    assertThat(value).isNotDone();

    loop.runToCompletion();

    assertThat(value).isCompletedWithValue("v");
    assertThatThrownBy(failure::join).isInstanceOf(CompletionException.class).hasCause(gone);
    assertThat(cancel).isCancelled();
  }

  @Test
  void whatIsChainedRunsOnTheLoopInATurnOfItsOwn() {
    CompletableFuture<String> future =
        Callbacks.toCompletableFuture(
            loop,
            cx -> {
              cx.dispatcher().post(() -> log.add("queued before"));
              return Poll.ready("value");
            });
    future.thenAccept(v -> log.add(v + ", on the loop: " + loop.onLoop()));

    loop.runToCompletion();

    assertThat(log).containsExactly("queued before", "value, on the loop: true");
  }

  @Test
  void toCancelItCancelsTheTask() {
    CompletableFuture<String> future = Callbacks.toCompletableFuture(loop, forEver());
    loop.runUntilStalled();

    assertThat(future.cancel(true)).isTrue();
    loop.runToCompletion();

    assertThat(log).containsExactly("given up");
    assertThat(future).isCancelled();
  }

  @Test
  void aTimeOutOfTheFutureOrACompletionByOthersCancelsTheTask() throws Exception {
    CompletableFuture<String> late = Callbacks.toCompletableFuture(loop, forEver());
    CompletableFuture<String> replaced = Callbacks.toCompletableFuture(loop, forEver());
    loop.runUntilStalled();

    late.orTimeout(1, TimeUnit.MILLISECONDS);
    assertThatThrownBy(() -> late.get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .hasCauseInstanceOf(TimeoutException.class);
    replaced.complete("by others");
    Rig.awaitState(
        "both were given up",
        () -> {
          loop.runUntilStalled();
          return log.size() == 2;
        });
  }

  @Test
  void toCancelADerivedFutureLeavesTheTaskAlone() {
    CompletableFuture<String> future = Callbacks.toCompletableFuture(loop, forEver());
    future.copy().cancel(false);
    loop.runUntilStalled();

    assertThat(log).isEmpty();
    assertThat(future).isNotDone();
  }

  @Test
  void aRefusedSpawnFailsItAtOnceAndLeavesThePollableAlone() {
    loop.close();

    CompletableFuture<String> future = Callbacks.toCompletableFuture(loop, forEver());

    assertThat(future).isCompletedExceptionally();
    assertThatThrownBy(future::join)
        .hasCauseInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("'loop' is closed");
    assertThat(log).isEmpty();
  }

  @Test
  void theCloseOfTheDispatcherCancelsIt() {
    CompletableFuture<String> future = Callbacks.toCompletableFuture(loop, forEver());

    loop.close();

    assertThat(future).isCancelled();
    assertThat(log).containsExactly("given up");
  }

  @Test
  void aValueThatComesTooLateGoesToTheDisposer() {
    CompletableFuture<String> future =
        Callbacks.toCompletableFuture(loop, inOneTurn("late"), v -> log.add("disposed: " + v));
    stopAfterThePoll();
    future.cancel(false); // the value is there, and the future not told yet

    loop.runToCompletion();

    assertThat(log).containsExactly("disposed: late");
  }

  @Test
  void aFailureThatComesTooLateIsUncaught() {
    CompletableFuture<String> future =
        Callbacks.toCompletableFuture(
            loop,
            cx -> {
              loop.stop();
              throw gone;
            });
    stopAfterThePoll();
    future.cancel(false);

    loop.runToCompletion();

    assertThat(rig.takeUncaught())
        .extracting(Rig.Uncaught::failure)
        .containsExactly((Throwable) gone);
  }

  private Pollable<String> inOneTurn(String value) {
    return cx -> {
      loop.stop();
      return Poll.ready(value);
    };
  }

  private void stopAfterThePoll() {
    loop.run();
  }

  @Test
  void aFailureIsNotUncaughtOnAnyThread() {
    loop.workGuard();
    rig.drive(loop, RunnableDispatcher::run);
    List<CompletableFuture<String>> all = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      all.add(Callbacks.toCompletableFuture(loop, Pollables.failed(gone)));
    }
    for (CompletableFuture<String> each : all) {
      assertThat(each).failsWithin(Rig.PATIENCE);
    }
    // the rig fails the test if one of them was uncaught
  }

  @Test
  void whatAFutureBringsComesBackAsItWas() throws Exception {
    Pollable<@Nullable String> there =
        Callbacks.fromStage(Callbacks.toCompletableFuture(loop, Pollables.ready("value")));
    Pollable<String> failed =
        Callbacks.fromStage(Callbacks.toCompletableFuture(loop, Pollables.failed(gone)));

    assertThat(loop.runUntil(there).value()).isEqualTo("value");
    assertThatThrownBy(() -> loop.runUntil(failed)).isSameAs(gone);
  }

  @Test
  void whatIsMissingIsSaidAtOnce() {
    assertThatThrownBy(() -> Callbacks.toCompletableFuture(loop, null))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> Callbacks.toCompletableFuture(loop, forEver(), null))
        .isInstanceOf(NullPointerException.class);
  }
}
