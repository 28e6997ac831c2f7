package dev.reveille.callbacks.executors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import dev.reveille.BasicDispatcher;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A task that is posted again and again costs what the loop needs, and nothing of its own. */
final class CallbackAllocationTest {
  private static final int OPERATIONS = 20_000;

  /** Per run, whatever the number of operations: well below one byte an operation. */
  private static final long CONSTANT = 4_096;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.onSystemClock();
  private final CallbackDispatcher callbacks = CallbackDispatcher.of(loop);
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

  /** What the action allocates on this thread, after it was done before. */
  private long bytesOf(Runnable action) {
    for (int i = 0; i < 3; i++) {
      action.run();
    }
    long id = Thread.currentThread().getId();
    threads.getThreadAllocatedBytes(id);
    long before = threads.getThreadAllocatedBytes(id);
    action.run();
    return threads.getThreadAllocatedBytes(id) - before;
  }

  /** What an action allocates on the loop, each time. */
  private double bytesPerCall(Runnable action) {
    int[] left = {0};
    CallbackTask self =
        new CallbackTask(
            "self",
            (context, status) -> {
              action.run();
              if (--left[0] > 0) {
                context.dispatcher().post(context.task());
              }
            });
    long bytes =
        bytesOf(
            () -> {
              left[0] = OPERATIONS;
              callbacks.post(self);
              loop.runUntilStalled();
            });
    assertThat(left[0]).isZero();
    return (bytes - CONSTANT) / (double) OPERATIONS;
  }

  @Test
  void aPostOnTheLoopAllocatesNothing() {
    assertThat(bytesPerCall(() -> {})).isLessThanOrEqualTo(0);
  }

  @Test
  void aTimeCostsTheTimedPostOfTheLoopAlsoIfItIsChangedOrTakenBack() {
    CallbackTask timeout = new CallbackTask("timeout", (context, status) -> {});
    double timedPost =
        bytesPerCall(
            () -> {
              if (!loop.postAt(Long.MAX_VALUE, () -> {}).cancel()) {
                throw new AssertionError("not armed");
              }
            });
    assertThat(timedPost).isGreaterThan(0);

    assertThat(bytesPerCall(() -> callbacks.postAt(timeout, Long.MAX_VALUE - 1)))
        .as("changed each time")
        .isLessThanOrEqualTo(timedPost + 1);
    assertThat(
            bytesPerCall(
                () -> {
                  callbacks.postAt(timeout, Long.MAX_VALUE - 1);
                  callbacks.cancel(timeout);
                }))
        .as("taken back each time")
        .isLessThanOrEqualTo(timedPost + 1);
  }

  @Test
  void aPostFromElsewhereCostsTheInboxNodeOfTheLoop() {
    CallbackTask[] all = new CallbackTask[OPERATIONS];
    for (int i = 0; i < OPERATIONS; i++) {
      all[i] = new CallbackTask("task", (context, status) -> {});
    }
    Runnable nothing = () -> {};
    long ofRunnables = bytesOf(() -> postAndRun(() -> loop.post(nothing)));
    int[] next = {0};
    long ofTasks = bytesOf(() -> postAndRun(() -> callbacks.post(all[next[0]++ % OPERATIONS])));

    assertThat(ofTasks).isLessThanOrEqualTo(ofRunnables + CONSTANT);
  }

  /** Nobody drives, so each post is a foreign one. */
  private void postAndRun(Runnable post) {
    for (int i = 0; i < OPERATIONS; i++) {
      post.run();
    }
    loop.runUntilStalled();
  }
}
