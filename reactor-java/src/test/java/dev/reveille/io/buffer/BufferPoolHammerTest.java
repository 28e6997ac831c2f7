package dev.reveille.io.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Ticker;
import dev.reveille.contract.Rig;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Many borrowers on the loop, some of which let other threads give the buffers back. */
final class BufferPoolHammerTest {
  private static final int TASKS = 16;
  private static final int ROUNDS = 3_000;
  private static final int BUFFERS = 3;

  @Test
  void nobodySleepsBesideABufferAndNoBufferIsHeldTwice() throws Exception {
    try (Rig rig = new Rig(BasicDispatcher::new)) {
      RunnableDispatcher loop = rig.onSystemClock();
      BufferPool pool = new BufferPool(loop, BufferPoolOptions.of(8, BUFFERS));
      BlockingQueue<BufferLease> returns = new LinkedBlockingQueue<>();
      List<FutureTask<Integer>> threads = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        threads.add(
            rig.start(
                "gives back",
                () -> {
                  int sum = 0;
                  for (; ; ) {
                    BufferLease lease = returns.poll(20, TimeUnit.SECONDS);
                    if (lease == null || !lease.isHeld()) {
                      return sum;
                    }
                    assertThat(lease.buffer().getInt(0)).isEqualTo(1); // nobody else has it
                    lease.buffer().putInt(0, 0);
                    lease.close();
                    sum++;
                  }
                }));
      }
      List<JoinHandle<?>> handles = new ArrayList<>();
      SplittableRandom random = new SplittableRandom(42);
      for (int t = 0; t < TASKS; t++) {
        SplittableRandom own = random.split();
        int[] round = {0};
        handles.add(
            loop.spawn(
                "borrower " + t,
                new dev.reveille.Pollable<Integer>() {
                  private BufferLease lease = pool.lease();

                  @Override
                  public Poll<Integer> poll(dev.reveille.Context cx) {
                    while (round[0] < ROUNDS) {
                      if (lease.pollAcquire(cx).isPending()) {
                        if (own.nextInt(8) == 0) { // gives up, also what was granted just now
                          lease.close();
                          cx.waker("another attempt").wake();
                        }
                        return Poll.pending();
                      }
                      round[0]++;
                      assertThat(lease.buffer().getInt(0)).isZero();
                      if (own.nextInt(3) == 0) {
                        lease.buffer().putInt(0, 1);
                        returns.add(lease);
                        lease = pool.lease();
                      } else {
                        lease.close();
                      }
                    }
                    return Poll.ready(round[0]);
                  }
                }));
      }
      loop.runToCompletion();

      for (JoinHandle<?> handle : handles) {
        assertThat(handle.isDone()).isTrue();
        assertThat(handle.toCompletableFuture().get()).isEqualTo(ROUNDS);
      }
      for (int i = 0; i < threads.size(); i++) {
        returns.add(pool.lease()); // the end
      }
      int elsewhere = 0;
      for (FutureTask<Integer> thread : threads) {
        elsewhere += Rig.await(thread);
      }
      assertThat(elsewhere).isGreaterThan(TASKS * ROUNDS / 5);
      BufferPoolStats[] stats = new BufferPoolStats[1];
      loop.post(() -> stats[0] = pool.stats());
      loop.runUntilStalled();
      assertThat(stats[0].inUse()).isZero();
      assertThat(stats[0].idle()).isBetween(1, BUFFERS);
      assertThat(stats[0].highWater()).isLessThanOrEqualTo(BUFFERS);
    }
  }

  /**
   * One buffer; another thread gives it back at the very moment at which the loop begins to wait
   * for it. Without the second look the waiter sleeps for ever.
   */
  @Test
  void aReturnAtTheMomentOfWaitingIsNotMissed() throws Exception {
    int rounds = 30_000;
    try (Rig rig = new Rig(BasicDispatcher::new)) {
      RunnableDispatcher loop = rig.dispatcher(o -> o.withTicker(Ticker.system()).withSpins(200));
      BufferPool pool = new BufferPool(loop, BufferPoolOptions.of(8, 1));
      AtomicReference<BufferLease> handed = new AtomicReference<>();
      AtomicBoolean over = new AtomicBoolean();
      FutureTask<Integer> thread =
          rig.start(
              "gives back",
              () -> {
                SplittableRandom random = new SplittableRandom(7);
                int returns = 0;
                while (!over.get()) {
                  BufferLease lease = handed.getAndSet(null);
                  if (lease == null) {
                    Thread.onSpinWait();
                    continue;
                  }
                  for (int i = random.nextInt(300); i > 0; i--) {
                    Thread.onSpinWait();
                  }
                  lease.close();
                  returns++;
                }
                return returns;
              });
      int[] round = {0};
      BufferLease[] leases = {pool.lease(), pool.lease()};
      JoinHandle<Integer> handle =
          loop.spawn(
              "borrower",
              cx -> {
                while (round[0] < rounds) {
                  BufferLease lease = leases[round[0] & 1];
                  if (lease.pollAcquire(cx).isPending()) {
                    return Poll.pending();
                  }
                  round[0]++;
                  handed.set(lease);
                }
                return Poll.ready(round[0]);
              });
      var driving = rig.drive(loop, RunnableDispatcher::runToCompletion);
      assertThat(handle.toCompletableFuture().get(20, TimeUnit.SECONDS)).isEqualTo(rounds);
      Rig.awaitState("the last one is taken", () -> handed.get() == null);
      over.set(true);
      assertThat(Rig.await(thread)).isEqualTo(rounds);
      assertThat(driving).isNotNull();
    }
  }
}
