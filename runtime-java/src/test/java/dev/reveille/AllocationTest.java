package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import dev.reveille.contract.Rig;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The hot path allocates nothing: not for a wake, a poll, a post, a timer that is armed again.
 * Counted by the JVM for the thread that does it, over many operations; what is allowed is a
 * constant for the run around them.
 */
final class AllocationTest {
  private static final int OPERATIONS = 100_000;

  /** Per run, whatever the number of operations: well below one byte an operation. */
  private static final long CONSTANT = 4_096;

  private final Rig rig = new Rig(BasicDispatcher::new);
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

  /** What the action allocates on this thread, after it was done once before. */
  private long bytesOf(Runnable action) {
    action.run();
    long id = Thread.currentThread().getId();
    threads.getThreadAllocatedBytes(id);
    long before = threads.getThreadAllocatedBytes(id);
    action.run();
    return threads.getThreadAllocatedBytes(id) - before;
  }

  @Test
  void theCounterCounts() {
    Object[] keep = new Object[OPERATIONS];
    assertThat(
            bytesOf(
                () -> {
                  for (int i = 0; i < OPERATIONS; i++) {
                    keep[i] = new Object();
                  }
                }))
        .isGreaterThan(CONSTANT);
  }

  @Test
  void aSelfWakeAndItsPollAllocateNothing() {
    RunnableDispatcher loop = rig.onSystemClock();
    loop.spawn(
        "self-waking",
        cx -> {
          cx.waker("itself").wake();
          return Poll.pending();
        });

    assertThat(bytesOf(() -> loop.runUntilStalled(OPERATIONS))).isLessThan(CONSTANT);
    assertThat(loop.lastRunSteps()).isEqualTo(OPERATIONS);
  }

  @Test
  void aPollThatSpendsItsBudgetAllocatesNothing() {
    RunnableDispatcher loop = rig.onSystemClock();
    loop.spawn(
        "greedy",
        cx -> {
          while (cx.tryProceed()) {
            Thread.onSpinWait();
          }
          return Poll.pending();
        });

    assertThat(bytesOf(() -> loop.runUntilStalled(OPERATIONS / 100))).isLessThan(CONSTANT);
  }

  @Test
  void aLocalPostOfACallbackAllocatesNothing() {
    RunnableDispatcher loop = rig.onSystemClock();
    Runnable[] callback = new Runnable[1];
    callback[0] = () -> loop.post(callback[0]);
    loop.post(callback[0]);

    assertThat(bytesOf(() -> loop.runUntilStalled(OPERATIONS))).isLessThan(CONSTANT);
    assertThat(loop.lastRunSteps()).isEqualTo(OPERATIONS);
  }

  @Test
  void aLocalPostOfAnAdaptersBlockAllocatesNothing() {
    RunnableDispatcher loop = rig.onSystemClock();
    BlockOwner owner =
        new BlockOwner("test") {
          @Override
          protected void giveBack(Runnable block) {}
        };
    Runnable[] block = new Runnable[1];
    block[0] = () -> loop.post(owner, block[0]);
    loop.post(owner, block[0]);

    assertThat(bytesOf(() -> loop.runUntilStalled(OPERATIONS))).isLessThan(CONSTANT);
  }

  @Test
  void anInlineDispatchAllocatesNothing() {
    RunnableDispatcher loop = rig.onSystemClock();
    int[] runs = {0};
    Runnable inline = () -> runs[0]++;
    Runnable[] callback = new Runnable[1];
    callback[0] =
        () -> {
          loop.dispatch(inline);
          loop.post(callback[0]);
        };
    loop.post(callback[0]);

    assertThat(bytesOf(() -> loop.runUntilStalled(OPERATIONS))).isLessThan(CONSTANT);
    assertThat(runs[0]).isEqualTo(2 * OPERATIONS);
  }

