package dev.reveille.callback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.RunnableDispatcher;
import dev.reveille.TaskSnapshot;
import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import dev.reveille.sync.PollStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A callback that comes again and again, as a stream: registration, elements, the end. */
final class EmitterTest {
  private final EmitterRig rig = new EmitterRig();
  private final RunnableDispatcher loop = rig.loop;

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private static List<Integer> range(int from, int to) {
    return IntStream.range(from, to).boxed().toList();
  }

  // ------------------------------------------------------------------ registration

  @Test
  void theListenerIsRegisteredInTheFirstPollAndTakenBackOnceAtTheEnd() {
    PollStream<Integer> stream = rig.stream(Overflow.unbounded());
    assertThat(rig.log).isEmpty();
    EmitterRig.Consumer consumer = rig.consume(stream, Integer.MAX_VALUE);
    assertThat(rig.log).containsExactly("registered");
    assertThat(rig.emitter().name()).isEqualTo("numbers");
    assertThat(rig.emitter()).hasToString("Emitter['numbers']");

    rig.emitter().next(1);
    rig.rig.elsewhere(() -> rig.emitter().next(2));
    rig.rig.elsewhere(() -> assertThat(rig.emitter().complete()).isTrue());
    assertThat(rig.log).hasSize(1); // not on the thread of the callback
    assertThat(consumer.taken()).containsExactly(1, 2);

    assertThat(consumer.ended).isTrue();
    assertThat(rig.log).containsExactly("registered", "unregistered");
    assertThat(rig.emitter()).hasToString("Emitter['numbers', terminated]");
  }

  @Test
  void aFailureComesAfterWhatWasThereAndTakesTheListenerBack() {
    IOException gone = new IOException("gone");
    EmitterRig.Consumer consumer = rig.paused(Overflow.unbounded());
    rig.emitter().next(1);
    assertThat(rig.emitter().fail(gone)).isTrue();
    assertThat(rig.emitter().fail(new IOException("again"))).isFalse();
    assertThat(rig.emitter().complete()).isFalse();

    assertThat(consumer.take(1)).containsExactly(1);
    assertThat(consumer.failure).isNull();
    consumer.take(1);

    assertThat(consumer.failure).isSameAs(gone);
    assertThat(gone.getSuppressed()).isEmpty();
    assertThat(rig.log).containsExactly("unregistered");
  }

  @Test
  void aBareThrowableIsTheCauseOfTheFailure() {
    Throwable bare = new Throwable("bare");
    EmitterRig.Consumer consumer = rig.waiting(Overflow.unbounded());
    rig.emitter().fail(bare);
    loop.runUntilStalled();
    assertThat(consumer.failure)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("'numbers' failed with a bare Throwable")
        .hasCause(bare);
  }

  @Test
  void anErrorIsThrownAsItIs() {
    AssertionError error = new AssertionError("an error");
    EmitterRig.Consumer consumer = rig.waiting(Overflow.unbounded());
    rig.emitter().fail(error);
    loop.runUntilStalled();
    assertThat(consumer.failure).isSameAs(error);
  }

  @Test
  void cancelTakesTheListenerBackOnceAndOnTheLoop() {
    EmitterRig.Consumer consumer = rig.waiting(Overflow.unbounded());
    consumer.giveUp();
    consumer.giveUp();
    assertThat(rig.log).containsExactly("unregistered");
    assertThat(rig.emitter().isTerminated()).isTrue();
    assertThat(rig.emitter().complete()).isFalse();
    assertThat(rig.emitter().fail(new IOException())).isFalse();
  }

  @Test
  void cancelBeforeTheFirstPollMeansThatItIsNeverRegistered() {
    rig.stream(Overflow.unbounded()).cancel();
    assertThat(rig.log).isEmpty();
  }

  @Test
  void aRegistrarThatThrowsFailsTheStreamAsAnErrorCallbackWould() {
    IOException refused = new IOException("refused");
    EmitterRig.Consumer consumer =
        rig.consume(
            Emitter.stream(
                "numbers",
                Overflow.unbounded(),
                e -> {
                  e.next(1);
                  throw refused;
                }),
            1);
    assertThat(consumer.taken()).containsExactly(1);
    consumer.takeAll();
    assertThat(consumer.failure).isSameAs(refused);
  }

  @Test
  void aRegistrarThatReturnsNothingFailsTheStreamByName() {
    EmitterRig.Consumer consumer =
        rig.consume(Emitter.stream("numbers", Overflow.unbounded(), e -> null), 1);
    assertThat(consumer.failure)
        .isInstanceOf(NullPointerException.class)
        .hasMessageStartingWith("the registrar of 'numbers' returned null")
        .hasMessageContaining("return the action");
  }

