package dev.reveille.callbacks.guava;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import com.google.common.util.concurrent.testing.AbstractListenableFutureTest;
import dev.reveille.BasicDispatcher;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import junit.framework.TestFailure;
import junit.framework.TestResult;
import junit.framework.TestSuite;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tasks as Guava's futures. */
class TaskFutureTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher dispatcher = rig.dispatcher();

  @AfterEach
  void end() throws Exception {
    rig.close();
  }

  /** Parks, and tells that it was cancelled. */
  private static final class Sleeper implements Pollable<String> {
    final AtomicBoolean cancelled = new AtomicBoolean();

    @Override
    public Poll<String> poll(Context cx) {
      return cx.park();
    }

    @Override
    public void cancel() {
      cancelled.set(true);
    }
  }

  @Test
  void theResultIsTheValueAndCallbacksRunWithTheirExecutor() throws Exception {
    ListenableFuture<String> future =
        GuavaFutures.listenable(dispatcher, "task", cx -> Poll.ready("done"));
    List<String> log = Collections.synchronizedList(new ArrayList<>());
    List<Runnable> queue = new ArrayList<>();
    Executor queueing = queue::add;
    FutureCallback<String> callback =
        new FutureCallback<>() {
          @Override
          public void onSuccess(String value) {
            log.add(value + " on loop: " + dispatcher.onLoop());
          }

          @Override
          public void onFailure(Throwable failure) {
            log.add("failed");
          }
        };
    Futures.addCallback(future, callback, MoreExecutors.directExecutor());
    Futures.addCallback(future, callback, queueing);
    assertThat(log).isEmpty();
    dispatcher.runUntilStalled();
    queue.forEach(Runnable::run);
    assertThat(log).containsExactly("done on loop: true", "done on loop: false");
    assertThat(Futures.getDone(future)).isEqualTo("done");
  }

  @Test
  void theFailureIsTheCause() {
    IOException failure = new IOException("broken");
    ListenableFuture<String> future =
        GuavaFutures.listenable(
            dispatcher,
            cx -> {
              throw failure;
            });
    dispatcher.runUntilStalled();
    assertThatThrownBy(future::get).isInstanceOf(ExecutionException.class).hasCause(failure);
    assertThat(rig.takeUncaught()).isEmpty();
  }

  @Test
  void cancellingTheFutureCancelsTheTask() {
    Sleeper sleeper = new Sleeper();
    ListenableFuture<String> future = GuavaFutures.listenable(dispatcher, "sleeper", sleeper);
    dispatcher.runUntilStalled();
    assertThat(future.cancel(true)).isTrue();
    dispatcher.runUntilStalled();
    assertThat(sleeper.cancelled).isTrue();
    assertThat(dispatcher.snapshot().tasks()).isEmpty();
  }

  /** Guava passes it on through what was derived. */
  @Test
  void cancellingAFutureThatWasDerivedCancelsTheTask() {
    Sleeper sleeper = new Sleeper();
    ListenableFuture<Integer> length =
        Futures.transform(
            GuavaFutures.listenable(dispatcher, "sleeper", sleeper),
            String::length,
            MoreExecutors.directExecutor());
    dispatcher.runUntilStalled();
    length.cancel(false);
    dispatcher.runUntilStalled();
    assertThat(sleeper.cancelled).isTrue();
  }

  @Test
  void aFailureAfterTheCancelGoesToTheUncaughtHandler() {
    List<ListenableFuture<String>> self = new ArrayList<>();
    self.add(
        GuavaFutures.listenable(
            dispatcher,
            "task",
            cx -> {
              self.get(0).cancel(false);
              throw new IOException("while cancelled");
            }));
    dispatcher.runUntilStalled();
    assertThat(self.get(0).isCancelled()).isTrue();
    assertThat(rig.takeUncaught()).singleElement().extracting(Rig.Uncaught::name).isEqualTo("task");
  }

  @Test
  void aClosedDispatcherCancelsTheFuture() {
    ListenableFuture<String> waiting = GuavaFutures.listenable(dispatcher, new Sleeper());
    dispatcher.runUntilStalled();
    dispatcher.close();
    assertThat(waiting.isCancelled()).isTrue();
    ListenableFuture<String> refused = GuavaFutures.listenable(dispatcher, new Sleeper());
    assertThatThrownBy(refused::get).isInstanceOf(CancellationException.class);
  }

  @Test
  void theTextOfAPendingFutureNamesTheTask() {
    ListenableFuture<String> future =
        GuavaFutures.listenable(dispatcher, "a slow one", new Sleeper());
    assertThat(future.toString()).contains("PENDING").contains("task 'a slow one'");
    future.cancel(false);
    dispatcher.runUntilStalled();
  }

  @Test
  void getOnALoopIsRefusedUnlessItIsDone() throws Exception {
    ListenableFuture<String> slow = GuavaFutures.listenable(dispatcher, "slow", new Sleeper());
    ListenableFuture<String> asks =
        GuavaFutures.listenable(dispatcher, "asks", cx -> Poll.ready(slow.get()));
    ListenableFuture<String> asksForATime =
        GuavaFutures.listenable(
            dispatcher, "asks", cx -> Poll.ready(slow.get(1, TimeUnit.SECONDS)));
    dispatcher.runUntilStalled();
    for (ListenableFuture<String> each : List.of(asks, asksForATime)) {
      assertThatThrownBy(each::get)
          .hasCauseInstanceOf(IllegalStateException.class)
          .hasMessageContainingAll("task 'slow'", "loop");
    }
    ListenableFuture<String> done = GuavaFutures.listenable(dispatcher, cx -> Poll.ready("there"));
    dispatcher.runUntilStalled();
    ListenableFuture<String> gets =
        GuavaFutures.listenable(dispatcher, cx -> Poll.ready(done.get()));
    dispatcher.runUntilStalled();
    assertThat(gets.get()).isEqualTo("there");
    slow.cancel(false);
    dispatcher.runUntilStalled();
  }

  // ------------------------------------------------------------------ Guava's own tests

  /** Guava's tests of any {@code ListenableFuture}; by reflection, a new instance for each. */
  public static final class OfGuava extends AbstractListenableFutureTest {
    private BasicDispatcher loop;
    private Thread driver;

    @Override
    protected <V> ListenableFuture<V> createListenableFuture(
        V value, Exception exception, CountDownLatch waitOn) {
      loop = new BasicDispatcher();
      driver = new Thread(loop::run, "driver for guava");
      ListenableFuture<V> future =
          GuavaFutures.listenable(
              loop,
              "task",
              loop.offload(
                  () -> {
                    waitOn.await();
                    if (exception != null) {
                      throw exception;
                    }
                    return value;
                  },
                  task -> new Thread(task, "worker for guava").start()));
      driver.start();
      return future;
    }

    @Override
    protected void tearDown() throws Exception {
      super.tearDown();
      loop.close();
      driver.join();
    }
  }

  @Test
  void guavasOwnTestsOfAListenableFuturePass() {
    TestResult result = new TestResult();
    new TestSuite(OfGuava.class).run(result);
    List<String> failed = new ArrayList<>();
    result.errors().asIterator().forEachRemaining(failure -> failed.add(trace(failure)));
    result.failures().asIterator().forEachRemaining(failure -> failed.add(trace(failure)));
    assertThat(failed).isEmpty();
    assertThat(result.runCount()).isEqualTo(5);
    Rig.awaitState(
        "no thread is left",
        () ->
            Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().endsWith("for guava")));
  }

  private static String trace(TestFailure failure) {
    return failure + "\n" + failure.trace();
  }
}
