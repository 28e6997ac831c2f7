package dev.reveille.callbacks.executors;

import static java.util.concurrent.TimeUnit.HOURS;
import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Delayed;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What {@link Future}, {@link ScheduledFuture} and {@link Delayed} promise, on each JDK. */
final class ViewFutureTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final DispatcherExecutorService view = DispatcherExecutorService.of(loop);
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private static <T> T failing(Exception failure) throws Exception {
    throw failure;
  }

  // ------------------------------------------------------------------ state(), since JDK 19

  /** Calls a method that JDK 19 gave to {@link Future}. */
  private static Object call(Future<?> future, String method) throws Throwable {
    assumeThat(Runtime.version().feature()).isGreaterThanOrEqualTo(19);
    try {
      return Future.class.getMethod(method).invoke(future);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  private static String state(Future<?> future) throws Throwable {
    return call(future, "state").toString();
  }

  @Test
  void theStateIsToldAlsoOnTheLoop() throws Throwable {
    AtomicReference<Future<?>> itself = new AtomicReference<>();
    IOException failure = new IOException("gone");
    Future<String> succeeds = view.submit(() -> "done");
    Future<String> fails = view.submit(() -> failing(failure));
    Future<String> cancelled = view.schedule(() -> "never", 1, HOURS);
    cancelled.cancel(true);
    itself.set(
        view.submit(
            () -> {
              try {
                log.add("itself " + state(itself.get()));
                log.add("success " + state(succeeds) + " " + call(succeeds, "resultNow"));
                log.add("failure " + state(fails));
              } catch (Exception | Error e) {
                throw e;
              } catch (Throwable t) {
                throw new AssertionError(t);
              }
              return true;
            }));
    assertThat(state(succeeds)).isEqualTo("RUNNING");
    assertThatThrownBy(() -> call(succeeds, "resultNow")).isInstanceOf(IllegalStateException.class);
    loop.runUntilStalled();

    assertThat(itself.get().get()).isEqualTo(true);
    assertThat(log).containsExactly("itself RUNNING", "success SUCCESS done", "failure FAILED");
    assertThat(call(fails, "exceptionNow")).isSameAs(failure);
    assertThatThrownBy(() -> call(fails, "resultNow")).isInstanceOf(IllegalStateException.class);
    assertThat(state(cancelled)).isEqualTo("CANCELLED");
    assertThatThrownBy(() -> call(cancelled, "exceptionNow"))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void theStateOfAPeriodicOneIsRunningUntilItsEnd() throws Throwable {
    ScheduledFuture<?> periodic = view.scheduleAtFixedRate(() -> log.add("tick"), 0, 1, HOURS);
    assertThat(state(periodic)).isEqualTo("RUNNING");
    loop.runUntilStalled();
    assertThat(log).containsExactly("tick");
    assertThat(state(periodic)).isEqualTo("RUNNING");
    assertThat(((RunnableScheduledFuture<?>) periodic).isPeriodic()).isTrue();
    periodic.cancel(false);
    assertThat(state(periodic)).isEqualTo("CANCELLED");
  }

  // ------------------------------------------------------------------ get

  @Test
  void aGetIsEndedByAnInterrupt() throws Exception {
    Future<String> future = view.submit(() -> "nobody drives");
    CountDownLatch started = new CountDownLatch(1);
    Thread[] waiter = new Thread[1];
    FutureTask<String> waiting =
        rig.start(
            "waiting",
            () -> {
              waiter[0] = Thread.currentThread();
              started.countDown();
              return future.get();
            });
    Rig.await(started);
    waiter[0].interrupt();

    assertThatThrownBy(() -> Rig.await(waiting)).isInstanceOf(InterruptedException.class);
    assertThat(future.isDone()).isFalse();
  }

  @Test
  void aGetWithATimeoutGivesUp() {
    Future<String> future = view.submit(() -> "nobody drives");

    assertThatThrownBy(() -> future.get(1, NANOSECONDS)).isInstanceOf(TimeoutException.class);
    assertThatThrownBy(() -> future.get(-1, SECONDS)).isInstanceOf(TimeoutException.class);
    assertThatThrownBy(() -> future.get(1, null)).isInstanceOf(NullPointerException.class);
  }

  @Test
  void aCancelFromElsewhereEndsTheWaitOfAGet() throws Exception {
    ScheduledFuture<String> future = view.schedule(() -> "never", 1, HOURS);
    FutureTask<String> waiting = rig.start("waiting", future::get);
    future.cancel(false);

    assertThatThrownBy(() -> Rig.await(waiting)).isInstanceOf(CancellationException.class);
  }

  @Test
  void aPeriodicOneThatFailedThrowsItFromGetAndDoesNotRunAgain() {
    Error failure = new AssertionError("an error, too");
    ScheduledFuture<?> periodic =
        view.scheduleWithFixedDelay(
            () -> {
              log.add("tick");
              throw failure;
            },
            1,
            1,
            NANOSECONDS);
    rig.time().advance(java.time.Duration.ofMillis(1));

    assertThat(log).containsExactly("tick");
    assertThatThrownBy(periodic::get).hasCause(failure);
    assertThat(periodic.cancel(false)).isFalse();
  }

  /** Plain fields, so that only the executor orders them. */
  private static final class Plain {
    int value;
  }

  @Test
  void submissionAndRunAndGetAreOrdered() throws Exception {
    Driving driving = rig.drive(loop, RunnableDispatcher::run);
    Plain plain = new Plain();
    for (int i = 0; i < 10_000; i++) {
      plain.value = i;
      Future<Integer> future = view.submit(() -> ++plain.value);
      assertThat(future.get(Rig.PATIENCE.toSeconds(), SECONDS)).isEqualTo(i + 1);
      assertThat(plain.value).isEqualTo(i + 1);
    }
    loop.stop();
    driving.awaitOutcome();
  }

  // ------------------------------------------------------------------ Delayed

  @Test
  void theOrderIsATotalOneAlsoAcrossViewsOfOneClock() {
    DispatcherExecutorService other = DispatcherExecutorService.of(rig.dispatcher());
    Random random = new Random(42);
    List<Delayed> all = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      DispatcherExecutorService one = random.nextBoolean() ? view : other;
      long delay = random.nextInt(4) == 0 ? Long.MAX_VALUE : random.nextInt(5);
      all.add(
          random.nextInt(4) == 0
              ? (Delayed) one.submit(() -> {})
              : one.schedule(() -> {}, delay, SECONDS));
    }
    for (Delayed a : all) {
      for (Delayed b : all) {
        assertThat(Integer.signum(a.compareTo(b))).isEqualTo(-Integer.signum(b.compareTo(a)));
        for (Delayed c : all) {
          if (a.compareTo(b) < 0 && b.compareTo(c) < 0) {
            assertThat(a.compareTo(c)).isNegative();
          }
        }
      }
    }
    Collections.sort(all);
    assertThat(all).isSortedAccordingTo((a, b) -> Long.compare(nanos(a), nanos(b)));
    assertThatThrownBy(() -> all.get(0).compareTo(null)).isInstanceOf(NullPointerException.class);
  }

  private static long nanos(Delayed delayed) {
    return delayed.getDelay(NANOSECONDS);
  }
}
