package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.SubmissionPublisher;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Publishers and loops on threads of their own: nothing is lost, doubled or out of order. */
final class FromPublisherHammerTest {
  private static final int ELEMENTS = 20_000;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.onSystemClock();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  private static <T> T await(JoinHandle<T> handle) throws Exception {
    return handle.toCompletableFuture().get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** Sums up, and checks that each is the one after the one before. */
  private static JoinHandle<Integer> inOrder(
      RunnableDispatcher dispatcher, PollStream<Integer> stream) {
    return dispatcher.spawn(
        stream.fold(
            0,
            (expected, n) -> {
              if (!expected.equals(n)) {
                throw new AssertionError("expected " + expected + ", got " + n);
              }
              return expected + 1;
            }));
  }

  @Test
  void everyElementOfAPublisherArrivesOnceAndInOrder() throws Exception {
    rig.drive(loop, RunnableDispatcher::run);
    // A thread of the test, since the common pool of a small machine has none to spare.
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try {
      for (int prefetch : new int[] {1, 3, 64}) {
        try (SubmissionPublisher<Integer> publisher = new SubmissionPublisher<>(executor, 64)) {
          JoinHandle<Integer> handle = inOrder(loop, PollStream.from(publisher, prefetch));
          Rig.awaitState("it is subscribed to", publisher::hasSubscribers);
          int elements = Math.min(ELEMENTS, 1000 * prefetch);
          for (int i = 0; i < elements; i++) {
            publisher.submit(i); // blocks while the buffers are full
          }
          publisher.close();

          assertThat(await(handle)).isEqualTo(elements);
        }
      }
    } finally {
      executor.shutdown();
    }
  }

  @Test
  void aStreamAcrossTwoLoopsLosesNothing() throws Exception {
    RunnableDispatcher other = rig.onSystemClock();
    rig.drive(loop, RunnableDispatcher::run);
    rig.drive(other, RunnableDispatcher::run);
    Flow.Publisher<Integer> publisher =
        Publishers.publisher(
            other, () -> PollStream.from(() -> IntStream.range(0, ELEMENTS).iterator()));

    List<JoinHandle<Integer>> handles =
        List.of(
            inOrder(loop, PollStream.from(publisher, 16)),
            inOrder(loop, PollStream.from(publisher, 2).take(1000)));

    assertThat(await(handles.get(0))).isEqualTo(ELEMENTS);
    assertThat(await(handles.get(1))).isEqualTo(1000);
  }

  /** The race of rule 2.7 and 3.5: a cancel while requests and signals fly. */
  @Test
  void cancelledAtAnyTimeTheOtherLoopComesToRest() throws Exception {
    RunnableDispatcher other = rig.onSystemClock();
    Driving driving = rig.drive(other, RunnableDispatcher::run);
    rig.drive(loop, RunnableDispatcher::run);
    AtomicLong open = new AtomicLong();
    Flow.Publisher<Integer> endless =
        Publishers.publisher(
            other,
            () -> {
              open.getAndIncrement();
              return new Endless(open);
            });
    for (int i = 0; i < 200; i++) {
      await(loop.spawn(PollStream.from(endless, 1 + i % 7).take(1 + i % 50).count()));
    }

    Rig.awaitState("every stream was cancelled", () -> open.get() == 0);
    driving.awaitAsleep();
    assertThat(other.snapshot().tasks()).isEmpty();
  }

  /** Endless, and counted at its release. */
  private static final class Endless extends AbstractPollStream<Integer> {
    private final AtomicLong open;
    private int next;

    Endless(AtomicLong open) {
      super("endless");
      this.open = open;
    }

    @Override
    protected Poll<@Nullable Integer> doPollNext(Context cx) {
      return cx.tryProceed() ? element(next++) : Poll.pending();
    }

    @Override
    protected void release() {
      open.getAndDecrement();
    }
  }

  /**
   * Against rule 1.3. What is given is in order for each thread, or the stream says what happened.
   */
  @Test
  void signalsFromTwoThreadsAtOnceAreEitherAllThereOrReported() throws Exception {
    rig.drive(loop, RunnableDispatcher::run);
    AtomicLong demand = new AtomicLong();
    List<Flow.Subscriber<? super Integer>> captured = new CopyOnWriteArrayList<>();
    PollStream<Integer> stream =
        PollStream.from(
            s -> {
              s.onSubscribe(
                  new Flow.Subscription() {
                    @Override
                    public void request(long n) {
                      demand.getAndAdd(n);
                    }

                    @Override
                    public void cancel() {
                      demand.set(Long.MIN_VALUE / 2);
                    }
                  });
              captured.add(s);
            },
            64);
    CompletableFuture<Long> count = loop.spawn(stream.count()).toCompletableFuture();
    Rig.awaitState("it has subscribed", () -> !captured.isEmpty());
    AtomicLong signalled = new AtomicLong();
    var one = rig.start("one", () -> signal(captured.get(0), demand, signalled));
    var two = rig.start("two", () -> signal(captured.get(0), demand, signalled));
    Rig.await(one);
    Rig.await(two);
    captured.get(0).onComplete();

    try {
      assertThat(count.get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(signalled.get());
    } catch (ExecutionException e) {
      assertThat(e.getCause()).hasMessageContaining("two threads at the same time (rule 1.3)");
    }
  }

  private static boolean signal(
      Flow.Subscriber<? super Integer> subscriber, AtomicLong demand, AtomicLong signalled) {
    for (int i = 0; i < 20_000 && demand.get() > Long.MIN_VALUE / 4; i++) {
      if (demand.getAndDecrement() > 0) {
        signalled.getAndIncrement();
        subscriber.onNext(i);
      } else {
        demand.getAndIncrement();
        Thread.yield();
      }
    }
    return true;
  }
}
