package dev.reveille.callback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.RunnableDispatcher;
import dev.reveille.callback.EmitResult.Dropped;
import dev.reveille.callback.EmitResult.Enqueued;
import dev.reveille.callback.EmitResult.Terminated;
import dev.reveille.contract.Rig;
import dev.reveille.sync.PollStream;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of elements that come faster than they are consumed, and of those that are left. */
final class OverflowTest {
  private final EmitterRig rig = new EmitterRig();
  private final RunnableDispatcher loop = rig.loop;

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private static Enqueued enqueued(int remaining) {
    return new Enqueued(remaining);
  }

  /** What became of each of the numbers, emitted from here or from another thread. */
  private List<EmitResult> emit(int from, int to) {
    List<EmitResult> results = new ArrayList<>();
    for (int i = from; i <= to; i++) {
      results.add(rig.emitter().next(i));
    }
    return results;
  }

  private void assertDropped(Integer... numbers) {
    loop.runUntilStalled();
    assertThat(rig.log)
        .containsExactly(List.of(numbers).stream().map(n -> "dropped " + n).toArray(String[]::new));
    rig.log.clear();
  }

  // ------------------------------------------------------------------ each, full and then drained

  @Test
  void unboundedKeepsEverything() {
    EmitterRig.Consumer consumer = rig.paused(Overflow.unbounded());
    assertThat(emit(1, 1_000)).allMatch(enqueued(Integer.MAX_VALUE)::equals);
    assertThat(consumer.takeAll()).hasSize(1_000);
    assertDropped();
  }

  @Test
  void aFullBufferFailsTheStreamAfterWhatItHolds() {
    EmitterRig.Consumer consumer = rig.paused(Overflow.buffer(2));
    assertThat(emit(1, 4))
        .containsExactly(enqueued(1), enqueued(0), Dropped.RESULT, Terminated.RESULT);
    assertThat(rig.emitter().isTerminated()).isTrue();
    assertThat(rig.emitter().complete()).isFalse();
    assertDropped(3, 4);

    assertThat(consumer.take(2)).containsExactly(1, 2);
    assertThat(consumer.failure).isNull();
    consumer.take(1);

    assertThat(consumer.failure)
        .isInstanceOf(OverflowException.class)
        .hasMessageStartingWith("'numbers' got an element while its buffer of 2 was full");
    assertThat(rig.log).containsExactly("unregistered");
  }

  @Test
  void aBufferThatIsDrainedInTimeTakesMore() {
    EmitterRig.Consumer consumer = rig.paused(Overflow.buffer(2));
    for (int i = 0; i < 10; i += 2) {
      assertThat(emit(i, i + 1)).containsExactly(enqueued(1), enqueued(0));
      assertThat(consumer.take(1)).containsExactly(i);
      assertThat(consumer.take(1)).containsExactly(i + 1);
    }
    assertDropped();
    EmitterRig.Consumer waiting = rig.waiting(Overflow.buffer(1));
    for (int i = 0; i < 10; i++) {
      assertThat(rig.emitter().next(i)).isEqualTo(enqueued(0));
      loop.runUntilStalled();
    }
    assertThat(waiting.taken()).hasSize(10);
  }

  @Test
  void dropLatestKeepsTheOldest() {
    EmitterRig.Consumer consumer = rig.paused(Overflow.dropLatest(2));
    assertThat(emit(1, 4))
        .containsExactly(enqueued(1), enqueued(0), Dropped.RESULT, Dropped.RESULT);
    assertDropped(3, 4);
    assertThat(consumer.take(1)).containsExactly(1);
    assertThat(emit(5, 6)).containsExactly(enqueued(0), Dropped.RESULT);
    assertThat(consumer.takeAll()).containsExactly(2, 5);
    assertDropped(6);
  }

  @Test
  void dropOldestKeepsTheNewest() {
    EmitterRig.Consumer consumer = rig.paused(Overflow.dropOldest(2));
    assertThat(emit(1, 4))
        .containsExactly(enqueued(1), enqueued(0), Dropped.RESULT, Dropped.RESULT);
    assertDropped(1, 2);
    assertThat(consumer.take(1)).containsExactly(3);
    assertThat(emit(5, 6)).containsExactly(enqueued(0), Dropped.RESULT);
    assertThat(consumer.takeAll()).containsExactly(5, 6);
    assertDropped(4);
  }

  @Test
  void latestKeepsTheNewestOne() {
    EmitterRig.Consumer consumer = rig.paused(Overflow.latest());
    assertThat(emit(1, 3)).containsExactly(enqueued(0), Dropped.RESULT, Dropped.RESULT);
    assertThat(consumer.takeAll()).containsExactly(3);
    assertDropped(1, 2);
    assertThat(emit(4, 4)).containsExactly(enqueued(0));
    assertThat(consumer.takeAll()).containsExactly(4);
  }

