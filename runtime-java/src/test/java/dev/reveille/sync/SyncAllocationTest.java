package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import dev.reveille.BasicDispatcher;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The re-callable methods allocate nothing, whether they wait or not; where a value is returned,
 * the Ready that holds it.
 */
final class SyncAllocationTest {
  private static final int ROUNDS = 50_000;

  /** Per run, whatever the number of rounds: well below one byte a round. */
  private static final long CONSTANT = 4_096;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.onSystemClock();
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

  /** What some rounds of the tasks allocate, after as many before. */
  private long bytesOf(Pollable<?>... tasks) {
    for (Pollable<?> task : tasks) {
      loop.spawn(task);
    }
    loop.runUntilStalled(ROUNDS);
    long id = Thread.currentThread().getId();
    threads.getThreadAllocatedBytes(id);
    long before = threads.getThreadAllocatedBytes(id);
    loop.runUntilStalled(ROUNDS);
    long bytes = threads.getThreadAllocatedBytes(id) - before;
    assertThat(loop.lastRunSteps()).isEqualTo(ROUNDS);
    return bytes;
  }

  /** Holds for one turn, so that the other has to wait for it, gives back, and begins again. */
  private static Pollable<String> inTurns(Step hold, Runnable giveBack) {
    boolean[] held = {false};
    return cx -> {
      if (held[0]) {
        held[0] = false;
        giveBack.run();
      }
      held[0] = hold.poll(cx).isReady();
      if (held[0]) {
        cx.waker("its next turn").wake();
      }
      return Poll.pending();
    };
  }

  private interface Step {
    Poll<?> poll(Context cx) throws Exception;
  }

  @Test
  void permitsThatTasksWaitFor() {
    Semaphore semaphore = new Semaphore(1);
    Semaphore.Permit a = semaphore.permit(1);
    Semaphore.Permit b = semaphore.permit(1);
    assertThat(bytesOf(inTurns(a::pollAcquire, a::close), inTurns(b::pollAcquire, b::close)))
        .isLessThan(CONSTANT);
  }

  @Test
  void aMutexThatTasksWaitFor() {
    AsyncMutex mutex = new AsyncMutex();
    AsyncMutex.Guard a = mutex.guard();
    AsyncMutex.Guard b = mutex.guard();
    assertThat(bytesOf(inTurns(a::pollLock, a::close), inTurns(b::pollLock, b::close)))
        .isLessThan(CONSTANT);
  }

  @Test
  void notifications() {
    Notify ping = new Notify();
    Notify pong = new Notify();
    ping.notifyOne();
    assertThat(bytesOf(player(ping.listener(), pong), player(pong.listener(), ping)))
        .isLessThan(CONSTANT);
  }

  private static Pollable<String> player(Notify.Listener listener, Notify other) {
    return cx -> {
      while (listener.pollNotified(cx).isReady()) {
        other.notifyOne();
      }
      return Poll.pending();
    };
  }

  @Test
  void aBroadcastValueCostsItsReadyAndNothingMore() {
    Broadcast<String> broadcast = new Broadcast<>(4);
    Broadcast.Receiver<String> receiver = broadcast.subscribe();
    long bytes =
        bytesOf(
            cx -> {
              while (receiver.pollReceive(cx).isReady()) {
                Thread.onSpinWait();
              }
              broadcast.send("value");
              return Poll.pending();
            });
    assertThat(bytes).isLessThan(16 * ROUNDS + CONSTANT);
  }
}
