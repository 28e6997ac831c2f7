package dev.reveille.callbacks.guava;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.SettableFuture;
import dev.reveille.BasicDispatcher;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callback.CallOptions;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Guava's futures as pollables. */
class GuavaFuturesTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher dispatcher = rig.dispatcher();

  @AfterEach
  void end() throws Exception {
    rig.close();
  }

  /** Nobody drives yet: the one who joins is there before the task begins. */
  private <T> CompletableFuture<T> spawn(Pollable<T> pollable) {
    return dispatcher.spawn(pollable).toCompletableFuture();
  }

  /** Drives until the task has ended, since what it waits for may come from another thread. */
  private <T> T await(CompletableFuture<T> task) throws Exception {
    Rig.awaitState(
        "the task has ended",
        () -> {
          dispatcher.runUntilStalled();
          return task.isDone();
        });
    try {
      return task.get();
    } catch (ExecutionException e) {
      throw (Exception) e.getCause();
    }
  }

  @Test
  void aValueThatComesLaterIsTheResult() throws Exception {
    SettableFuture<String> future = SettableFuture.create();
    CompletableFuture<String> task = spawn(GuavaFutures.pollable(future));
    assertThat(dispatcher.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    rig.elsewhere(() -> future.set("late"));
    assertThat(await(task)).isEqualTo("late");
  }

  @Test
  void whatIsThereIsTheResultAndMayBeNull() throws Exception {
    assertThat(await(spawn(GuavaFutures.pollable(Futures.immediateFuture("there")))))
        .isEqualTo("there");
    assertThat(await(spawn(GuavaFutures.pollable(Futures.immediateVoidFuture())))).isNull();
  }

  @Test
  void aFailureIsThrownAsItIsWithoutWrapper() {
    IOException cause = new IOException("connection reset");
    CompletableFuture<String> task =
        spawn(GuavaFutures.pollable(Futures.immediateFailedFuture(cause)));
    assertThatThrownBy(() -> await(task)).isSameAs(cause);
  }

  @Test
  void aFutureThatIsCancelledCancels() {
    SettableFuture<String> future = SettableFuture.create();
    CompletableFuture<String> task = spawn(GuavaFutures.pollable(future));
    dispatcher.runUntilStalled();
    future.cancel(false);
    assertThatThrownBy(() -> await(task)).isInstanceOf(CancellationException.class);
  }

  @Test
  void theOperationBeginsInTheFirstPoll() throws Exception {
    AtomicInteger begun = new AtomicInteger();
    Pollable<Integer> lazy =
        GuavaFutures.pollable("lazy", () -> Futures.immediateFuture(begun.incrementAndGet()));
    assertThat(begun).hasValue(0);
    assertThat(await(spawn(lazy))).isEqualTo(1);
  }

  @Test
  void whatTheStartThrowsFails() {
    CompletableFuture<String> task =
        spawn(
            GuavaFutures.pollable(
                "broken",
                () -> {
                  throw new IOException("cannot even begin");
                }));
    assertThatThrownBy(() -> await(task)).hasMessage("cannot even begin");
    CompletableFuture<String> nothing = spawn(GuavaFutures.pollable("nothing", () -> null));
    assertThatThrownBy(() -> await(nothing)).hasMessageContaining("instead of a future");
  }

  @Test
  void cancelCancelsTheFuture() {
    SettableFuture<String> future = SettableFuture.create();
    CompletableFuture<String> task = spawn(GuavaFutures.pollable(future));
    dispatcher.runUntilStalled();
    task.cancel(false);
    dispatcher.runUntilStalled();
    assertThat(future.isCancelled()).isTrue();
  }

  @Test
  void theCancelOfAJoinLeavesTheFutureAlone() throws Exception {
    SettableFuture<String> future = SettableFuture.create();
    CompletableFuture<String> first = spawn(GuavaFutures.join(future));
    CompletableFuture<String> second = spawn(GuavaFutures.join(future));
    dispatcher.runUntilStalled();
    first.cancel(false);
    dispatcher.runUntilStalled();
    assertThat(future.isCancelled()).isFalse();
    future.set("for the other one");
    assertThat(await(second)).isEqualTo("for the other one");
  }

  /** One whose cancel comes too late for what it does. */
  private static final class Stubborn
      extends com.google.common.util.concurrent.ForwardingListenableFuture<String> {
    final SettableFuture<String> future = SettableFuture.create();

    @Override
    protected SettableFuture<String> delegate() {
      return future;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      return false;
    }
  }

  @Test
  void aLateValueGoesToItsDisposer() {
    Stubborn stubborn = new Stubborn();
    List<String> late = new ArrayList<>();
    CompletableFuture<String> task =
        spawn(
            GuavaFutures.pollable(
                "stubborn", CallOptions.<String>defaults().onLateValue(late::add), () -> stubborn));
    dispatcher.runUntilStalled();
    task.cancel(false);
    dispatcher.runUntilStalled();
    stubborn.future.set("too late");
    dispatcher.runUntilStalled();
    assertThat(late).containsExactly("too late");
  }
}