  @Test
  void aTimerThatIsArmedAgainAllocatesNothing() {
    RunnableDispatcher loop = rig.onSystemClock();
    Timer timer = new Timer(loop);
    Duration delay = Duration.ofMinutes(1);
    loop.spawn(
        "re-arms",
        cx -> {
          timer.reset(delay);
          timer.poll(cx);
          cx.waker("itself").wake();
          return Poll.pending();
        });

    assertThat(bytesOf(() -> loop.runUntilStalled(OPERATIONS))).isLessThan(CONSTANT);
  }

  @Test
  void aTimerWhoseWaiterHasEndedIsTakenOverWithoutAllocation() {
    RunnableDispatcher loop = rig.onSystemClock();
    Timer timer = new Timer(loop);
    Waker ended =
        new Waker() {
          @Override
          public void wake() {
            throw new AssertionError("it has ended");
          }

          @Override
          public boolean isEnded() {
            return true;
          }
        };
    Context[] before = new Context[1];
    loop.spawn(
        "next",
        cx -> {
          if (before[0] == null) {
            before[0] = cx.withWaker(ended);
          }
          timer.cancel();
          timer.resetAt(Nanos.NEVER);
          timer.poll(before[0]);
          timer.poll(cx);
          cx.waker("itself").wake();
          return Poll.pending();
        });

    assertThat(bytesOf(() -> loop.runUntilStalled(OPERATIONS))).isLessThan(CONSTANT);
  }

  @Test
  void aTimerThatFiresAndIsArmedAgainAllocatesNothing() {
    long[] now = {0};
    RunnableDispatcher loop =
        rig.dispatcher(options -> options.withTicker(() -> now[0] += 1_000).withPollsPerTurn(1));
    Timer timer = new Timer(loop);
    int[] fired = {0};
    loop.spawn(
        "fires",
        cx -> {
          if (timer.hasFired()) {
            fired[0]++;
          }
          if (!timer.isPending()) {
            timer.resetAt(cx.now() + 1_500);
          }
          timer.poll(cx);
          cx.waker("itself").wake();
          return Poll.pending();
        });

    assertThat(bytesOf(() -> loop.runUntilStalled(OPERATIONS))).isLessThan(CONSTANT);
    assertThat(fired[0]).isGreaterThan(OPERATIONS / 4);
  }

  /** Both sides: the thread that wakes, and the loop that takes its inbox, polls and sleeps. */
  @Test
  void aForeignWakeAllocatesNothingOnEitherSide() throws Exception {
    RunnableDispatcher loop = rig.onSystemClock();
    Foreign task = new Foreign();
    loop.post(task);
    AtomicReference<@Nullable Thread> driver = new AtomicReference<>();
    loop.post(() -> driver.set(Thread.currentThread()));
    rig.drive(loop, RunnableDispatcher::run).awaitAsleep();
    long driverId = driver.get().getId();
    Waker waker = task.waker;
    Runnable wakes =
        () -> {
          for (int i = 0; i < OPERATIONS; i++) {
            waker.wake();
            if ((i & 63) == 0) {
              Thread.yield(); // lets the loop sleep now and then
            }
          }
        };
    wakes.run();
    threads.getThreadAllocatedBytes(driverId);
    int pollsBefore = task.polls;
    long driverBefore = threads.getThreadAllocatedBytes(driverId);

    assertThat(bytesOf(wakes)).isLessThan(CONSTANT);

    assertThat(threads.getThreadAllocatedBytes(driverId) - driverBefore).isLessThan(CONSTANT);
    Rig.awaitState("the loop has polled for it", () -> task.polls > pollsBefore);
    loop.stop();
  }

  @Test
  void readyWithoutContentAndPendingAllocateNothing() {
    int[] ready = {0};

    assertThat(
            bytesOf(
                () -> {
                  for (int i = 0; i < OPERATIONS; i++) {
                    if (Poll.ready().isReady() && Poll.<String>pending().isPending()) {
                      ready[0]++;
                    }
                  }
                }))
        .isLessThan(CONSTANT);
    assertThat(ready[0]).isEqualTo(2 * OPERATIONS);
  }

  private static final class Foreign extends Task {
    volatile Waker waker = Waker.none();
    volatile int polls;

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      waker = cx.waker("a foreign wake");
      polls = polls + 1;
      return Poll.pending();
    }
  }
}