  @Test
  void aListenerIsTakenBackAlsoIfItsSourceEndedBeforeTheRegistrationReturned() {
    EmitterRig.Consumer consumer =
        rig.consume(
            Emitter.stream(
                "numbers",
                Overflow.unbounded(),
                e -> {
                  e.next(1);
                  e.next(2);
                  e.complete();
                  assertThat(e.next(3)).isInstanceOf(EmitResult.Terminated.class);
                  return () -> rig.log("unregistered");
                }),
            Integer.MAX_VALUE);
    assertThat(consumer.taken()).containsExactly(1, 2);
    assertThat(consumer.ended).isTrue();
    assertThat(rig.log).containsExactly("unregistered");
  }

  @Test
  void aRegistrarThatThrowsAfterTheEndIsTooLate() {
    EmitterRig.Consumer consumer =
        rig.consume(
            Emitter.stream(
                "numbers",
                Overflow.unbounded(),
                e -> {
                  e.next(1);
                  e.complete();
                  throw new IOException("logged");
                }),
            Integer.MAX_VALUE);
    assertThat(consumer.taken()).containsExactly(1);
    assertThat(consumer.ended).isTrue();
  }

  @Test
  void aRegistrarThatCancelsItsOwnStreamHasItsListenerTakenBack() {
    AtomicReference<PollStream<Integer>> self = new AtomicReference<>();
    self.set(
        Emitter.stream(
            "numbers",
            Overflow.unbounded(),
            e -> {
              e.next(1);
              self.get().cancel();
              return () -> rig.log("unregistered");
            }));
    EmitterRig.Consumer consumer = rig.consume(self.get(), 5);
    assertThat(consumer.failure)
        .isInstanceOf(CancellationException.class)
        .hasMessage("'numbers' was cancelled by its own registrar");
    assertThat(consumer.taken()).isEmpty();
    assertThat(rig.log).containsExactly("unregistered");
  }

  @Test
  void whatTheUnregisteringThrowsIsSaid() {
    EmitterRig.Consumer ending = rig.consume(unregisteringThrows(new IOException("stuck")), 5);
    rig.emitter().complete();
    loop.runUntilStalled();
    assertThat(ending.failure)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the listener of 'numbers' was not taken back")
        .hasRootCauseMessage("stuck");

    IllegalStateException stuck = new IllegalStateException("stuck");
    EmitterRig.Consumer failing = rig.consume(unregisteringThrows(stuck), 5);
    IOException gone = new IOException("gone");
    rig.emitter().fail(gone);
    loop.runUntilStalled();
    assertThat(failing.failure).isSameAs(gone);
    assertThat(gone).hasSuppressedException(stuck);
  }

  private PollStream<Integer> unregisteringThrows(Exception failure) {
    return Emitter.stream(
        "numbers",
        Overflow.unbounded(),
        e -> {
          rig.keep(e);
          return () -> {
            throw failure;
          };
        });
  }

  @Test
  void aLegacySideThatSpeaksWhenItIsLeftComesTooLate() {
    List<Object> said = new ArrayList<>();
    EmitterRig.Consumer consumer =
        rig.consume(
            Emitter.stream(
                "numbers",
                Overflow.unbounded(),
                e ->
                    () -> {
                      said.add(e.next(7));
                      said.add(e.fail(new IOException("left")));
                    }),
            5);
    consumer.giveUp();
    assertThat(said).containsExactly(EmitResult.Terminated.RESULT, false);
  }

  // ------------------------------------------------------------------ never trusted

  @Test
  void elementsThatComeBeforeTheRegistrationReturnsAreKept() {
    EmitterRig.Consumer consumer =
        rig.consume(
            Emitter.stream(
                "numbers",
                Overflow.buffer(3),
                e -> {
                  e.next(1);
                  rig.rig.elsewhere(() -> e.next(2));
                  e.next(3);
                  rig.keep(e);
                  return () -> {};
                }),
            Integer.MAX_VALUE);
    rig.emitter().next(4);
    assertThat(consumer.taken()).containsExactly(1, 2, 3, 4);
  }

  /** A source that answers at once, from within the call that the consumer makes. */
  @Test
  void aSourceThatAnswersFromWithinTheConsumerTenThousandTimesDoesNotNest() {
    List<Integer> depths = new ArrayList<>();
    EmitterRig.Consumer consumer =
        rig.consume(
            rig.stream(Overflow.unbounded())
                .onEach(
                    n -> {
                      depths.add(Thread.currentThread().getStackTrace().length);
                      if (n < 9_999) {
                        rig.emitter().next(n + 1);
                      }
                    }),
            Integer.MAX_VALUE);
    rig.emitter().next(0);

    assertThat(consumer.taken()).isEqualTo(range(0, 10_000));
    assertThat(depths).allMatch(depth -> depth < 200);
  }

