package dev.reveille.callback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import dev.reveille.BasicDispatcher;
import dev.reveille.Poll;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import dev.reveille.sync.PollStream;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * An element that the loop emits costs the ready poll that carries it, and nothing else; one from
 * outside a node, and where the newest are kept not even that.
 */
final class EmitterAllocationTest {
  private static final int ROUNDS = 50_000;

  /** Per run, whatever the number of rounds. */
  private static final long CONSTANT = 4_096;

  /** {@code Poll.Ready}. */
  private static final long READY = 16;

  /** {@code Emission}: a header and two references. */
  private static final long NODE = 24;

  private static final int BURST = 5;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.onSystemClock();
  private final AtomicReference<Emitter<String>> emitter = new AtomicReference<>();
  private ThreadMXBean threads;
  private long delivered;

  @BeforeEach
  void countBytes() {
    assumeThat(ManagementFactory.getThreadMXBean()).isInstanceOf(ThreadMXBean.class);
    threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    assumeThat(threads.isThreadAllocatedMemorySupported()).isTrue();
  }

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  static Stream<Overflow> overflows() {
    return Stream.of(
        Overflow.unbounded(),
        Overflow.buffer(100),
        Overflow.dropLatest(3),
        Overflow.dropOldest(3),
        Overflow.latest(),
        Overflow.watermark(1, 100, () -> {}, () -> {}));
  }

  private void consume(Overflow overflow) {
    PollStream<String> stream =
        Emitter.stream(
            "texts",
            overflow,
            e -> {
              emitter.set(e);
              return () -> {};
            });
    loop.spawn(
        "consumer",
        cx -> {
          for (; ; ) {
            Poll<@Nullable String> poll = stream.pollNext(cx);
            if (poll.isPending()) {
              return Poll.pending();
            }
            delivered++;
          }
        });
    loop.runUntilStalled();
  }

  private long bytesOf(Runnable action) {
    action.run();
    long id = Thread.currentThread().getId();
    threads.getThreadAllocatedBytes(id);
    delivered = 0;
    long before = threads.getThreadAllocatedBytes(id);
    action.run();
    return threads.getThreadAllocatedBytes(id) - before;
  }

  @ParameterizedTest
  @MethodSource("overflows")
  void whatTheLoopEmitsCostsNothing(Overflow overflow) {
    consume(overflow);
    loop.spawn(
        "source",
        cx -> {
          for (int i = 0; i < BURST; i++) {
            emitter.get().next("text");
          }
          cx.waker("its next turn").wake();
          return Poll.pending();
        });
    long bytes = bytesOf(() -> loop.runUntilStalled(ROUNDS));

    assertThat(delivered).isGreaterThan(ROUNDS / 4);
    assertThat(bytes).isLessThan(delivered * READY + CONSTANT);
  }

  @ParameterizedTest
  @MethodSource("overflows")
  void anElementFromOutsideCostsANodeAtMost(Overflow overflow) throws Exception {
    consume(overflow);
    boolean nodes = !overflow.keepsNewest();
    List<Long> bytes = new ArrayList<>();
    rig.elsewhere(
        () -> // the loop stands: nobody drives it
        bytes.add(
                bytesOf(
                    () -> {
                      for (int i = 0; i < ROUNDS; i++) {
                        emitter.get().next("text");
                      }
                    })));
    assertThat(bytes.get(0)).isLessThan((nodes ? ROUNDS * NODE : 0) + extra(overflow) + CONSTANT);
  }

  /** The failure of a buffer that overflows has a stack. */
  private static long extra(Overflow overflow) {
    return overflow.fails() ? 8_192 : 0;
  }
}
