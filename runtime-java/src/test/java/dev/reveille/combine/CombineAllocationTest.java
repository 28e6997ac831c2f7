package dev.reveille.combine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Interval;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Waker;
import dev.reveille.contract.Rig;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is polled again and again allocates nothing for it. Counted by the JVM. */
final class CombineAllocationTest {
  private static final int OPERATIONS = 50_000;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private volatile long now;

  private final RunnableDispatcher loop =
      rig.dispatcher(options -> options.withTicker(() -> this.now));

  private ThreadMXBean threads;

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

  /** Bytes per operation, rounded down, after all of them were done once before. */
  private long bytesPer(IntConsumer operation) {
    long bytes = 0;
    for (int round = 0; round < 2; round++) {
      long id = Thread.currentThread().getId();
      long before = threads.getThreadAllocatedBytes(id);
      for (int i = 0; i < OPERATIONS; i++) {
        operation.accept(i);
      }
      bytes = threads.getThreadAllocatedBytes(id) - before;
    }
    return bytes / OPERATIONS;
  }

  /** A turn of the loop with one poll of a task that does nothing, as the others have it. */
  private long bytesOfAnEmptyTurn() {
    Waker[] waker = new Waker[1];
    loop.spawn(
        cx -> {
          waker[0] = cx.waker("the test");
          return Poll.<Complete>pending();
        });
    loop.runUntilStalled();
    return bytesPer(
        i -> {
          waker[0].wake();
          loop.runUntilStalled();
        });
  }

  @Test
  void aTickOfAnInterval() {
    long nothing = bytesOfAnEmptyTurn();
    Interval interval = Interval.every(loop, Duration.ofNanos(1_000));
    int[] ticks = new int[1];
    loop.spawn(
        cx -> {
          while (interval.pollTick(cx).isReady()) {
            ticks[0]++;
          }
          return Poll.<Complete>pending();
        });
    loop.runUntilStalled();

    long bytes =
        bytesPer(
            i -> {
              now += 1_000;
              loop.runUntilStalled();
            });

    assertThat(bytes).isEqualTo(nothing);
    assertThat(ticks[0]).isEqualTo(2 * OPERATIONS + 1);
  }

  @Test
  void theWakeAndThePollOfAChildOfASet() {
    long nothing = bytesOfAnEmptyTurn();
    PollableSet<String> set = new PollableSet<>();
    List<Waker> wakers = new ArrayList<>();
    int[] polls = new int[1];
    for (int child = 0; child < 100; child++) {
      boolean[] known = new boolean[1];
      set.add(
          cx -> {
            Waker waker = cx.waker("the test");
            if (!known[0]) {
              known[0] = true;
              wakers.add(waker);
            }
            polls[0]++;
            return Poll.pending();
          });
    }
    loop.spawn(cx -> set.pollNext(cx));
    loop.runUntilStalled();

    long bytes =
        bytesPer(
            i -> {
              wakers.get(i % 100).wake();
              loop.runUntilStalled();
            });

    assertThat(bytes).isEqualTo(nothing);
    assertThat(polls[0]).isEqualTo(2 * OPERATIONS + 100);
  }

  @Test
  void theRoundsOfAJoinAndOfASelectThatArePending() {
    long nothing = bytesOfAnEmptyTurn();
    Waker[] waker = new Waker[1];
    Pollable<Object> woken =
        cx -> {
          waker[0] = cx.waker("the test");
          return Poll.pending();
        };
    Pollable<Object> waiting = Timeout.after(Duration.ofDays(1), Select.of(idle(), idle()));
    loop.spawn(Join.all(List.of(woken, waiting)));
    loop.runUntilStalled();

    long bytes =
        bytesPer(
            i -> {
              waker[0].wake();
              loop.runUntilStalled();
            });

    assertThat(bytes).isEqualTo(nothing);
  }

  private static Pollable<Object> idle() {
    return cx -> cx.park();
  }
}
