package dev.reveille.callback;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import dev.reveille.sync.PollStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Threads that emit, the loop that emits and consumes, and an end or a cancel at any time: each
 * element is delivered or dropped, once, and those of one thread keep their order.
 */
final class EmitterHammerTest {
  private static final int THREADS = 3; // two, and the loop
  private static final int ELEMENTS = 4_000;
  private static final int STRIDE = 1_000_000;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.onSystemClock();
  private final AtomicReference<Emitter<Integer>> emitter = new AtomicReference<>();

  /** By thread and number: 1 when delivered, 100 when dropped. On the loop only. */
  private final int[][] fates = new int[THREADS][ELEMENTS];

  private final int[] lastOf = new int[THREADS];
  private @Nullable AssertionError disorder;
  private long delivered;

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  static Stream<Overflow> overflows() {
    return Stream.of(
        Overflow.unbounded(),
        Overflow.buffer(1_000),
        Overflow.dropLatest(1),
        Overflow.dropLatest(10),
        Overflow.dropOldest(1),
        Overflow.dropOldest(10),
        Overflow.dropOldest(1_000),
        Overflow.latest(),
        Overflow.watermark(2, 8, () -> {}, () -> {}),
        Overflow.block(1),
        Overflow.block(10));
  }

  private void deliver(int element) {
    int thread = element / STRIDE;
    int number = element % STRIDE;
    fates[thread][number] += 1;
    delivered++;
    if (number <= lastOf[thread]) {
      disorder = new AssertionError(number + " of thread " + thread + " after " + lastOf[thread]);
    }
    lastOf[thread] = number;
  }

  private void drop(int element) {
    fates[element / STRIDE][element % STRIDE] += 100;
  }

  private PollStream<Integer> stream(Overflow overflow) {
    Arrays.fill(lastOf, -1);
    return Emitter.stream(
        "numbers",
        overflow,
        this::drop,
        e -> {
          emitter.set(e);
          return () -> {};
        });
  }

  /** Threads that emit everything, with the pauses of a seed. */
  private FutureTask<Boolean> source(int thread, CountDownLatch go, int end) {
    return rig.start(
        "source " + thread,
        () -> {
          Random random = new Random(thread);
          Rig.await(go);
          for (int i = 0; i < ELEMENTS; i++) {
            emitter.get().next(thread * STRIDE + i);
            if (i == end) {
              emitter.get().complete();
            }
            if (random.nextInt(64) == 0) {
              Thread.yield();
            }
          }
          return true;
        });
  }

  /** The loop emits as well, some in each of its turns. */
  private JoinHandle<String> sourceOnTheLoop(boolean blocks) {
    int[] next = {0};
    return loop.spawn(
        "source on the loop",
        cx -> {
          for (int i = 0; i < 8 && next[0] < ELEMENTS; i++, next[0]++) {
            if (blocks) {
              drop((THREADS - 1) * STRIDE + next[0]); // it is not for loops
            } else {
              emitter.get().next((THREADS - 1) * STRIDE + next[0]);
            }
          }
          cx.waker("its next turn").wake();
          return next[0] == ELEMENTS ? Poll.ready("done") : Poll.pending();
        });
  }

  private static <T> T await(JoinHandle<T> handle) throws Exception {
    return handle.toCompletableFuture().get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private void assertEachHadOneFate() {
    for (int thread = 0; thread < THREADS; thread++) {
      for (int i = 0; i < ELEMENTS; i++) {
        if (fates[thread][i] != 1 && fates[thread][i] != 100) {
          throw new AssertionError(
              i + " of thread " + thread + " has had the fates " + fates[thread][i]);
        }
      }
    }
    assertThat(disorder).isNull();
  }

  @ParameterizedTest
  @MethodSource("overflows")
  void everyElementIsDeliveredOrDroppedOnceAndInTheOrderOfItsThread(Overflow overflow)
      throws Exception {
    run(overflow, Integer.MAX_VALUE, Integer.MAX_VALUE);
    if (overflow == Overflow.unbounded() || overflow.pause != null) {
      assertThat(delivered).isEqualTo((long) THREADS * ELEMENTS);
    }
  }

  @ParameterizedTest
  @MethodSource("overflows")
  void theSameIfTheConsumerGoesInTheMiddle(Overflow overflow) throws Exception {
    run(overflow, 500, Integer.MAX_VALUE);
  }

  @ParameterizedTest
  @MethodSource("overflows")
  void theSameIfOneOfTheThreadsEndsItInTheMiddle(Overflow overflow) throws Exception {
    run(overflow, Integer.MAX_VALUE, ELEMENTS / 3);
    for (int i = ELEMENTS / 3 + 1; i < ELEMENTS; i++) {
      assertThat(fates[0][i]).as("what it emitted after the end").isEqualTo(100);
    }
  }

  /**
   * @param limit how many the consumer takes
   * @param end the element of the first thread after which it ends the stream
   */
  private void run(Overflow overflow, int limit, int end) throws Exception {
    PollStream<Integer> stream = stream(overflow);
    JoinHandle<String> consumer = loop.spawn("consumer", consumer(stream, limit));
    rig.drive(loop, RunnableDispatcher::run);
    Rig.awaitState("registered", () -> emitter.get() != null);
    CountDownLatch go = new CountDownLatch(1);
    List<FutureTask<Boolean>> sources = List.of(source(0, go, end), source(1, go, -1));
    JoinHandle<String> onTheLoop = sourceOnTheLoop(overflow.blocks());
    go.countDown();
    for (FutureTask<Boolean> source : sources) {
      Rig.await(source);
    }
    await(onTheLoop);
    emitter.get().complete();
    assertThat(await(consumer)).isIn("end", "gone", "overflow");
    CountDownLatch disposed = new CountDownLatch(1);
    loop.post(disposed::countDown); // behind all that is dropped
    Rig.await(disposed);
    loop.close(); // and what the loop wrote is visible here
    assertEachHadOneFate();
  }

  private Pollable<String> consumer(PollStream<Integer> stream, int limit) {
    Random random = new Random(7);
    return new Pollable<>() {
      @Override
      public Poll<String> poll(Context cx) throws Exception {
        for (; ; ) {
          if (delivered >= limit) {
            stream.cancel();
            return Poll.ready("gone");
          }
          if (random.nextInt(100) == 0) { // busy elsewhere
            cx.waker("a pause").wake();
            return Poll.pending();
          }
          Poll<@Nullable Integer> poll;
          try {
            poll = stream.pollNext(cx);
          } catch (OverflowException e) {
            return Poll.ready("overflow");
          }
          if (poll.isPending()) {
            return Poll.pending();
          }
          Integer element = poll.value();
          if (element == null) {
            return Poll.ready("end");
          }
          deliver(element);
        }
      }

      @Override
      public void cancel() {
        stream.cancel();
      }
    };
  }
}
