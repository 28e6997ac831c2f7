package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.contract.Rig;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A group whose children come from several threads, while it is cancelled, or fails. */
class TaskGroupRaceTest {
  private static final int ROUNDS = 1_500;
  private static final int CHILDREN = 6;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.onSystemClock();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  /** Counts itself in and out. */
  private static Pollable<Complete> counted(AtomicInteger live) {
    return new Pollable<>() {
      private boolean begun;

      @Override
      public Poll<Complete> poll(Context cx) {
        if (!begun) {
          begun = true;
          live.incrementAndGet();
        }
        return cx.park();
      }

      @Override
      public void cancel() {
        if (begun) {
          live.decrementAndGet();
        }
      }
    };
  }

  /**
   * A child that is on its way to the loop may be found by a cancel, which must not put it on the
   * loop a second time.
   */
  @Test
  void aChildThatIsSpawnedWhileTheGroupIsCancelledEndsOnce() throws Exception {
    rig.drive(loop, RunnableDispatcher::run);
    AtomicInteger live = new AtomicInteger();
    CyclicBarrier begin = new CyclicBarrier(2);
    TaskGroup[] group = new TaskGroup[1];
    FutureTask<Boolean> canceller =
        rig.start(
            "canceller",
            () -> {
              for (int round = 0; round < ROUNDS; round++) {
                begin.await();
                TaskGroup racing = group[0];
                while (racing.size() <= round % CHILDREN) { // the moment at which one is on its way
                  Thread.onSpinWait();
                }
                racing.cancel();
                begin.await();
              }
              return true;
            });
    for (int round = 0; round < ROUNDS; round++) {
      TaskGroup racing = TaskGroup.failFast(loop, "racing");
      group[0] = racing;
      List<JoinHandle<Complete>> handles = new ArrayList<>();
      begin.await();
      for (int i = 0; i < CHILDREN; i++) {
        handles.add(racing.spawn("child", counted(live)));
      }
      begin.await();
      try {
        loop.blockingAwait(racing.join(), Rig.PATIENCE);
      } catch (CancellationException expected) {
        assertThat(expected).hasMessageContaining("racing");
      }
      assertThat(handles).as("round %d", round).allMatch(JoinHandle::isDone);
      assertThat(live).as("round %d", round).hasValue(0);
      assertThat(racing.size()).isZero();
    }
    Rig.await(canceller);
    assertThat(loop.snapshot().tasks()).isEmpty();
  }

  @Test
  void aChildThatIsSpawnedWhileAnotherFailsEndsToo() throws Exception {
    rig.drive(loop, RunnableDispatcher::run);
    AtomicInteger live = new AtomicInteger();
    for (int round = 0; round < ROUNDS; round++) {
      TaskGroup racing = TaskGroup.failFast(loop, "racing");
      JoinHandle<Complete> joined = null;
      WakerSlot slot = new WakerSlot();
      boolean[] fails = {false};
      racing.spawn(
          "fails",
          cx -> {
            slot.register(cx, "the failure");
            synchronized (fails) {
              if (fails[0]) {
                throw new IllegalStateException("expected");
              }
            }
            return Poll.pending();
          });
      RunnableDispatcher unused = loop;
      joined = unused.spawn("owner", racing.join());
      joined.observe();
      synchronized (fails) {
        fails[0] = true;
      }
      slot.wake();
      for (int i = 0; i < CHILDREN; i++) {
        racing.spawn("child", counted(live));
      }
      JoinHandle<Complete> waited = joined;
      Rig.awaitState("the group has ended", waited::isDone);
      assertThat(waited.failure()).isInstanceOf(IllegalStateException.class);
      assertThat(live).as("round %d", round).hasValue(0);
      assertThat(racing.size()).isZero();
      rig.takeUncaught(); // of a failure that came before the owner's first poll
    }
  }
}
