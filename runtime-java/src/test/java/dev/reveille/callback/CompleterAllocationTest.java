package dev.reveille.callback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import dev.reveille.BasicDispatcher;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a bridged call costs in bytes: 64 for the completer and the state together, and the result.
 * Counted by the JVM, step by step, over many calls that are all under way at once, so that nothing
 * is optimized away.
 */
final class CompleterAllocationTest {
  private static final int CALLS = 100_000;

  /** Completer and state; the caller's lambdas and the result are not in it. */
  private static final int BYTES_A_CALL = 64;

  /** The {@link Poll.Ready} around the value. */
  private static final int BYTES_A_RESULT = 16;

  /** Per step, whatever the number of calls: well below one byte a call. */
  private static final long CONSTANT = 4_096;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.onSystemClock();

  private final List<Completer<String>> completers = new ArrayList<>(CALLS);
  private final List<Pollable<String>> calls = new ArrayList<>(CALLS);
  private int ready;
  private ThreadMXBean threads;

  @BeforeEach
  void countBytes() {
    assumeThat(ManagementFactory.getThreadMXBean()).isInstanceOf(ThreadMXBean.class);
    threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    assumeThat(threads.isThreadAllocatedMemorySupported()).isTrue();
    loop.spawn(Completer.pollable("loads the classes", c -> c.complete("value")));
    loop.runUntilStalled();
    loop.spawn(
        "caller",
        cx -> { // polls all calls in each of its polls
          for (Pollable<String> call : calls) {
            if (call.poll(cx).isReady()) {
              ready++;
            }
          }
          return cx.park();
        });
  }

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private long bytesOf(Runnable step) {
    long id = Thread.currentThread().getId();
    threads.getThreadAllocatedBytes(id);
    long before = threads.getThreadAllocatedBytes(id);
    step.run();
    return threads.getThreadAllocatedBytes(id) - before;
  }

  private void make(Initiator<String> initiator) {
    for (int i = 0; i < CALLS; i++) {
      calls.add(Completer.pollable("call", initiator));
    }
  }

  private void complete() {
    for (Completer<String> completer : completers) {
      completer.complete("value");
    }
  }

  @Test
  void aCallTakesNoMoreThanItsCompleterAndItsState() {
    Initiator<String> initiator = completers::add;

    assertThat(bytesOf(() -> make(initiator)))
        .as("creation")
        .isLessThan((long) CALLS * BYTES_A_CALL + CONSTANT);
    assertThat(bytesOf(loop::runUntilStalled)).as("first poll").isLessThan(CONSTANT);
    assertThat(completers).hasSize(CALLS);
    assertThat(bytesOf(this::complete))
        .as("completion")
        .isLessThan((long) CALLS * BYTES_A_RESULT + CONSTANT);
    assertThat(bytesOf(loop::runUntilStalled)).as("last poll").isLessThan(CONSTANT);
    assertThat(ready).isEqualTo(CALLS);
  }

  @Test
  void aCallThatIsCompletedBeforeItsInitiatorReturnsTakesNoMoreThanThat() {
    Initiator<String> initiator = completer -> completer.complete("value");

    assertThat(
            bytesOf(
                () -> {
                  make(initiator);
                  loop.runUntilStalled();
                }))
        .isLessThan((long) CALLS * (BYTES_A_CALL + BYTES_A_RESULT) + CONSTANT);
    assertThat(ready).isEqualTo(CALLS);
  }
}
