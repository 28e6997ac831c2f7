package dev.reveille.callbacks.executors;

import static java.util.concurrent.TimeUnit.HOURS;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The end of a view, which is not the end of the loop. */
final class ViewShutdownTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final DispatcherExecutorService view = DispatcherExecutorService.of(loop);
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private void advance(long millis) {
    rig.time().advance(Duration.ofMillis(millis));
  }

  private List<ThrowingCallable> submissions() {
    return List.of(
        () -> view.execute(() -> {}),
        () -> view.submit(() -> "x"),
        () -> view.schedule(() -> {}, 1, SECONDS),
        () -> view.schedule(() -> "x", 1, SECONDS),
        () -> view.scheduleAtFixedRate(() -> {}, 1, 1, SECONDS),
        () -> view.scheduleWithFixedDelay(() -> {}, 1, 1, SECONDS),
        () -> view.invokeAll(List.of(() -> "x")),
        () -> view.invokeAny(List.of(() -> "x")));
  }

  // ------------------------------------------------------------------ shutdown

  @Test
  void anOpenViewIsNeitherShutDownNorTerminated() throws Exception {
    assertThat(view.isShutdown()).isFalse();
    assertThat(view.isTerminated()).isFalse();
    assertThat(view.awaitTermination(1, NANOSECONDS)).isFalse();
    assertThat(view).hasToString("DispatcherExecutorService[loop]");
  }

  @Test
  void anIdleViewIsTerminatedByItsShutdownAndTheLoopGoesOn() throws Exception {
    view.shutdown();
    view.shutdown();

    assertThat(view.isShutdown()).isTrue();
    assertThat(view.isTerminated()).isTrue();
    assertThat(view.awaitTermination(0, NANOSECONDS)).isTrue();
    assertThat(loop.isShutdown()).isFalse();
    loop.post(() -> log.add("post"));
    DispatcherExecutorService.of(loop).execute(() -> log.add("another view"));
    loop.runUntilStalled();
    assertThat(log).containsExactly("post", "another view");
  }

  @Test
  void afterAShutdownNothingIsAcceptedFromOutsideOrFromTheLoop() {
    view.shutdown();

    ThrowingCallable outside = () -> view.execute(() -> {});
    assertThatThrownBy(outside)
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessage(
            "command 'lambda in ViewShutdownTest' was refused:"
                + " this executor of dispatcher 'loop' is shut down");
    assertThatThrownBy(() -> view.submit(new Named()))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("command 'the nightly flush' was refused");
    assertThatThrownBy(() -> view.schedule(new Named(), 1, SECONDS))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("command 'the nightly flush' was refused");
    assertThat(submissions())
        .allSatisfy(
            call -> assertThatThrownBy(call).isInstanceOf(RejectedExecutionException.class));
    loop.post(
        () -> {
          assertThatThrownBy(outside).isInstanceOf(RejectedExecutionException.class);
          log.add("refused");
        });
    loop.runUntilStalled();
    assertThat(log).containsExactly("refused");
    assertThat(view.isTerminated()).isTrue();
  }

  private static final class Named implements Runnable {
    @Override
    public void run() {}

    @Override
    public String toString() {
      return "the nightly flush";
    }
  }

  @Test
  void whatWasQueuedOrDelayedStillRunsAndWhatIsPeriodicEnds() throws Exception {
    view.execute(() -> log.add("executed"));
    Future<?> submitted = view.submit(() -> log.add("submitted"));
    ScheduledFuture<?> delayed = view.schedule(() -> log.add("delayed"), 1, HOURS);
    ScheduledFuture<?> periodic =
        view.scheduleAtFixedRate(() -> log.add("periodic"), 0, 1, SECONDS);

    view.shutdown();

    assertThat(periodic.isCancelled()).isTrue();
    assertThat(view.isTerminated()).isFalse();
    loop.runUntilStalled();
    assertThat(log).containsExactly("executed", "submitted");
    assertThat(submitted.isDone()).isTrue();
    assertThat(view.isTerminated()).isFalse();
    advance(3_600_000);
    assertThat(log).containsExactly("executed", "submitted", "delayed");
    assertThat(delayed.get()).isEqualTo(true);
    assertThat(view.isTerminated()).isTrue();
  }

  @Test
  void theLastOneThatIsCancelledTerminatesTheView() {
    ScheduledFuture<?> delayed = view.schedule(() -> log.add("delayed"), 1, HOURS);
    view.shutdown();
    assertThat(view.isTerminated()).isFalse();

    delayed.cancel(false);

    assertThat(view.isTerminated()).isTrue();
  }

  @Test
  void theLastOneThatRunsTerminatesTheViewWhenItHasRun() throws Exception {
    view.execute(() -> log.add("terminated while it runs: " + view.isTerminated()));
    view.shutdown();
    FutureTask<Boolean> waiting =
        rig.start("waiting", () -> view.awaitTermination(Rig.PATIENCE.toSeconds(), SECONDS));

    loop.runUntilStalled();

    assertThat(Rig.await(waiting)).isTrue();
    assertThat(log).containsExactly("terminated while it runs: false");
  }

  @Test
  void aCommandThatThrowsIsNotLeftOver() {
    view.execute(
        () -> {
          throw new IllegalStateException("no disk");
        });
    view.shutdown();

    loop.runUntilStalled();

    assertThat(view.isTerminated()).isTrue();
    assertThat(rig.takeUncaught()).hasSize(1);
  }

  @Test
  void aPeriodicCommandMayShutTheViewDown() {
    List<ScheduledFuture<?>> futures = new ArrayList<>();
    futures.add(
        view.scheduleAtFixedRate(
            () -> {
              log.add("tick");
              view.shutdown();
              assertThat(view.isTerminated()).isFalse();
            },
            1,
            1,
            MILLISECONDS));

    advance(10);

    assertThat(log).containsExactly("tick");
    assertThat(futures.get(0).isCancelled()).isTrue();
    assertThat(view.isTerminated()).isTrue();
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
  }

  // ------------------------------------------------------------------ shutdownNow

  @Test
  void shutdownNowHandsOutWhatDidNotBeginInTheOrderOfSubmission() throws Exception {
    Runnable command = () -> log.add("executed");
    view.execute(() -> log.add("ran before"));
    loop.runUntilStalled();
    view.execute(command);
    Future<String> submitted = view.submit(() -> "submitted");
    ScheduledFuture<?> cancelled = view.schedule(() -> log.add("cancelled"), 1, HOURS);
    ScheduledFuture<?> delayed = view.schedule(() -> log.add("delayed"), 1, HOURS);
    ScheduledFuture<?> periodic = view.scheduleAtFixedRate(() -> log.add("tick"), 0, 1, HOURS);
    cancelled.cancel(false);

    List<Runnable> never = view.shutdownNow();

    assertThat(never).containsExactly(command, run(submitted), run(delayed), run(periodic));
    assertThat(view.isTerminated()).isTrue();
    assertThat(view.shutdownNow()).isEmpty();
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE); // an hour is not waited for
    assertThat(log).containsExactly("ran before");
    assertThat(submitted.isDone()).isFalse();
    assertThat(delayed.isDone()).isFalse();
  }

  private static Runnable run(Future<?> future) {
    return (Runnable) future;
  }

  @Test
  void whatWasHandedOutMayBeRunOrCancelledByItsNewOwner() throws Exception {
    Runnable command = () -> log.add("executed");
    view.execute(command);
    Future<String> submitted = view.submit(() -> "submitted");
    ScheduledFuture<String> delayed = view.schedule(() -> "delayed", 1, HOURS);
    ScheduledFuture<?> periodic = view.scheduleAtFixedRate(() -> log.add("tick"), 0, 1, HOURS);
    Future<String> dropped = view.submit(() -> "dropped");

    List<Runnable> never = view.shutdownNow();
    loop.close(); // which gives back what is still queued, and that is not the dispatcher's any
    // more
    assertThat(dropped.isDone()).isFalse();
    dropped.cancel(false);
    never.forEach(Runnable::run);
    never.forEach(Runnable::run);

    assertThat(submitted.get()).isEqualTo("submitted");
    assertThat(delayed.get()).isEqualTo("delayed");
    assertThat(periodic.get()).isNull();
    assertThat(dropped.isCancelled()).isTrue();
    assertThat(log).containsExactly("executed", "tick", "executed");
  }

  @Test
  void aFutureThatTheViewHasIsRunByTheLoopOnly() throws Exception {
    Future<String> submitted = view.submit(() -> Thread.currentThread().getName());

    rig.elsewhere(run(submitted));
    assertThat(submitted.isDone()).isFalse();
    loop.runUntilStalled();

    assertThat(submitted.get()).isEqualTo(Thread.currentThread().getName());
  }

  @Test
  void whatRunsAtAShutdownNowRunsToItsEndUninterruptedAndOnce() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    ScheduledFuture<?> periodic =
        view.scheduleAtFixedRate(
            () -> {
              running.countDown();
              try {
                goOn.await();
                log.add("to its end");
              } catch (InterruptedException e) {
                log.add("interrupted");
              }
            },
            0,
            1,
            HOURS);
    var driving = rig.drive(loop, RunnableDispatcher::runToCompletion);
    assertThat(running.await(Rig.PATIENCE.toSeconds(), SECONDS)).isTrue();

    assertThat(view.shutdownNow()).isEmpty();
    assertThat(view.isTerminated()).isFalse();
    goOn.countDown();

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.IDLE);
    assertThat(log).containsExactly("to its end");
    assertThat(periodic.isCancelled()).isTrue();
    assertThat(view.isTerminated()).isTrue();
  }

  @Test
  void shutdownNowAfterShutdownTakesTheRest() {
    ScheduledFuture<?> delayed = view.schedule(() -> log.add("delayed"), 1, HOURS);
    view.shutdown();

    assertThat(view.shutdownNow()).containsExactly(run(delayed));

    assertThat(view.isTerminated()).isTrue();
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
  }

  // ------------------------------------------------------------------ waiting on the loop

  @Test
  void onTheLoopTheTerminationMayBeAskedForButNotWaitedFor() {
    view.execute(
        () -> {
          view.shutdown();
          assertThatThrownBy(() -> view.awaitTermination(1, HOURS))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("awaitTermination");
          log.add("told");
        });
    loop.runUntilStalled();
    loop.post(
        () -> {
          try {
            log.add("terminated: " + view.awaitTermination(1, HOURS));
          } catch (InterruptedException e) {
            throw new AssertionError("did not wait", e);
          }
        });
    loop.runUntilStalled();

    assertThat(log).containsExactly("told", "terminated: true");
  }
}