  @Test
  void callbacksThatNestByThemselvesRunNoUserCodeOnTheirStack() {
    List<Integer> depths = new ArrayList<>();
    EmitterRig.Consumer consumer =
        rig.consume(
            rig.stream(Overflow.unbounded())
                .onEach(n -> depths.add(Thread.currentThread().getStackTrace().length)),
            Integer.MAX_VALUE);
    rig.rig.elsewhere(() -> nested(1_000, 0));
    loop.post(() -> nested(1_000, 0));
    assertThat(consumer.taken()).hasSize(2_000).startsWith(0, 1, 2).endsWith(998, 999);
    assertThat(depths).allMatch(depth -> depth < 200);
  }

  private void nested(int depth, int n) {
    rig.emitter().next(n);
    if (n + 1 < depth) {
      nested(depth, n + 1);
    }
  }

  @Test
  void aCallbackUnderALockThatTheConsumerNeedsDoesNotWaitForIt() throws Exception {
    Object lock = new Object();
    CountDownLatch inside = new CountDownLatch(1);
    List<Integer> got = new ArrayList<>();
    RunnableDispatcher driven = rig.rig.onSystemClock();
    AtomicReference<Emitter<Integer>> emitter = new AtomicReference<>();
    var done =
        driven
            .spawn(
                Emitter.<Integer>stream(
                        "numbers",
                        Overflow.unbounded(),
                        e -> {
                          emitter.set(e);
                          inside.countDown();
                          return () -> {};
                        })
                    .forEach(
                        n -> {
                          synchronized (lock) {
                            got.add(n);
                          }
                        }))
            .toCompletableFuture();
    rig.rig.drive(driven, RunnableDispatcher::run);
    Rig.await(inside);
    rig.rig.elsewhere(
        () -> {
          synchronized (lock) {
            for (int i = 0; i < 1_000; i++) {
              emitter.get().next(i);
            }
            emitter.get().complete();
          }
        });
    done.get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(got).isEqualTo(range(0, 1_000));
  }

  @Test
  void afterTheEndEverythingIsTooLateHoweverOften() {
    rig.waiting(Overflow.unbounded());
    rig.emitter().complete();
    for (int i = 0; i < 2; i++) {
      assertThat(rig.emitter().next(1)).isEqualTo(EmitResult.Terminated.RESULT);
      assertThat(rig.emitter().complete()).isFalse();
      assertThat(rig.emitter().fail(new IOException())).isFalse();
      loop.runUntilStalled();
    }
    assertThat(rig.log).containsExactly("unregistered", "dropped 1", "dropped 1");
  }

