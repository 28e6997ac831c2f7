package dev.reveille.callbacks.executors;

import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The rules of {@code invokeAll}, {@code invokeAny} and the completion service, off the loop. */
final class ViewInvokeTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.onSystemClock();
  private final DispatcherExecutorService view = DispatcherExecutorService.of(loop);
  private Driving driving;

  @BeforeEach
  void drive() {
    driving = rig.drive(loop, RunnableDispatcher::run);
  }

  @AfterEach
  void closeTheRig() throws Exception {
    loop.stop();
    driving.awaitOutcome();
    rig.close();
  }

  private static Callable<String> failing(Exception failure) {
    return () -> {
      throw failure;
    };
  }

  private static long patience() {
    return Rig.PATIENCE.toSeconds();
  }

  // ------------------------------------------------------------------ arguments

  @Test
  void nullsAndNothingAreRefused() {
    List<Callable<String>> withNull = Arrays.asList(() -> "one", null);
    List<Callable<String>> one = List.of(() -> "one");
    List<ThrowingCallable> nulls =
        List.of(
            () -> view.invokeAny(null),
            () -> view.invokeAny(null, 1, SECONDS),
            () -> view.invokeAny(one, 1, null),
            () -> view.invokeAll(null),
            () -> view.invokeAll(null, 1, SECONDS),
            () -> view.invokeAll(withNull),
            () -> view.invokeAll(withNull, patience(), SECONDS),
            () -> view.invokeAll(one, 1, null));
    assertThat(nulls)
        .allSatisfy(call -> assertThatThrownBy(call).isInstanceOf(NullPointerException.class));
    assertThatThrownBy(() -> view.invokeAny(Arrays.asList(null, () -> "x")))
        .isInstanceOf(NullPointerException.class);

    assertThatThrownBy(() -> view.invokeAny(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> view.invokeAny(List.of(), 1, SECONDS))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void allOfNothingIsNothing() throws Exception {
    assertThat(view.invokeAll(Collections.<Callable<String>>emptyList())).isEmpty();
    assertThat(view.invokeAll(Collections.<Callable<String>>emptyList(), 1, SECONDS)).isEmpty();
  }

  // ------------------------------------------------------------------ outcomes

  @Test
  void anyOfThoseThatAllFailThrowsAFailure() {
    List<Callable<String>> tasks =
        List.of(failing(new IOException("one")), failing(new IOException("two")));

    assertThatThrownBy(() -> view.invokeAny(tasks))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(IOException.class);
    assertThatThrownBy(() -> view.invokeAny(tasks, patience(), SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(IOException.class);
  }

  @Test
  void allAreDoneWhetherTheyFailedOrNot() throws Exception {
    List<Future<String>> futures =
        view.invokeAll(
            List.of(() -> "one", failing(new IOException("two")), () -> "three"),
            patience(),
            SECONDS);

    assertThat(futures).allMatch(Future::isDone).noneMatch(Future::isCancelled);
    assertThat(futures.get(0).get()).isEqualTo("one");
    assertThatThrownBy(() -> futures.get(1).get()).hasCauseInstanceOf(IOException.class);
    assertThat(futures.get(2).get()).isEqualTo("three");
  }

  @Test
  void aNullAmongAllCancelsThoseBeforeIt() {
    CountDownLatch held = new CountDownLatch(1);
    List<String> ran = new ArrayList<>();
    loop.post(() -> awaitQuietly(held));

    assertThatThrownBy(() -> view.invokeAll(Arrays.asList(() -> ran.add("one"), null)))
        .isInstanceOf(NullPointerException.class);
    held.countDown();
    view.close();

    assertThat(ran).isEmpty();
  }

  @Test
  void anInterruptEndsTheWaitAndCancelsAll() throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch started = new CountDownLatch(1);
    List<String> ran = new ArrayList<>();
    Thread[] waiter = new Thread[1];
    loop.post(() -> awaitQuietly(held));
    FutureTask<?> waiting =
        rig.start(
            "waiting",
            () -> {
              waiter[0] = Thread.currentThread();
              started.countDown();
              return view.invokeAll(List.of(() -> ran.add("one"), () -> ran.add("two")));
            });
    Rig.await(started);
    waiter[0].interrupt();

    assertThatThrownBy(() -> Rig.await(waiting)).isInstanceOf(InterruptedException.class);
    held.countDown();
    view.close();
    assertThat(ran).isEmpty();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      Rig.await(latch);
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  @Test
  void aViewThatIsShutDownRefusesThem() {
    view.shutdown();
    List<Callable<String>> one = List.of(() -> "one");

    assertThatThrownBy(() -> view.invokeAll(one)).isInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(() -> view.invokeAny(one)).isInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(() -> view.invokeAll(one, 1, SECONDS))
        .isInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(() -> view.invokeAny(one, 1, SECONDS))
        .isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void theCloseOfTheDispatcherEndsTheWaitForAll() throws Exception {
    RunnableDispatcher other = rig.onSystemClock();
    DispatcherExecutorService undriven = DispatcherExecutorService.of(other);
    CountDownLatch submitted = new CountDownLatch(1);
    List<Callable<String>> tasks = List.of(() -> "one", () -> "two");
    FutureTask<List<Future<String>>> waiting =
        rig.start("waiting", () -> undriven.invokeAll(new Announced<>(tasks, submitted)));
    Rig.await(submitted);
    other.close();

    assertThat(Rig.await(waiting)).hasSize(2).allMatch(Future::isCancelled);
  }

  /** Tells when somebody has looked at all of it. */
  private static final class Announced<T> extends AbstractList<T> {
    private final List<T> elements;
    private final CountDownLatch latch;

    Announced(List<T> elements, CountDownLatch latch) {
      this.elements = elements;
      this.latch = latch;
    }

    @Override
    public T get(int index) {
      return elements.get(index);
    }

    @Override
    public Iterator<T> iterator() {
      Iterator<T> iterator = elements.iterator();
      return new Iterator<>() {
        @Override
        public boolean hasNext() {
          boolean more = iterator.hasNext();
          if (!more) {
            latch.countDown(); // all before were submitted
          }
          return more;
        }

        @Override
        public T next() {
          return iterator.next();
        }
      };
    }

    @Override
    public int size() {
      return elements.size();
    }
  }

  // ------------------------------------------------------------------ the completion service

  @Test
  void aCompletionServiceHandsTheFuturesOutInTheOrderOfTheirEnds() throws Exception {
    ExecutorCompletionService<String> service = new ExecutorCompletionService<>(view);
    CountDownLatch held = new CountDownLatch(1);
    loop.post(() -> awaitQuietly(held));
    assertThat(service.poll()).isNull();
    Future<String> first = service.submit(() -> "first");
    Future<String> failing = service.submit(failing(new IOException("gone")));
    Future<String> cancelled = service.submit(() -> "never");
    Future<String> given = service.submit(() -> {}, "given");
    assertThat(service.poll(1, NANOSECONDS)).isNull();
    cancelled.cancel(true);
    held.countDown();

    assertThat(service.take()).isSameAs(first);
    assertThat(first.get()).isEqualTo("first");
    assertThat(service.take()).isSameAs(failing);
    assertThatThrownBy(failing::get).hasCauseInstanceOf(IOException.class);
    assertThat(service.take()).isSameAs(cancelled);
    assertThatThrownBy(cancelled::get).isInstanceOf(CancellationException.class);
    assertThat(service.poll(patience(), SECONDS)).isSameAs(given);
    assertThat(given.get()).isEqualTo("given");
    assertThat(service.poll()).isNull();
  }

  @Test
  void aCompletionServiceRefusesNullAndWhatTheViewRefuses() {
    ExecutorCompletionService<String> service = new ExecutorCompletionService<>(view);
    assertThatThrownBy(() -> service.submit(null)).isInstanceOf(NullPointerException.class);
    view.shutdown();
    assertThatThrownBy(() -> service.submit(() -> "late"))
        .isInstanceOf(RejectedExecutionException.class);
  }
}
