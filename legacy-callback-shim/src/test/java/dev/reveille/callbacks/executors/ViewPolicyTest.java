package dev.reveille.callbacks.executors;

import static java.util.concurrent.TimeUnit.HOURS;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The policies of a {@link ScheduledThreadPoolExecutor} for what a shutdown finds scheduled. */
final class ViewPolicyTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private void advance(long millis) {
    rig.time().advance(Duration.ofMillis(millis));
  }

  private DispatcherExecutorService view(boolean delayed, boolean periodic) {
    return DispatcherExecutorService.of(
        loop,
        ShutdownPolicy.defaults()
            .withExecuteExistingDelayedTasks(delayed)
            .withContinueExistingPeriodicTasks(periodic));
  }

  @Test
  void theDefaultsAreThoseOfTheJdk() {
    ScheduledThreadPoolExecutor jdk = new ScheduledThreadPoolExecutor(1);
    try {
      assertThat(ShutdownPolicy.defaults())
          .isEqualTo(
              new ShutdownPolicy(
                  jdk.getExecuteExistingDelayedTasksAfterShutdownPolicy(),
                  jdk.getContinueExistingPeriodicTasksAfterShutdownPolicy()));
    } finally {
      jdk.shutdownNow();
    }
    assertThatThrownBy(() -> DispatcherExecutorService.of(loop, null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("policy");
  }

  @Test
  void whatIsDelayedIsCancelledByAShutdownIfThePolicySaysSo() {
    DispatcherExecutorService view = view(false, false);
    ScheduledFuture<?> delayed = view.schedule(() -> log.add("delayed"), 5, MILLISECONDS);
    ScheduledFuture<?> periodic =
        view.scheduleWithFixedDelay(() -> log.add("tick"), 5, 5, MILLISECONDS);
    view.shutdown();

    assertThat(delayed.isCancelled()).isTrue();
    assertThat(periodic.isCancelled()).isTrue();
    assertThat(view.isTerminated()).isTrue();
    assertThat(loop.runToCompletion()).as("nothing is left armed").isEqualTo(RunOutcome.IDLE);
    assertThat(log).isEmpty();
  }

  @Test
  void whatIsNotDelayedOrIsDueRunsUnderEachPolicy() {
    DispatcherExecutorService view = view(false, false);
    view.execute(() -> log.add("executed"));
    Future<?> submitted = view.submit(() -> log.add("submitted"));
    ScheduledFuture<?> due = view.schedule(() -> log.add("due"), 0, HOURS);
    view.shutdown();
    assertThat(view.isTerminated()).isFalse();

    loop.runUntilStalled();

    assertThat(log).containsExactly("executed", "submitted", "due");
    assertThat(submitted.isDone()).isTrue();
    assertThat(due.isCancelled()).isFalse();
    assertThat(view.isTerminated()).isTrue();
  }

  @Test
  void whatIsPeriodicGoesOnUntilItIsCancelledIfThePolicySaysSo() {
    DispatcherExecutorService view = view(true, true);
    ScheduledFuture<?> periodic =
        view.scheduleAtFixedRate(() -> log.add("tick"), 5, 5, MILLISECONDS);
    ScheduledFuture<?> delayed = view.schedule(() -> log.add("delayed"), 12, MILLISECONDS);
    advance(5);
    view.shutdown();
    assertThatThrownBy(() -> view.execute(() -> {})).hasMessageContaining("is shut down");
    advance(10);

    assertThat(log).containsExactly("tick", "tick", "delayed", "tick");
    assertThat(delayed.isDone()).isTrue();
    assertThat(view.isTerminated()).isFalse();
    assertThat(periodic.cancel(false)).isTrue();
    assertThat(view.isTerminated()).isTrue();
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  void thePoliciesAreIndependent() {
    DispatcherExecutorService view = view(false, true);
    ScheduledFuture<?> delayed = view.schedule(() -> log.add("delayed"), 5, MILLISECONDS);
    ScheduledFuture<?> periodic =
        view.scheduleAtFixedRate(() -> log.add("tick"), 5, 5, MILLISECONDS);
    view.shutdown();
    advance(10);

    assertThat(delayed.isCancelled()).isTrue();
    assertThat(log).containsExactly("tick", "tick");
    periodic.cancel(false);
    assertThat(view.isTerminated()).isTrue();
  }

  @Test
  void aShutdownNowEndsWhatIsPeriodicUnderEachPolicy() {
    DispatcherExecutorService view = view(true, true);
    List<Runnable> never = new ArrayList<>();
    ScheduledFuture<?> self =
        view.scheduleAtFixedRate(
            () -> {
              log.add("tick");
              never.addAll(view.shutdownNow());
            },
            5,
            5,
            MILLISECONDS);
    ScheduledFuture<?> other = view.scheduleAtFixedRate(() -> log.add("tock"), 9, 9, MILLISECONDS);
    view.shutdown();
    advance(100);

    assertThat(log).containsExactly("tick");
    assertThat(never).containsExactly((Runnable) other);
    assertThat(self.isCancelled()).isTrue();
    assertThat(view.isTerminated()).isTrue();
  }

  @Test
  void theShutdownOfTheDispatcherEndsWhatIsPeriodicUnderEachPolicy() {
    DispatcherExecutorService view = view(true, true);
    ScheduledFuture<?> periodic =
        view.scheduleAtFixedRate(() -> log.add("tick"), 5, 5, MILLISECONDS);
    view.shutdown();
    loop.shutdown();
    advance(100);

    assertThat(loop.isClosed()).isTrue();
    assertThat(periodic.isCancelled()).isTrue();
    assertThat(view.isTerminated()).isTrue();
    assertThat(log).containsExactly("tick");
  }

  @Test
  void whatIsCancelledIsGoneAtOnce() {
    DispatcherExecutorService view = view(true, false);
    List<ScheduledFuture<?>> futures = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      futures.add(view.schedule(() -> {}, 1, HOURS));
    }
    loop.runUntilStalled();
    assertThat(loop.snapshot().timedCallbacks()).isEqualTo(1000);
    futures.forEach(future -> future.cancel(false));

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
    assertThat(loop.snapshot().timedCallbacks()).isZero();
    assertThat(view.shutdownNow()).isEmpty();
  }
}
