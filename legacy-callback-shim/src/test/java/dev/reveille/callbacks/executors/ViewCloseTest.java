package dev.reveille.callbacks.executors;

import static java.util.concurrent.TimeUnit.HOURS;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.reveille.BasicDispatcher;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code close()}, which JDK 19 gave to every executor: here on each JDK. */
final class ViewCloseTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.onSystemClock();
  private final DispatcherExecutorService view = DispatcherExecutorService.of(loop);
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private boolean close() {
    view.close();
    return Thread.interrupted();
  }

  @Test
  void aCloseWaitsForWhatWasSubmittedAndWhatIsDelayed() throws Exception {
    CountDownLatch goOn = new CountDownLatch(1);
    Driving driving = rig.drive(loop, RunnableDispatcher::run);
    view.submit(
        () -> {
          Rig.await(goOn);
          return log.add("submitted");
        });
    view.schedule(() -> log.add("delayed"), 1, MILLISECONDS);
    ScheduledFuture<?> periodic = view.scheduleAtFixedRate(() -> {}, 1, 1, HOURS);
    FutureTask<Boolean> closing = rig.start("closing", this::close);
    Rig.awaitState("the view is shut down", view::isShutdown);
    assertThat(closing.isDone()).isFalse();
    goOn.countDown();

    assertThat(Rig.await(closing)).as("interrupted").isFalse();
    assertThat(view.isTerminated()).isTrue();
    assertThat(log).containsExactly("submitted", "delayed");
    assertThat(periodic.isCancelled()).isTrue();
    assertThat(loop.isShutdown()).as("the loop goes on").isFalse();
    loop.stop();
    driving.awaitOutcome();
  }

  @Test
  void anInterruptOfACloseMakesItAShutdownNowAndIsRestored() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    Driving driving = rig.drive(loop, RunnableDispatcher::run);
    view.submit(
        () -> {
          running.countDown();
          Rig.await(goOn);
          return log.add("to its end");
        });
    ScheduledFuture<?> delayed = view.schedule(() -> log.add("delayed"), 1, HOURS);
    Rig.await(running);
    Thread[] closer = new Thread[1];
    CountDownLatch started = new CountDownLatch(1);
    FutureTask<Boolean> closing =
        rig.start(
            "closing",
            () -> {
              closer[0] = Thread.currentThread();
              started.countDown();
              return close();
            });
    Rig.await(started);
    closer[0].interrupt();
    Rig.awaitState("the delayed one is handed out", () -> view.shutdownNow().isEmpty());
    assertThat(closing.isDone()).as("what runs is waited for").isFalse();
    goOn.countDown();

    assertThat(Rig.await(closing)).as("interrupted").isTrue();
    assertThat(log).containsExactly("to its end");
    assertThat(delayed.isDone()).isFalse();
    loop.stop();
    driving.awaitOutcome();
  }

  @Test
  void aCloseOnTheLoopIsRefusedAndChangesNothing() {
    List<@Nullable Throwable> thrown = new ArrayList<>();
    view.execute(() -> thrown.add(catchThrowable(view::close)));
    view.execute(() -> log.add("still open: " + !view.isShutdown()));
    loop.runUntilStalled();

    assertThat(thrown)
        .singleElement()
        .satisfies(
            t ->
                assertThat(t)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("close on the loop of BasicDispatcher[loop]"));
    assertThat(log).containsExactly("still open: true");
  }

  @Test
  void aCloseOfATerminatedViewDoesNothingAlsoOnTheLoop() {
    view.shutdown();
    loop.post(view::close);
    loop.runUntilStalled();

    assertThat(view.isTerminated()).isTrue();
  }

  @Test
  void aViewMayBeAResource() throws Exception {
    Driving driving = rig.drive(loop, RunnableDispatcher::run);
    try (var resource = DispatcherExecutorService.of(loop)) {
      resource.execute(() -> log.add("ran"));
    }

    assertThat(log).containsExactly("ran");
    loop.stop();
    driving.awaitOutcome();
  }

  @Test
  void aCloseOfTheDispatcherEndsTheWaitOfAClose() throws Exception {
    view.execute(() -> log.add("never"));
    FutureTask<Boolean> closing = rig.start("closing", this::close);
    Rig.awaitState("the view is shut down", view::isShutdown);
    loop.close();

    assertThat(Rig.await(closing)).isFalse();
    assertThat(log).isEmpty();
  }
}
