package dev.reveille.callback;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.JoinHandle;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callback.EmitResult.Enqueued;
import dev.reveille.contract.Rig;
import dev.reveille.sync.PollStream;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A source that is asked to pause and to go on. */
final class WatermarkTest {
  private final EmitterRig rig = new EmitterRig();
  private final RunnableDispatcher loop = rig.loop;
  private final Overflow overflow =
      Overflow.watermark(1, 3, () -> rig.log("pause"), () -> rig.log("resume"));

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private void assertAsked(String... what) {
    loop.runUntilStalled();
    assertThat(rig.log).containsExactly(what);
    rig.log.clear();
  }

  private void emit(int count) {
    for (int i = 0; i < count; i++) {
      rig.emitter().next(i);
    }
  }

  @Test
  void theSourceIsPausedAtTheHighMarkAndGoesOnAtTheLowOne() {
    EmitterRig.Consumer consumer = rig.paused(overflow);
    emit(2);
    assertAsked();
    rig.rig.elsewhere(() -> emit(1)); // asked on the loop, not here
    assertAsked("pause");
    emit(5);
    assertAsked();

    assertThat(consumer.take(6)).hasSize(6);
    assertAsked();
    assertThat(consumer.take(1)).hasSize(1);
    assertAsked("resume");
    assertThat(consumer.takeAll()).hasSize(1);
    assertAsked();

    emit(3);
    assertAsked("pause");
    assertThat(consumer.takeAll()).hasSize(3);
    assertAsked("resume");
  }

