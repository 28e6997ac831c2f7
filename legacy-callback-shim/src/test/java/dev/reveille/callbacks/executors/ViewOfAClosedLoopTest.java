package dev.reveille.callbacks.executors;

import static java.util.concurrent.TimeUnit.HOURS;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.WorkGuard;
import dev.reveille.contract.Rig;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of a view when its dispatcher drains or is closed. */
final class ViewOfAClosedLoopTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final DispatcherExecutorService view = DispatcherExecutorService.of(loop);
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  // ------------------------------------------------------------------ close

  @Test
  void theCloseCancelsFuturesAndGivesCommandsBack() {
    Runnable first = () -> log.add("first");
    Runnable second = () -> log.add("second");
    view.execute(first);
    Future<?> submitted = view.submit(() -> log.add("submitted"));
    ScheduledFuture<?> delayed = view.schedule(() -> log.add("delayed"), 1, HOURS);
    ScheduledFuture<?> periodic = view.scheduleAtFixedRate(() -> log.add("tick"), 1, 1, HOURS);
    view.execute(second);

    assertThat(loop.shutdownNow().runnables()).isEmpty(); // they are the view's

    assertThat(List.of(submitted, delayed, periodic)).allMatch(Future::isCancelled);
    assertThatThrownBy(delayed::get).isInstanceOf(CancellationException.class);
    assertThat(view.isShutdown()).isTrue();
    assertThat(view.isTerminated()).isTrue();
    assertThat(view.shutdownNow()).containsExactly(first, second);
    assertThat(view.shutdownNow()).isEmpty();
    assertThat(log).isEmpty();
  }

  @Test
  void whoWaitsForAFutureHearsOfTheClose() throws Exception {
    Future<?> submitted = view.submit(() -> log.add("submitted"));
    FutureTask<?> waiting = rig.start("waiting", submitted::get);

    loop.close();

    assertThatThrownBy(() -> Rig.await(waiting)).isInstanceOf(CancellationException.class);
  }

  @Test
  void whoWaitsForTheTerminationOfAnIdleViewHearsOfTheClose() throws Exception {
    FutureTask<Boolean> waiting = rig.start("waiting", () -> view.awaitTermination(1, HOURS));

    loop.close();

    assertThat(Rig.await(waiting)).isTrue();
  }

  @Test
  void whoWaitsForTheTerminationHearsOfTheEndOfTheDraining() throws Exception {
    view.execute(() -> log.add("ran"));
    FutureTask<Boolean> waiting = rig.start("waiting", () -> view.awaitTermination(1, HOURS));

    loop.shutdown();
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.CLOSED);

    assertThat(Rig.await(waiting)).isTrue();
    assertThat(log).containsExactly("ran");
  }

  @Test
  void afterTheCloseEverythingIsRefused() {
    loop.close();

    assertThatThrownBy(() -> view.execute(() -> {}))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessage(
            "command 'lambda in ViewOfAClosedLoopTest' was refused: dispatcher 'loop' is closed");
    assertThatThrownBy(() -> view.schedule(() -> {}, 1, SECONDS))
        .isInstanceOf(RejectedExecutionException.class);
    assertThat(view.isTerminated()).isTrue();
  }

  @Test
  void aViewOfAClosedDispatcherIsTerminated() throws Exception {
    loop.close();

    DispatcherExecutorService late = DispatcherExecutorService.of(loop);

    assertThat(late.isShutdown()).isTrue();
    assertThat(late.isTerminated()).isTrue();
    assertThat(late.awaitTermination(1, HOURS)).isTrue();
    assertThatThrownBy(() -> late.execute(() -> {})).isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void theDispatcherKeepsNoForgottenViewAlive() {
    WeakReference<Object> forgotten = forgottenView();

    assertThat(Rig.collectGarbageUntil(() -> forgotten.refersTo(null))).isTrue();
  }

  private WeakReference<Object> forgottenView() {
    DispatcherExecutorService forgotten = DispatcherExecutorService.of(loop);
    forgotten.execute(() -> log.add("ran"));
    loop.runUntilStalled();
    assertThat(log).containsExactly("ran");
    return new WeakReference<>(forgotten);
  }

  // ------------------------------------------------------------------ draining

  @Test
  void whileItDrainsItRefusesFromOutsideAndAcceptsFromTheLoop() {
    WorkGuard guard = loop.workGuard();
    loop.post(
        () -> {
          view.execute(() -> log.add("executed"));
          view.schedule(() -> log.add("delayed"), 5, MILLISECONDS);
        });
    loop.shutdown();

    assertThatThrownBy(() -> view.execute(() -> {}))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("dispatcher 'loop' is shutting down and takes commands only from");
    assertThatThrownBy(() -> view.schedule(() -> {}, 1, SECONDS))
        .isInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(() -> view.scheduleAtFixedRate(() -> {}, 1, 1, SECONDS))
        .isInstanceOf(RejectedExecutionException.class);
    assertThat(view.isShutdown()).isFalse();

    rig.time().advance(Duration.ofMillis(5));
    assertThat(log).containsExactly("executed", "delayed");
    assertThat(view.isTerminated()).isFalse();
    guard.close();
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.CLOSED);
    assertThat(view.isTerminated()).isTrue();
  }

  @Test
  void whatWaitsIsWorkThatTheDrainingWaitsForAndWhatIsPeriodicEndsWithItsNextRun() {
    ScheduledFuture<?> delayed = view.schedule(() -> log.add("delayed"), 5, MILLISECONDS);
    ScheduledFuture<?> periodic =
        view.scheduleAtFixedRate(() -> log.add("tick"), 10, 10, MILLISECONDS);
    loop.shutdown();

    rig.time().advance(Duration.ofMillis(9));
    assertThat(loop.isClosed()).isFalse();
    rig.time().advance(Duration.ofMillis(100));

    assertThat(loop.isClosed()).isTrue();
    assertThat(log).containsExactly("delayed", "tick");
    assertThat(delayed.isCancelled()).isFalse();
    assertThat(periodic.isCancelled()).isTrue();
    assertThat(view.isTerminated()).isTrue();
  }

  @Test
  void theShutdownOfTheViewLetsADrainingDispatcherEnd() {
    ScheduledFuture<?> periodic = view.scheduleAtFixedRate(() -> log.add("tick"), 1, 1, HOURS);
    loop.shutdown();
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);

    view.shutdown();

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.CLOSED);
    assertThat(periodic.isCancelled()).isTrue();
    assertThat(log).isEmpty();
  }
}