  @Test
  void whatIsMissingIsRefusedByName() {
    rig.waiting(Overflow.unbounded());
    assertThatThrownBy(() -> rig.emitter().next(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("element");
    assertThatThrownBy(() -> rig.emitter().fail(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("cause");
    assertThatThrownBy(() -> Emitter.stream(null, Overflow.latest(), e -> () -> {}))
        .hasMessage("name");
    assertThatThrownBy(() -> Emitter.stream("x", null, e -> () -> {})).hasMessage("overflow");
    assertThatThrownBy(() -> Emitter.stream("x", Overflow.latest(), null)).hasMessage("registrar");
    assertThatThrownBy(() -> Emitter.stream("x", Overflow.latest(), null, e -> () -> {}))
        .hasMessage("onDrop");
  }

  // ------------------------------------------------------------------ order and wakes

  @Test
  void elementsOfTheLoopAndOfOtherThreadsStandInTheOrderInWhichTheyCame() {
    EmitterRig.Consumer consumer = rig.paused(Overflow.unbounded());
    for (int i = 0; i < 300; i += 3) {
      int n = i;
      rig.rig.elsewhere(
          () -> {
            rig.emitter().next(n);
            rig.emitter().next(n + 1);
          });
      loop.post(() -> rig.emitter().next(n + 2));
      loop.runUntilStalled();
    }
    assertThat(consumer.take(100)).isEqualTo(range(0, 100));
    rig.emitter().next(300);
    assertThat(consumer.takeAll()).isEqualTo(range(100, 301));
  }

  @Test
  void burstsOfAnySizeFromTheLoopAndFromOutsideKeepOneOrder() {
    Random random = new Random(7);
    EmitterRig.Consumer consumer = rig.paused(Overflow.unbounded());
    int[] next = {0};
    int taken = 0;
    for (int round = 0; round < 3_000; round++) {
      int count = random.nextInt(random.nextInt(20) == 0 ? 700 : 20);
      Runnable burst =
          () -> {
            for (int i = 0; i < count; i++) {
              rig.emitter().next(next[0]++);
            }
          };
      switch (random.nextInt(4)) {
        case 0 -> loop.post(burst); // run by what the consumer does next, or the loop below
        case 1 -> burst.run(); // nobody drives the loop: from outside
        case 2 -> loop.runUntilStalled();
        default -> {
          List<Integer> got = consumer.take(random.nextInt(4) == 0 ? Integer.MAX_VALUE : count);
          assertThat(got).isEqualTo(range(taken, taken + got.size()));
          taken += got.size();
        }
      }
    }
    loop.runUntilStalled();
    int left = next[0] - taken;
    List<Integer> got = consumer.take(left / 2);
    assertThat(got).isEqualTo(range(taken, taken + left / 2));
    consumer.giveUp(); // and what is left is dropped in its order
    assertThat(rig.log)
        .startsWith("unregistered")
        .hasSize(1 + left - left / 2)
        .endsWith("dropped " + (next[0] - 1));
  }

  @Test
  void manyElementsWakeASleepingConsumerOnceAndABusyOneNotAtAll() {
    EmitterRig.Consumer consumer = rig.waiting(Overflow.unbounded());
    int before = consumer.polls;
    rig.rig.elsewhere(
        () -> {
          for (int i = 0; i < 10; i++) {
            rig.emitter().next(i);
          }
        });
    assertThat(consumer.taken()).hasSize(10);
    assertThat(consumer.polls).isEqualTo(before + 1);

    consumer.allowance = 0;
    rig.emitter().next(1); // it takes no notice, and is not registered any more
    loop.runUntilStalled();
    int busy = consumer.polls;
    rig.emitter().next(2);
    rig.rig.elsewhere(() -> rig.emitter().next(3));
    loop.runUntilStalled();
    assertThat(consumer.polls).isEqualTo(busy);
    assertThat(consumer.takeAll()).containsExactly(1, 2, 3);
  }

  @Test
  void aSleepingLoopIsWokenByACallbackOnAnotherThread() throws Exception {
    RunnableDispatcher driven = rig.rig.onSystemClock();
    AtomicReference<Emitter<Integer>> emitter = new AtomicReference<>();
    var list =
        driven
            .spawn(
                Emitter.<Integer>stream(
                        "numbers",
                        Overflow.unbounded(),
                        e -> {
                          emitter.set(e);
                          return () -> {};
                        })
                    .take(2)
                    .toList())
            .toCompletableFuture();
    Driving driving = rig.rig.drive(driven, RunnableDispatcher::run).awaitAsleep();
    emitter.get().next(1);
    driving.awaitAsleep();
    emitter.get().next(2);
    assertThat(list.get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS)).containsExactly(1, 2);
  }

  @Test
  void aDumpSaysWhatIsWaitedFor() {
    rig.consume(rig.stream(Overflow.latest()), Integer.MAX_VALUE);
    assertThat(loop.snapshot().tasks())
        .extracting(TaskSnapshot::waitReason)
        .containsExactly("numbers");
  }

  @Test
  void aStreamThatAlwaysHasElementsLetsOthersRun() {
    for (Overflow overflow : List.of(Overflow.unbounded(), Overflow.dropOldest(10_000))) {
      EmitterRig.Consumer consumer = rig.paused(overflow);
      for (int i = 0; i < 10_000; i++) {
        rig.emitter().next(i);
      }
      consumer.allowance = Integer.MAX_VALUE;
      int[] before = {-1};
      consumer.wake();
      loop.post(() -> before[0] = consumer.got.size());
      loop.runUntilStalled();
      assertThat(before[0]).isBetween(1, 1_000);
      assertThat(consumer.taken()).hasSize(10_000);
      consumer.giveUp();
    }
  }

  @Test
  void streamsOfDifferentLoopsKnowTheirOwn() throws Exception {
    try (EmitterRig other = new EmitterRig()) {
      EmitterRig.Consumer here = rig.waiting(Overflow.buffer(5));
      EmitterRig.Consumer there = other.waiting(Overflow.buffer(5));
      loop.post(() -> other.emitter().next(1)); // foreign to that loop
      other.loop.post(() -> rig.emitter().next(2));
      loop.runUntilStalled();
      other.loop.runUntilStalled();
      assertThat(here.taken()).containsExactly(2);
      assertThat(there.taken()).containsExactly(1);
    }
  }
}