  @Test
  void theResultSaysHowFarItIsToTheMark() {
    rig.paused(overflow);
    List<EmitResult> results = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      results.add(rig.emitter().next(i));
    }
    assertThat(results)
        .containsExactly(
            new Enqueued(2), new Enqueued(1), new Enqueued(0), new Enqueued(0), new Enqueued(0));
  }

  @Test
  void aBurstThatWasConsumedBeforeItsTurnCameIsNoReasonToPause() {
    EmitterRig.Consumer consumer = rig.waiting(overflow);
    emit(4); // the consumer is queued before the pause
    assertThat(consumer.taken()).hasSize(4);
    assertAsked();
  }

  @Test
  void theActionsAreCalledUnderNoLockAndInNoPoll() {
    List<String> stacks = new ArrayList<>();
    AtomicReference<EmitterRig.Consumer> self = new AtomicReference<>();
    Overflow nested =
        Overflow.watermark(
            0,
            2,
            () -> {
              stacks.add("pause");
              rig.emitter().next(7); // from within, and from elsewhere while it runs
              rig.rig.elsewhere(() -> rig.emitter().next(8));
            },
            () -> {
              stacks.add("resume");
              self.get().cancel(); // it may even give the stream up
            });
    EmitterRig.Consumer consumer = rig.paused(nested);
    self.set(consumer);
    emit(2);
    loop.runUntilStalled();
    assertThat(consumer.take(4)).containsExactly(0, 1, 7, 8);
    loop.runUntilStalled();
    assertThat(stacks).containsExactly("pause", "resume");
    assertThat(rig.log).containsExactly("unregistered");
  }

  @Test
  void afterTheEndTheSourceIsNotAskedAnyMore() {
    EmitterRig.Consumer consumer = rig.paused(overflow);
    emit(3);
    rig.emitter().complete();
    assertAsked();
    assertThat(consumer.takeAll()).hasSize(3);
    assertAsked("unregistered");

    EmitterRig.Consumer cancelled = rig.paused(overflow);
    emit(3);
    assertAsked("pause");
    cancelled.giveUp();
    assertAsked("unregistered", "dropped 0", "dropped 1", "dropped 2");
  }

  @Test
  void whatAnActionThrowsFailsTheStreamAfterWhatIsThere() {
    IllegalStateException cannot = new IllegalStateException("cannot");
    EmitterRig.Consumer consumer =
        rig.paused(
            Overflow.watermark(
                0,
                2,
                () -> {
                  throw cannot;
                },
                () -> {}));
    emit(2);
    loop.runUntilStalled();
    assertThat(rig.emitter().isTerminated()).isTrue();
    assertThat(consumer.takeAll()).hasSize(2);
    assertThat(consumer.failure).isSameAs(cannot);
  }

  @Test
  void whatAnActionThrowsAfterTheEndIsUncaught() {
    IllegalStateException cannot = new IllegalStateException("cannot");
    rig.paused(
        Overflow.watermark(
            0,
            2,
            () -> {
              rig.emitter().complete();
              throw cannot;
            },
            () -> {}));
    emit(2);
    loop.runUntilStalled();
    assertThat(rig.rig.takeUncaught())
        .containsExactly(new Rig.Uncaught(loop, "watermark of 'numbers'", cannot));
  }

  /** The source is what the two actions refer to. */
  private WeakReference<Object> endedWithASource() {
    AtomicInteger source = new AtomicInteger();
    EmitterRig.Consumer consumer =
        rig.paused(Overflow.watermark(1, 2, source::getAndIncrement, source::getAndIncrement));
    rig.emitter().next(1);
    rig.emitter().next(2);
    consumer.giveUp();
    return new WeakReference<>(source);
  }

  @Test
  void anEmitterThatIsKeptAfterTheEndDoesNotKeepTheSource() {
    WeakReference<Object> source = endedWithASource();

    assertThat(Rig.collectGarbageUntil(() -> source.get() == null)).isTrue();
    assertThat(rig.emitter().isTerminated()).isTrue();
  }

  @Test
  void aDispatcherThatIsClosedAsksForNothing() {
    rig.paused(overflow);
    emit(3); // the block is queued
    rig.rig.elsewhere(loop::close);
    assertThat(rig.log).doesNotContain("pause");
    emit(3);
    assertThat(rig.log).doesNotContain("pause");
  }

  @Test
  void aLoopThatDrainsStillAsks() {
    EmitterRig.Consumer consumer = rig.paused(overflow);
    loop.shutdown();
    rig.rig.elsewhere(() -> emit(3));
    assertAsked("pause");
    assertThat(consumer.takeAll()).hasSize(3);
    assertAsked("resume");
  }

  /** A source that obeys, on threads of its own: it is never stuck, and nothing is lost. */
  @Test
  void hammeredTheActionsAlternateAndNothingIsLost() throws Exception {
    int elements = 30_000;
    RunnableDispatcher driven = rig.rig.onSystemClock();
    List<String> asked = Collections.synchronizedList(new ArrayList<>());
    boolean[] flowing = {true};
    Object gate = new Object();
    Overflow marks =
        Overflow.watermark(
            4,
            16,
            () -> {
              asked.add("pause");
              synchronized (gate) {
                flowing[0] = false;
              }
            },
            () -> {
              asked.add("resume");
              synchronized (gate) {
                flowing[0] = true;
                gate.notifyAll();
              }
            });
    AtomicReference<Emitter<Integer>> emitter = new AtomicReference<>();
    PollStream<Integer> stream =
        Emitter.stream(
            "numbers",
            marks,
            e -> {
              emitter.set(e);
              return () -> {};
            });
    JoinHandle<Long> count = driven.spawn(stream.count());
    rig.rig.drive(driven, RunnableDispatcher::run);
    Rig.awaitState("registered", () -> emitter.get() != null);
    List<FutureTask<Boolean>> threads = new ArrayList<>();
    for (int t = 0; t < 2; t++) {
      threads.add(
          rig.rig.start(
              "source",
              () -> {
                for (int i = 0; i < elements; i++) {
                  synchronized (gate) {
                    while (!flowing[0]) {
                      gate.wait(Rig.PATIENCE.toMillis());
                    }
                  }
                  emitter.get().next(i);
                }
                return true;
              }));
    }
    for (FutureTask<Boolean> thread : threads) {
      Rig.await(thread);
    }
    emitter.get().complete();
    assertThat(count.toCompletableFuture().get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .isEqualTo(2L * elements);
    for (int i = 0; i < asked.size(); i++) {
      assertThat(asked.get(i)).isEqualTo(i % 2 == 0 ? "pause" : "resume");
    }
  }
}