  @Test
  void theEndIsNoElementAndFindsRoomInAFullBuffer() {
    for (Overflow overflow :
        List.of(
            Overflow.buffer(1),
            Overflow.dropLatest(1),
            Overflow.dropOldest(1),
            Overflow.latest())) {
      EmitterRig.Consumer consumer = rig.paused(overflow);
      rig.emitter().next(1);
      assertThat(rig.emitter().complete()).isTrue();
      assertThat(rig.emitter().next(2)).isEqualTo(Terminated.RESULT);
      assertThat(rig.emitter().fail(new IOException())).isFalse();
      assertThat(consumer.takeAll()).as("%s", overflow).containsExactly(1);
      assertThat(consumer.ended).isTrue();
      assertThat(rig.emitter().isTerminated()).isTrue();
    }
  }

  @Test
  void withoutADisposerWhatIsDroppedIsJustGone() {
    for (Overflow overflow : List.of(Overflow.dropLatest(1), Overflow.latest())) {
      EmitterRig.Consumer consumer =
          rig.consume(
              Emitter.stream(
                  "numbers",
                  overflow,
                  e -> {
                    rig.keep(e);
                    return () -> {};
                  }),
              0);
      emit(1, 2);
      consumer.giveUp();
      assertThat(rig.emitter().next(3)).isEqualTo(Terminated.RESULT);
    }
  }

  // ------------------------------------------------------------------ against a model

