package dev.reveille.callbacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.TaskSnapshot;
import dev.reveille.callback.CallOptions;
import dev.reveille.callback.CancelMode;
import dev.reveille.callback.LostCallbackException;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Completion stages as pollables. */
final class FromStageTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final CompletableFuture<String> future = new CompletableFuture<>();
  private final IOException gone = new IOException("gone");

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private JoinHandle<String> begun(Pollable<String> pollable) {
    JoinHandle<String> handle = loop.spawn("waiting", pollable);
    loop.runUntilStalled();
    return handle;
  }

  private Throwable failureOf(CompletionStage<String> stage) {
    Pollable<String> pollable = Callbacks.fromStage(stage);
    try {
      return new AssertionError("it has a value: " + loop.runUntil(pollable).value());
    } catch (Throwable t) { // looked at by the test
      return t;
    }
  }

  // ------------------------------------------------------------------ values

  @Test
  void aStageThatIsCompleteIsReadyInTheFirstPoll() throws Exception {
    Pollable<String> pollable = Callbacks.fromStage(CompletableFuture.completedStage("value"));

    Pollable<String> once = cx -> Poll.ready(pollable.poll(cx).value());

    assertThat(loop.runUntil(once).value()).isEqualTo("value");
  }

  @Test
  void aStageThatIsCompletedElsewhereWakes() throws Exception {
    JoinHandle<String> handle = begun(Callbacks.fromStage(future));
    assertThat(loop.snapshot().tasks())
        .extracting(TaskSnapshot::waitReason)
        .containsExactly("a stage");

    rig.elsewhere(() -> future.complete("value"));

    assertThat(loop.runUntil(handle.join()).value()).isEqualTo("value");
  }

  @Test
  void itIsCalledByItsName() {
    begun(
        Callbacks.fromStage(
            "the configuration", CallOptions.defaults(), future, SourceCancel.CANCEL));

    assertThat(loop.snapshot().tasks())
        .extracting(TaskSnapshot::waitReason)
        .containsExactly("the configuration");
  }

  @Test
  void nullIsAValue() throws Exception {
    Pollable<Void> pollable = Callbacks.fromStage(CompletableFuture.runAsync(() -> {}));

    assertThat(loop.runUntil(pollable).value()).isNull();
  }

  // ------------------------------------------------------------------ failures

  @Test
  void whatWrapsAFailureIsTakenOffOnce() {
    CompletableFuture<String> failed = CompletableFuture.failedFuture(gone);
    assertThat(failureOf(failed)).isSameAs(gone);
    assertThat(failureOf(failed.thenApply(v -> v))).isSameAs(gone);
    assertThat(failureOf(failed.minimalCompletionStage())).isSameAs(gone);

    CompletionException inner = new CompletionException(gone);
    assertThat(failureOf(CompletableFuture.failedFuture(new CompletionException(inner))))
        .isSameAs(inner);
    CompletionException bare = new CompletionException("without a cause", null);
    assertThat(failureOf(CompletableFuture.failedFuture(bare))).isSameAs(bare);
    ExecutionException theirs = new ExecutionException(gone);
    assertThat(failureOf(CompletableFuture.failedFuture(theirs))).isSameAs(theirs);
  }

  @Test
  void anErrorIsThrownAsItIs() {
    AssertionError error = new AssertionError("of the stage");

    assertThat(failureOf(CompletableFuture.failedFuture(error))).isSameAs(error);
  }

  @Test
  void aStageThatWasCancelledIsACancellationHoweverItSaysSo() {
    CompletableFuture<String> cancelled = new CompletableFuture<>();
    cancelled.cancel(false);
    ExecutionException byHttpClient = new ExecutionException(new CancellationException());
    List<CompletionStage<String>> all =
        List.of(
            cancelled,
            cancelled.thenApply(v -> v),
            CompletableFuture.failedFuture(byHttpClient),
            CompletableFuture.failedFuture(new CompletionException(byHttpClient)));
    for (CompletionStage<String> each : all) {
      assertThat(failureOf(each))
          .isInstanceOf(CancellationException.class)
          .hasMessageContaining("'a stage'");
    }
  }

  @Test
  void aStageThatThrowsWhenItIsListenedToFails() {
    class Broken extends CompletableFuture<String> {
      @Override
      public CompletableFuture<String> whenComplete(
          BiConsumer<? super String, ? super Throwable> action) {
        throw new UnsupportedOperationException("no listeners");
      }
    }
    assertThat(failureOf(new Broken())).hasMessage("no listeners");
  }

  // ------------------------------------------------------------------ giving up

  @Test
  void whoGivesUpCancelsTheStage() {
    JoinHandle<String> handle = begun(Callbacks.fromStage(future));

    handle.cancel();
    loop.runUntilStalled();

    assertThat(future).isCancelled();
  }

  @Test
  void aStageThatIsNotToBeCancelledGoesOn() {
    JoinHandle<String> handle =
        begun(Callbacks.fromStage("shared", CallOptions.defaults(), future, SourceCancel.LEAVE));

    handle.cancel();
    loop.runUntilStalled();

    assertThat(future).isNotDone();
    future.complete("for the others");
    assertThat(future).isCompletedWithValue("for the others");
  }

  @Test
  void aStageThatCanNotBeCancelledIsGivenUpAllTheSame() {
    CompletionStage<String> minimal = future.minimalCompletionStage();
    JoinHandle<String> handle = begun(Callbacks.fromStage(minimal));
    handle.cancel();
    loop.runUntilStalled();
    assertThat(handle.isDone()).isTrue();
    assertThat(future).isNotDone();

    JoinHandle<String> other = begun(Callbacks.fromStage(stageOnly(future)));
    other.cancel();
    loop.runUntilStalled();
    assertThat(other.isDone()).isTrue();
  }

  /** One that says, as its contract allows, that it is no future and will not make one. */
  @SuppressWarnings("unchecked")
  private static CompletionStage<String> stageOnly(CompletionStage<String> stage) {
    return (CompletionStage<String>)
        Proxy.newProxyInstance(
            FromStageTest.class.getClassLoader(),
            new Class<?>[] {CompletionStage.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("toCompletableFuture")) {
                throw new UnsupportedOperationException();
              }
              return method.invoke(stage, arguments);
            });
  }

  @Test
  void whoIsCancelledBeforeItsFirstPollLeavesTheStageAlone() {
    Pollable<String> pollable = Callbacks.fromStage(future);

    pollable.cancel();

    assertThat(future).isNotDone();
  }

  @Test
  void afterTheValueACancelDoesNotReachTheStage() throws Exception {
    List<String> calls = new ArrayList<>();
    class Watched extends CompletableFuture<String> {
      @Override
      public boolean cancel(boolean mayInterruptIfRunning) {
        calls.add("cancel");
        return super.cancel(mayInterruptIfRunning);
      }
    }
    Watched watched = new Watched();
    JoinHandle<String> handle = begun(Callbacks.fromStage(watched));
    watched.complete("value");
    handle.cancel(); // the value is there, and not polled for yet
    loop.runUntilStalled();

    assertThat(calls).isEmpty();
  }

  @Test
  void whatDependsOnTheStageIsNotRunByAPoll() throws Exception {
    List<String> threads = new ArrayList<>();
    JoinHandle<String> handle = begun(Callbacks.fromStage(future));
    future.thenRun(() -> threads.add(Thread.currentThread().getName()));

    rig.elsewhere(() -> future.complete("value"));
    loop.runUntil(handle.join());

    assertThat(threads).containsExactly("elsewhere");
  }

  @Test
  void theLateValueOfAStageThatWasLeftGoesToTheDisposer() {
    List<String> late = new ArrayList<>();
    CallOptions<String> options = CallOptions.<String>defaults().onLateValue(late::add);
    JoinHandle<String> handle =
        begun(Callbacks.fromStage("session", options, future, SourceCancel.LEAVE));
    handle.cancel();
    loop.runUntilStalled();

    future.complete("late");
    loop.runUntilStalled();

    assertThat(late).containsExactly("late");
  }

  @Test
  void whoAwaitsTheCallbackHasItFromTheCancel() {
    CallOptions<String> options =
        CallOptions.<String>defaults()
            .withCancelMode(CancelMode.AWAIT_CALLBACK)
            .withTimeout(Duration.ofSeconds(1));
    JoinHandle<String> handle =
        begun(Callbacks.fromStage("session", options, future, SourceCancel.CANCEL));

    rig.advance(Duration.ofSeconds(1));

    assertThat(future).isCancelled();
    assertThat(handle.isDone()).isTrue();
    assertThat(rig.takeUncaught())
        .singleElement()
        .extracting(Rig.Uncaught::failure)
        .isInstanceOf(TimeoutException.class);
  }

  @Test
  void aStageThatIsLeftAndThatNobodyElseHasIsFoundLost() throws Exception {
    JoinHandle<String> handle =
        begun(
            Callbacks.fromStage(
                "shared",
                CallOptions.defaults(),
                new CompletableFuture<String>(),
                SourceCancel.LEAVE));
    Pollable<String> join = handle.join();
    JoinHandle<String> joined = loop.spawn("joiner", join);

    Rig.collectGarbageUntil(
        () -> {
          loop.runUntilStalled();
          return joined.isDone();
        });

    assertThatThrownBy(() -> loop.runUntil(joined.join()))
        .isInstanceOf(LostCallbackException.class)
        .hasMessageContaining("shared");
    rig.takeUncaught(); // of the task that only stood for the wait
  }

  @Test
  void whatIsMissingIsSaidAtOnce() {
    assertThatThrownBy(() -> Callbacks.fromStage(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> Callbacks.fromStage("x", CallOptions.defaults(), future, null))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(
            () -> Callbacks.fromStage(null, CallOptions.defaults(), future, SourceCancel.LEAVE))
        .isInstanceOf(NullPointerException.class);
  }
}
