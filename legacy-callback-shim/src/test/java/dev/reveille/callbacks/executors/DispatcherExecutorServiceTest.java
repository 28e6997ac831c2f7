package dev.reveille.callbacks.executors;

import static java.util.concurrent.TimeUnit.HOURS;
import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.reveille.BasicDispatcher;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeoutException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an {@link java.util.concurrent.ExecutorService} promises, while it is open. */
final class DispatcherExecutorServiceTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final DispatcherExecutorService view = DispatcherExecutorService.of(loop);
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  /** Runs a thread that drives the loop, for calls that block. */
  private Driving driven() {
    return rig.drive(loop, RunnableDispatcher::run).awaitAsleep();
  }

  private void onLoop(Runnable action) {
    loop.post(action);
    loop.runUntilStalled();
  }

  private static final class Named implements Runnable {
    private final RuntimeException failure;

    Named(RuntimeException failure) {
      this.failure = failure;
    }

    @Override
    public void run() {
      throw failure;
    }

    @Override
    public String toString() {
      return "the nightly flush";
    }
  }

  // ------------------------------------------------------------------ execute

  @Test
  void commandsRunOnTheLoopInTheOneFifo() {
    view.execute(() -> log.add("first, on the loop: " + loop.onLoop()));
    loop.post(() -> log.add("a post"));
    Future<?> future = view.submit(() -> log.add("submitted"));
    loop.asExecutor().execute(() -> log.add("of the other view"));
    view.execute(() -> log.add("last"));
    assertThat(log).isEmpty();

    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);

    assertThat(log)
        .containsExactly(
            "first, on the loop: true", "a post", "submitted", "of the other view", "last");
    assertThat(future.isDone()).isTrue();
  }

  @Test
  void aCommandNeverRunsWithinTheCallThatQueuesIt() {
    onLoop(
        () -> {
          view.execute(() -> log.add("command"));
          log.add("caller");
        });

    assertThat(log).containsExactly("caller", "command");
  }

  @Test
  void aCommandFromAnotherThreadWakesTheSleepingLoop() throws Exception {
    Driving driving = driven();
    CountDownLatch ran = new CountDownLatch(1);

    view.execute(ran::countDown);

    assertThat(ran.await(Rig.PATIENCE.toSeconds(), SECONDS)).isTrue();
    loop.stop();
    driving.awaitOutcome();
  }

  @Test
  void whatAnExecutedCommandThrowsIsUncaughtUnderItsName() {
    RuntimeException failure = new IllegalStateException("no disk");
    view.execute(new Named(failure));
    view.execute(
        () -> {
          throw failure;
        });
    view.execute(() -> log.add("goes on"));
    loop.runUntilStalled();

    assertThat(rig.takeUncaught())
        .containsExactly(
            new Rig.Uncaught(loop, "the nightly flush", failure),
            new Rig.Uncaught(loop, "lambda in DispatcherExecutorServiceTest", failure));
    assertThat(log).containsExactly("goes on");
  }

  @Test
  void aFutureOfAnotherMakerMayBeExecuted() throws Exception {
    FutureTask<String> plain = new FutureTask<>(() -> "plain");
    Future<String> ofAnotherView =
        DispatcherExecutorService.of(loop).schedule(() -> "scheduled", 1, HOURS);
    Future<String> ofThisView = view.schedule(() -> "scheduled", 1, HOURS);

    view.execute(plain);
    view.execute((Runnable) ofAnotherView); // it stays where it is
    view.execute((Runnable) ofThisView);
    loop.runUntilStalled();
    assertThat(plain.get()).isEqualTo("plain");
    assertThat(ofAnotherView.isDone()).isFalse();
    assertThat(ofThisView.isDone()).isFalse();

    view.shutdown();
    assertThat(view.isTerminated()).isFalse();
    rig.time().advance(Duration.ofHours(1));
    assertThat(ofAnotherView.get()).isEqualTo("scheduled");
    assertThat(ofThisView.get()).isEqualTo("scheduled");
    assertThat(view.isTerminated()).isTrue();
  }

  // ------------------------------------------------------------------ submit

  @Test
  void aFutureHasTheResult() throws Exception {
    Future<String> called = view.submit(() -> "called");
    Future<?> ran = view.submit(() -> {});
    Future<String> ranWithResult = view.submit(() -> {}, "given");
    assertThat(called.isDone()).isFalse();
    loop.runUntilStalled();

    assertThat(called.get()).isEqualTo("called");
    assertThat(ran.get()).isNull();
    assertThat(ranWithResult.get(0, SECONDS)).isEqualTo("given");
  }

  @Test
  void aFutureHasTheFailureAndNobodyElseHearsOfIt() {
    IOException failure = new IOException("gone");
    Future<?> future =
        view.submit(
            () -> {
              throw failure;
            });
    loop.runUntilStalled();

    assertThatThrownBy(future::get).isInstanceOf(ExecutionException.class).hasCause(failure);
  }

  @Test
  void aFutureThatIsCancelledBeforeItsTurnNeverRuns() {
    Future<?> future = view.submit(() -> log.add("ran"));

    assertThat(future.cancel(true)).isTrue();
    assertThat(future.cancel(true)).isFalse();
    loop.runUntilStalled();

    assertThat(future.isCancelled()).isTrue();
    assertThat(future.isDone()).isTrue();
    assertThatThrownBy(future::get).isInstanceOf(CancellationException.class);
    assertThat(log).isEmpty();
  }

  @Test
  void aCancelDuringTheRunDoesNotInterruptTheLoop() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch cancelled = new CountDownLatch(1);
    List<Boolean> interrupted = new ArrayList<>();
    Future<?> future =
        view.submit(
            () -> {
              running.countDown();
              assertThat(cancelled.await(Rig.PATIENCE.toSeconds(), SECONDS)).isTrue();
              return interrupted.add(Thread.currentThread().isInterrupted());
            });
    Driving driving = rig.drive(loop, RunnableDispatcher::runToCompletion);
    assertThat(running.await(Rig.PATIENCE.toSeconds(), SECONDS)).isTrue();

    assertThat(future.cancel(true)).isTrue();
    assertThatThrownBy(future::get).isInstanceOf(CancellationException.class);
    cancelled.countDown();
    driving.awaitOutcome();

    assertThat(interrupted).containsExactly(false);
  }

  @Test
  void whatACommandSubmitsItself() throws Exception {
    Future<Future<String>> outer = view.submit(() -> view.submit(() -> "inner"));
    loop.runUntilStalled();

    assertThat(outer.get().get()).isEqualTo("inner");
  }

  @Test
  void getWaitsForTheLoop() throws Exception {
    Driving driving = driven();

    assertThat(view.submit(() -> "called").get(Rig.PATIENCE.toSeconds(), SECONDS))
        .isEqualTo("called");
    assertThatThrownBy(
            () -> view.schedule(() -> "never", Long.MAX_VALUE, SECONDS).get(1, NANOSECONDS))
        .isInstanceOf(TimeoutException.class);

    loop.stop();
    driving.awaitOutcome();
  }

  // ------------------------------------------------------------------ invokeAll, invokeAny

  private static Callable<String> failing(Exception failure) {
    return () -> {
      throw failure;
    };
  }

  @Test
  void invokeAllGivesAllFuturesDoneInTheOrderOfTheTasks() throws Exception {
    Driving driving = driven();
    IOException failure = new IOException("gone");

    List<Future<String>> futures =
        view.invokeAll(List.of(() -> "first", failing(failure), () -> "third"));

    assertThat(futures).hasSize(3).allMatch(Future::isDone);
    assertThat(futures.get(0).get()).isEqualTo("first");
    assertThatThrownBy(() -> futures.get(1).get()).hasCause(failure);
    assertThat(futures.get(2).get()).isEqualTo("third");
    loop.stop();
    driving.awaitOutcome();
  }

  @Test
  void invokeAllWithATimeoutCancelsTheRest() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    Driving driving = driven();
    List<Callable<String>> tasks =
        List.of(
            () -> {
              assertThat(release.await(Rig.PATIENCE.toSeconds(), SECONDS)).isTrue();
              assertThat(Thread.currentThread().isInterrupted()).isFalse();
              released.countDown();
              return "slow";
            },
            () -> "queued");

    List<Future<String>> futures = view.invokeAll(tasks, 1, NANOSECONDS);

    assertThat(futures).hasSize(2).allMatch(Future::isCancelled);
    release.countDown();
    loop.stop();
    driving.awaitOutcome();
    assertThat(released.getCount()).isBetween(0L, 1L); // it may have been cancelled in time
  }

  @Test
  void invokeAnyGivesTheFirstSuccessAndCancelsTheRest() throws Exception {
    Driving driving = driven();

    assertThat(view.invokeAny(List.of(failing(new IOException("gone")), () -> "second")))
        .isEqualTo("second");
    assertThat(
            view.invokeAny(
                List.of(failing(new IOException("gone")), () -> "second"),
                Rig.PATIENCE.toSeconds(),
                SECONDS))
        .isEqualTo("second");
    IOException last = new IOException("gone");
    assertThatThrownBy(() -> view.invokeAny(List.of(failing(last))))
        .isInstanceOf(ExecutionException.class)
        .hasCause(last);

    view.shutdown();
    assertThat(view.awaitTermination(Rig.PATIENCE.toSeconds(), SECONDS)).isTrue();
    loop.stop();
    driving.awaitOutcome();
  }

  @Test
  void invokeAnyWithATimeoutGivesUp() {
    assertThatThrownBy(() -> view.invokeAny(List.of(() -> "nobody drives"), 1, NANOSECONDS))
        .isInstanceOf(TimeoutException.class);
  }

  // ------------------------------------------------------------------ on the loop

  @Test
  void whatWouldWaitForTheLoopOnTheLoopThrows() {
    List<@Nullable Throwable> thrown = new ArrayList<>();
    onLoop(
        () -> {
          Future<String> future = view.submit(() -> "later");
          List<ThrowingCallable> calls =
              List.of(
                  future::get,
                  () -> future.get(1, SECONDS),
                  () -> view.invokeAll(List.of(() -> "x")),
                  () -> view.invokeAll(List.of(() -> "x"), 1, SECONDS),
                  () -> view.invokeAny(List.of(() -> "x")),
                  () -> view.invokeAny(List.of(() -> "x"), 1, SECONDS),
                  () -> view.awaitTermination(1, SECONDS));
          calls.forEach(call -> thrown.add(catchThrowable(call)));
        });

    assertThat(thrown)
        .hasSize(7)
        .allSatisfy(
            t ->
                assertThat(t)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("BasicDispatcher[loop]")
                    .hasMessageContaining("wait for itself"));
  }

  @Test
  void whatNeedNotWaitMayBeAskedOnTheLoop() {
    Future<String> done = view.submit(() -> "done");
    loop.runUntilStalled();
    onLoop(
        () -> {
          Future<String> notDone = view.submit(() -> "later");
          assertThatCode(
                  () -> {
                    assertThat(done.get()).isEqualTo("done");
                    assertThat(done.get(1, SECONDS)).isEqualTo("done");
                    assertThat(view.awaitTermination(0, SECONDS)).isFalse();
                  })
              .doesNotThrowAnyException();
          assertThatThrownBy(() -> notDone.get(0, SECONDS)).isInstanceOf(TimeoutException.class);
          log.add("asked");
        });

    assertThat(log).containsExactly("asked");
  }

  @Test
  void aLoopMayWaitForAnotherOne() {
    Future<String> future = view.submit(() -> "later");
    RunnableDispatcher other = rig.dispatcher(options -> options.withName("other"));
    Future<?> waiting =
        DispatcherExecutorService.of(other).submit(() -> future.get(1, NANOSECONDS));

    other.runUntilStalled();

    assertThatThrownBy(waiting::get).hasCauseInstanceOf(TimeoutException.class);
  }

  @Test
  void nullIsRefusedAtOnce() {
    List<ThrowingCallable> calls =
        List.of(
            () -> view.execute(null),
            () -> view.submit((Runnable) null),
            () -> view.submit((Callable<?>) null),
            () -> view.submit(null, "result"),
            () -> view.schedule((Runnable) null, 1, SECONDS),
            () -> view.schedule((Callable<?>) null, 1, SECONDS),
            () -> view.schedule(() -> {}, 1, null),
            () -> view.scheduleAtFixedRate(null, 1, 1, SECONDS),
            () -> view.scheduleAtFixedRate(() -> {}, 1, 1, null),
            () -> view.scheduleWithFixedDelay(null, 1, 1, SECONDS),
            () -> view.invokeAll(null),
            () -> DispatcherExecutorService.of(null));
    assertThat(calls)
        .allSatisfy(call -> assertThatThrownBy(call).isInstanceOf(NullPointerException.class));

    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
    view.shutdown();
    assertThat(view.isTerminated()).isTrue();
  }
}
