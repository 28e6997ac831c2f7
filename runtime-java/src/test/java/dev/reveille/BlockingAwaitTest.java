package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import dev.reveille.spi.Host;
import dev.reveille.spi.HostedDispatcher;
import java.io.IOException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A thread outside waits for what the loop brings about. */
class BlockingAwaitTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.onSystemClock();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  private Driving drive() {
    return rig.drive(loop, RunnableDispatcher::run);
  }

  @Test
  void itReturnsTheResult() throws Exception {
    drive();
    String result = loop.blockingAwait(cx -> Poll.ready("value"));
    String inTime = loop.blockingAwait(cx -> Poll.ready("in time"), Rig.PATIENCE);
    assertThat(result).isEqualTo("value");
    assertThat(inTime).isEqualTo("in time");
  }

  @Test
  void itWaitsForSomebodyToDrive() throws Exception {
    FutureTask<String> waiting =
        rig.start("waiting", () -> loop.blockingAwait(cx -> Poll.ready("value")));
    Rig.awaitState("posted", () -> loop.runUntilStalled() != null && waiting.isDone());
    assertThat(Rig.await(waiting)).isEqualTo("value");
  }

  @Test
  void aFailureIsThrownAsItIsAndToldNobodyElse() {
    drive();
    IOException failure = new IOException("expected");
    assertThatThrownBy(
            () ->
                loop.blockingAwait(
                    cx -> {
                      throw failure;
                    }))
        .isSameAs(failure);
    assertThat(rig.takeUncaught()).isEmpty();
  }

  @Test
  void onItsOwnLoopItThrowsAtOnceAndLeavesThePollableUntouched() {
    boolean[] polled = {false};
    JoinHandle<Complete> task =
        loop.spawn(
            "waits on its loop",
            cx -> {
              loop.blockingAwait(
                  inner -> {
                    polled[0] = true;
                    return Poll.ready();
                  });
              return Poll.ready();
            });
    task.observe();
    loop.runUntilStalled();
    assertThatThrownBy(task::outcome)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("blockingAwait")
        .hasMessageContaining("waits on its loop");
    assertThat(polled[0]).isFalse();
  }

  @Test
  void onTheLoopOfAnotherDispatcherItThrowsAtOnce() {
    RunnableDispatcher other = rig.dispatcher(o -> o.withName("other"));
    JoinHandle<Complete> task =
        other.spawn("blocks", cx -> loop.blockingAwait(inner -> Poll.ready(Poll.ready())));
    task.observe();
    other.runUntilStalled();
    assertThatThrownBy(task::outcome)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'other'");
  }

  @Test
  void whenTheTimeIsOverTheTaskIsCancelledAndNamed() {
    Driving driving = drive();
    boolean[] cancelled = {false};
    Pollable<String> endless =
        new Operation<>("endless") {
          @Override
          protected Poll<String> doPoll(Context cx) {
            return cx.park();
          }

          @Override
          protected void doCancel() {
            cancelled[0] = true;
          }
        };
    assertThatThrownBy(() -> loop.blockingAwait(endless, Duration.ofMillis(5)))
        .isInstanceOf(TimeoutException.class)
        .hasMessageContaining("endless")
        .hasMessageContaining("PT0.005S");
    Rig.awaitState("the task is gone", () -> loop.snapshot().tasks().isEmpty());
    loop.stop();
    assertThat(driving.isRunning() || cancelled[0]).isTrue();
  }

  @Test
  void aZeroTimeoutStillTakesWhatIsThere() {
    assertThatThrownBy(() -> loop.blockingAwait(cx -> Poll.ready("never polled"), Duration.ZERO))
        .isInstanceOf(TimeoutException.class);
    loop.runUntilStalled();
    assertThat(loop.snapshot().tasks()).isEmpty();
  }

  @Test
  void anInterruptCancelsTheTaskAndIsThrown() throws Exception {
    drive();
    AtomicReference<Thread> waiter = new AtomicReference<>();
    FutureTask<Throwable> waiting =
        rig.start(
            "waiting",
            () -> {
              waiter.set(Thread.currentThread());
              try {
                return new AssertionError(loop.blockingAwait(cx -> cx.park()));
              } catch (InterruptedException e) {
                return e;
              }
            });
    Rig.awaitState("it waits", () -> !loop.snapshot().tasks().isEmpty());
    waiter.get().interrupt();
    assertThat(Rig.await(waiting)).isInstanceOf(InterruptedException.class);
    Rig.awaitState("the task is gone", () -> loop.snapshot().tasks().isEmpty());
  }

  @Test
  void aClosedDispatcherIsSaid() {
    loop.close();
    assertThatThrownBy(() -> loop.blockingAwait(cx -> Poll.ready("value")))
        .isInstanceOf(CancellationException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void aCloseEndsTheWait() throws Exception {
    FutureTask<Throwable> waiting =
        rig.start(
            "waiting",
            () -> {
              try {
                return new AssertionError(loop.blockingAwait(cx -> cx.park()));
              } catch (CancellationException e) {
                return e;
              }
            });
    Driving driving = drive();
    Rig.awaitState("it waits", () -> !loop.snapshot().tasks().isEmpty());
    loop.close();
    assertThat(Rig.await(waiting)).isInstanceOf(CancellationException.class);
    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.CLOSED);
  }

  @Test
  void whatTheCallerWroteIsSeenAndWhatTheTaskWroteToo() throws Exception {
    drive();
    for (int i = 0; i < 1_000; i++) {
      int[] plain = {i, 0};
      loop.blockingAwait(
          cx -> {
            plain[1] = plain[0] + 1;
            return Poll.ready();
          });
      assertThat(plain[1]).isEqualTo(i + 1);
    }
  }

  /** The classic of GUI programs: an event that waits for what only the event thread could do. */
  @Test
  void onAThreadOfItsHostItThrowsAtOnce() throws Exception {
    ExecutorService gui = Executors.newSingleThreadExecutor();
    try {
      Thread[] thread = new Thread[1];
      gui.submit(() -> thread[0] = Thread.currentThread()).get();
      Host host =
          new Host() {
            @Override
            public void execute(Runnable drain) {
              gui.execute(drain);
            }

            @Override
            public void wakeAfter(long nanos, Runnable drain) {}

            @Override
            public boolean inHost() {
              return Thread.currentThread() == thread[0];
            }
          };
      try (var hosted = HostedDispatcher.on(host)) {
        Future<String> event =
            gui.submit(() -> hosted.blockingAwait(cx -> Poll.ready("value"), Rig.PATIENCE));
        assertThatThrownBy(event::get)
            .hasCauseInstanceOf(IllegalStateException.class)
            .hasMessageContaining("its own loop");
        String elsewhere = hosted.blockingAwait(cx -> Poll.ready("value"), Rig.PATIENCE);
        assertThat(elsewhere).isEqualTo("value");
      }
    } finally {
      gui.shutdownNow();
    }
  }

  @Test
  void aTaskMayBeAwaitedAndIsCleanedUp() throws Exception {
    drive();
    List<String> log = Collections.synchronizedList(new ArrayList<>());
    RecordingTask task = new RecordingTask(log);
    task.answer = Poll.ready();
    Complete done = loop.blockingAwait(task, Rig.PATIENCE);
    assertThat(done).isEqualTo(Complete.COMPLETE);
    assertThat(log).containsExactly("init", "poll", "cleanup");
    assertThatThrownBy(
            () -> {
              task.answer = Poll.pending();
              loop.blockingAwait(task, Duration.ZERO);
            })
        .isInstanceOf(TimeoutException.class);
  }

  @Test
  void aRuleThatThePollableBreaksIsToldByItsName() {
    drive();
    Pollable<String> broken =
        new Operation<>("broken") {
          @Override
          protected Poll<String> doPoll(Context cx) {
            return Poll.pending();
          }
        };
    assertThatThrownBy(() -> loop.blockingAwait(broken, Rig.PATIENCE))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'broken'")
        .hasMessageContaining("without having asked");
  }

  /** Where the JDK has virtual threads; on an older one a platform thread waits twice. */
  @Test
  void aVirtualThreadMayWait() throws Exception {
    drive();
    AtomicReference<String> result = new AtomicReference<>();
    FutureTask<Boolean> waiting =
        new FutureTask<>(
            () -> {
              result.set(loop.blockingAwait(cx -> Poll.ready("value"), Rig.PATIENCE));
              return true;
            });
    startVirtually(waiting);

    assertThat(Rig.await(waiting)).isTrue();
    assertThat(result).hasValue("value");
  }

  private static void startVirtually(Runnable task) throws ReflectiveOperationException {
    for (Method method : Thread.class.getMethods()) {
      if (method.getName().equals("startVirtualThread")) {
        method.invoke(null, task);
        return;
      }
    }
    new Thread(task).start();
  }
}
