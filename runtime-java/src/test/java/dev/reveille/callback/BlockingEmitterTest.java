package dev.reveille.callback;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.RunnableDispatcher;
import dev.reveille.callback.EmitResult.Dropped;
import dev.reveille.callback.EmitResult.Enqueued;
import dev.reveille.callback.EmitResult.Terminated;
import dev.reveille.contract.Rig;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A callback that waits for room: {@link Overflow#block}. */
final class BlockingEmitterTest {
  private final EmitterRig rig = new EmitterRig();
  private final RunnableDispatcher loop = rig.loop;
  private final AtomicReference<Thread> waiting = new AtomicReference<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  /** A thread that emits, and that is parked when this returns. */
  private FutureTask<EmitResult> waitsToEmit(int element) {
    waiting.set(null);
    FutureTask<EmitResult> thread =
        rig.rig.start(
            "source",
            () -> {
              waiting.set(Thread.currentThread());
              return rig.emitter().next(element);
            });
    Rig.awaitState("a thread that waits", this::isParked);
    assertThat(thread.isDone()).isFalse();
    return thread;
  }

  private boolean isParked() {
    Thread thread = waiting.get();
    return thread != null && thread.getState() == Thread.State.WAITING;
  }

  private EmitResult emit(int element) throws Exception {
    return rig.rig.callElsewhere(() -> rig.emitter().next(element));
  }

  private EmitterRig.Consumer full() throws Exception {
    EmitterRig.Consumer consumer = rig.paused(Overflow.block(2));
    assertThat(emit(1)).isEqualTo(new Enqueued(1));
    assertThat(emit(2)).isEqualTo(new Enqueued(0));
    return consumer;
  }

  @Test
  void aThreadWaitsUntilThereIsRoom() throws Exception {
    EmitterRig.Consumer consumer = full();
    FutureTask<EmitResult> thread = waitsToEmit(3);
    assertThat(consumer.take(1)).containsExactly(1);
    assertThat(Rig.await(thread)).isEqualTo(new Enqueued(0));
    assertThat(consumer.takeAll()).containsExactly(2, 3);
    assertThat(rig.log).isEmpty();
  }

  @Test
  void threadsAreServedInTheirOrder() throws Exception {
    EmitterRig.Consumer consumer = full();
    List<FutureTask<EmitResult>> threads = new ArrayList<>();
    for (int i = 3; i < 8; i++) {
      threads.add(waitsToEmit(i));
    }
    consumer.take(2);
    for (int i = 3; i < 8; i++) {
      int number = i;
      List<Integer> got = new ArrayList<>();
      Rig.awaitState("the next one", () -> got.addAll(consumer.take(1)) || !got.isEmpty());
      assertThat(got.get(0)).isBetween(number - 1, number + 1); // two at a time get a place
      Rig.await(threads.get(i - 3));
    }
  }

  @Test
  void aCancelReleasesThoseWhoWait() throws Exception {
    EmitterRig.Consumer consumer = full();
    FutureTask<EmitResult> one = waitsToEmit(3);
    FutureTask<EmitResult> two = waitsToEmit(4);
    consumer.giveUp();
    assertThat(Rig.await(one)).isEqualTo(Terminated.RESULT);
    assertThat(Rig.await(two)).isEqualTo(Terminated.RESULT);
    loop.runUntilStalled();
    assertThat(rig.log)
        .startsWith("unregistered", "dropped 1", "dropped 2")
        .contains("dropped 3", "dropped 4")
        .hasSize(5);
    assertThat(emit(5)).isEqualTo(Terminated.RESULT);
  }

  @Test
  void theCloseOfTheDispatcherReleasesThoseWhoWait() throws Exception {
    full();
    FutureTask<EmitResult> thread = waitsToEmit(3);
    loop.close();
    assertThat(Rig.await(thread)).isEqualTo(Terminated.RESULT);
    assertThat(rig.log).contains("dropped 3 on source");
  }

  @Test
  void theEndReleasesThoseWhoWaitAndComesBeforeTheirElements() throws Exception {
    EmitterRig.Consumer consumer = full();
    FutureTask<EmitResult> thread = waitsToEmit(3);
    assertThat(rig.emitter().complete()).isTrue();
    assertThat(Rig.await(thread)).isEqualTo(Terminated.RESULT);
    assertThat(consumer.takeAll()).containsExactly(1, 2);
    assertThat(consumer.ended).isTrue();
  }

  @Test
  void anInterruptEndsTheWaitAndIsKept() throws Exception {
    EmitterRig.Consumer consumer = full();
    AtomicReference<Boolean> interrupted = new AtomicReference<>();
    waiting.set(null);
    FutureTask<EmitResult> thread =
        rig.rig.start(
            "source",
            () -> {
              waiting.set(Thread.currentThread());
              EmitResult result = rig.emitter().next(3);
              interrupted.set(Thread.currentThread().isInterrupted());
              return result;
            });
    Rig.awaitState("a thread that waits", this::isParked);
    requireNonNull(waiting.get()).interrupt();
    assertThat(Rig.await(thread)).isEqualTo(Dropped.RESULT);
    assertThat(interrupted.get()).isTrue();
    assertThat(consumer.takeAll()).containsExactly(1, 2);
    assertThat(rig.log).containsExactly("dropped 3");
  }

  @Test
  void anInterruptedThreadThatNeedNotWaitDoesNot() throws Exception {
    EmitterRig.Consumer consumer = rig.paused(Overflow.block(2));
    assertThat(
            rig.rig.callElsewhere(
                () -> {
                  Thread.currentThread().interrupt();
                  return rig.emitter().next(1);
                }))
        .isEqualTo(new Enqueued(1));
    assertThat(consumer.takeAll()).containsExactly(1);
  }

  @Test
  void onALoopItIsRefusedWhetherThereIsRoomOrNot() throws Exception {
    EmitterRig.Consumer consumer = rig.paused(Overflow.block(1));
    RunnableDispatcher other = rig.rig.dispatcher(options -> options.withName("other"));
    List<Throwable> failures = new ArrayList<>();
    Runnable emits =
        () -> {
          try {
            rig.emitter().next(1);
          } catch (IllegalStateException e) {
            failures.add(e);
          }
        };
    loop.post(emits);
    loop.runUntilStalled();
    other.post(emits);
    other.runUntilStalled();

    assertThat(failures).hasSize(2);
    assertThat(failures.get(0))
        .hasMessage(
            "'numbers' blocks the one who emits, and next() was called on the loop of dispatcher"
                + " 'loop', which would stand still; choose another Overflow for it");
    assertThat(failures.get(1)).hasMessageContaining("of dispatcher 'other'");
    assertThat(consumer.takeAll()).isEmpty();
    rig.emitter().complete();
    loop.post(emits); // too late is too late
    loop.runUntilStalled();
    assertThat(failures).hasSize(2);
  }

  @Test
  void aRegistrarThatEmitsIsOnTheLoop() {
    EmitterRig.Consumer consumer =
        rig.consume(
            Emitter.stream(
                "numbers",
                Overflow.block(1),
                e -> {
                  e.next(1);
                  return () -> {};
                }),
            5);
    assertThat(consumer.failure)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("blocks the one who emits");
  }

  @Test
  void aMissingElementIsSaidBeforeTheWait() throws Exception {
    full();
    assertThatThrownBy(() -> rig.emitter().next(null)).isInstanceOf(NullPointerException.class);
  }
}