  /** All bounded ones with a plain deque beside them, elements from the loop and from outside. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8, 9, 100})
  void elementsAreExactlyThoseOfAPlainQueue(int capacity) {
    for (Overflow overflow :
        List.of(Overflow.dropLatest(capacity), Overflow.dropOldest(capacity))) {
      Random random = new Random(capacity);
      EmitterRig.Consumer consumer = rig.paused(overflow);
      Deque<Integer> model = new ArrayDeque<>();
      int[] next = {0};
      for (int round = 0; round < 300; round++) {
        Runnable burst =
            () -> {
              for (int i = random.nextInt(capacity + 2); i > 0; i--) {
                emitBeside(model, overflow, next[0]++);
              }
            };
        if (random.nextBoolean()) {
          loop.post(burst);
        } else {
          burst.run();
        }
        loop.runUntilStalled();
        int count = random.nextInt(capacity + 2);
        List<Integer> expected = new ArrayList<>();
        for (int i = 0; i < count && !model.isEmpty(); i++) {
          expected.add(model.remove());
        }
        assertThat(consumer.take(count)).as("%s", overflow).isEqualTo(expected);
      }
      consumer.giveUp();
    }
  }

  private void emitBeside(Deque<Integer> model, Overflow overflow, int n) {
    EmitResult expected;
    if (model.size() < overflow.capacity) {
      model.add(n);
      expected = enqueued(overflow.capacity - model.size());
    } else {
      expected = Dropped.RESULT;
      if (overflow.keepsNewest()) {
        model.remove();
        model.add(n);
      }
    }
    assertThat(rig.emitter().next(n)).isEqualTo(expected);
  }

  // ------------------------------------------------------------------ what is left

  @Test
  void whatACancelLeavesIsDisposedOfOnTheLoopInItsOrder() {
    for (Overflow overflow :
        List.of(
            Overflow.unbounded(),
            Overflow.buffer(3),
            Overflow.dropOldest(3),
            Overflow.watermark(1, 3, () -> {}, () -> {}))) {
      EmitterRig.Consumer consumer = rig.paused(overflow);
      rig.rig.elsewhere(() -> emit(1, 2));
      loop.post(() -> emit(3, 3));
      loop.runUntilStalled();
      consumer.giveUp();
      assertThat(rig.log)
          .as("%s", overflow)
          .containsExactly("unregistered", "dropped 1", "dropped 2", "dropped 3");
      rig.log.clear();

      rig.rig.elsewhere(() -> assertThat(emit(4, 4)).containsExactly(Terminated.RESULT));
      assertDropped(4);
    }
  }

  @Test
  void whatAnUnregisteringThatThrowsLeavesIsDisposedOfAllTheSame() {
    IllegalStateException stuck = new IllegalStateException("stuck");
    EmitterRig.Consumer consumer =
        rig.consume(
            Emitter.stream(
                "numbers",
                Overflow.unbounded(),
                n -> rig.log("dropped " + n),
                e -> {
                  rig.keep(e);
                  return () -> {
                    throw stuck;
                  };
                }),
            0);
    emit(1, 2);
    consumer.giveUp();
    assertDropped(1, 2);
    assertThat(rig.rig.takeUncaught())
        .containsExactly(new Rig.Uncaught(loop, "cancel of 'consumer'", stuck));
  }

  @Test
  void whatTheCloseOfTheDispatcherLeavesIsDisposedOfByTheThreadThatCloses() {
    rig.paused(Overflow.buffer(5));
    emit(1, 2);
    rig.rig.elsewhere(loop::close);
    assertThat(rig.log).hasSize(3).contains("unregistered", "dropped 1", "dropped 2");
    rig.log.clear();

    rig.rig.elsewhere(() -> emit(3, 3));
    assertThat(rig.log).containsExactly("dropped 3 on elsewhere");
  }

  @Test
  void aDisposerThatThrowsIsReportedAndTheNextOnesAreDisposedOf() {
    EmitterRig.Consumer consumer =
        rig.consume(
            Emitter.stream(
                "numbers",
                Overflow.unbounded(),
                n -> {
                  rig.log("dropped " + n);
                  throw new IllegalStateException("cannot dispose of " + n);
                },
                e -> {
                  rig.keep(e);
                  return () -> {};
                }),
            0);
    emit(1, 2);
    consumer.giveUp();
    assertDropped(1, 2);
    assertThat(rig.rig.takeUncaught())
        .extracting(u -> u.failure().getMessage())
        .containsExactly("cannot dispose of 1", "cannot dispose of 2");

    loop.close();
    assertThat(emit(3, 3)).containsExactly(Terminated.RESULT); // and goes to the log
    assertThat(rig.log).containsExactly("dropped 3 on " + Thread.currentThread().getName());
  }

  @Test
  void aStreamHoldsNothingThatWasTakenFromIt() {
    List<Emitter<Object>> kept = new ArrayList<>(); // else it would be lost
    for (Overflow overflow : List.of(Overflow.unbounded(), Overflow.dropOldest(20))) {
      List<WeakReference<Object>> given = new ArrayList<>();
      PollStream<Object> stream =
          Emitter.stream(
              "things",
              overflow,
              e -> {
                kept.add(e);
                for (int i = 0; i < 20; i++) {
                  Object thing = new Object();
                  given.add(new WeakReference<>(thing));
                  e.next(thing);
                }
                return () -> {};
              });
      loop.spawn(stream.forEach(thing -> {}));
      loop.runUntilStalled();
      assertThat(
              Rig.collectGarbageUntil(() -> given.stream().allMatch(thing -> thing.refersTo(null))))
          .as("%s", overflow)
          .isTrue();
    }
    assertThat(kept).noneMatch(Emitter::isTerminated);
  }

  // ------------------------------------------------------------------ the words

  @Test
  void impossibleBoundsAreRefused() {
    assertThatThrownBy(() -> Overflow.buffer(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("an overflow of 0 elements: there has to be room for at least one");
    assertThatThrownBy(() -> Overflow.dropOldest(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Overflow.dropLatest(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Overflow.block(0)).isInstanceOf(IllegalArgumentException.class);
    Runnable no = () -> {};
    assertThatThrownBy(() -> Overflow.watermark(3, 3, no, no))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("watermarks 3 and 3: ");
    assertThatThrownBy(() -> Overflow.watermark(-1, 3, no, no))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Overflow.watermark(1, 3, null, no)).hasMessage("pause");
    assertThatThrownBy(() -> Overflow.watermark(1, 3, no, null)).hasMessage("resume");
  }

  @Test
  void itsTextSaysWhatItIs() {
    Runnable no = () -> {};
    assertThat(
            List.of(
                Overflow.unbounded(),
                Overflow.buffer(1),
                Overflow.dropOldest(2),
                Overflow.dropLatest(3),
                Overflow.latest(),
                Overflow.watermark(4, 5, no, no),
                Overflow.block(6)))
        .map(Object::toString)
        .containsExactly(
            "unbounded",
            "buffer(1)",
            "dropOldest(2)",
            "dropLatest(3)",
            "latest",
            "watermark(4, 5)",
            "block(6)");
  }

  @Test
  void anEnormousBoundCostsNothingBeforeItIsUsed() {
    for (Overflow overflow :
        List.of(
            Overflow.buffer(Integer.MAX_VALUE),
            Overflow.dropOldest(Integer.MAX_VALUE),
            Overflow.block(Integer.MAX_VALUE))) {
      EmitterRig.Consumer consumer = rig.paused(overflow);
      rig.rig.elsewhere(() -> emit(1, 100));
      assertThat(consumer.takeAll())
          .as("%s", overflow)
          .isEqualTo(IntStream.rangeClosed(1, 100).boxed().toList());
      consumer.giveUp();
    }
  }
}
