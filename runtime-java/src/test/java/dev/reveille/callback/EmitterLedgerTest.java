package dev.reveille.callback;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Dispatcher;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What is found out about a stream of callbacks: what the ledger hears, and emitters that are lost.
 */
final class EmitterLedgerTest {
  private final EmitterRig rig = new EmitterRig();
  private final RunnableDispatcher loop = rig.loop;
  private final CallbackDiagnostics diagnostics = CallbackDiagnostics.of(loop);
  private final List<String> heard = Collections.synchronizedList(new ArrayList<>());

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  /** Keeps what it hears, in order. */
  private final class Sink implements LedgerSink {
    @Override
    public Entry begin(Dispatcher dispatcher, String name) {
      heard.add("begin " + name);
      return new Entry() {
        @Override
        public void ended(End how, @Nullable Throwable failure) {
          heard.add(how + (failure == null ? "" : " " + failure.getMessage()));
        }

        @Override
        public void reentrant() {
          heard.add("reentrant");
        }

        @Override
        public void late() {
          heard.add("late");
        }

        @Override
        public void misused(CallbackMisuse misuse) {
          heard.add(misuse.kind().toString());
        }

        @Override
        public void event() {
          heard.add("event");
        }

        @Override
        public void dropped() {
          heard.add("dropped");
        }
      };
    }
  }

  private void assertHeard(Consumer<EmitterRig.Consumer> what, Overflow overflow, String... words) {
    diagnostics.ledger(new Sink());
    EmitterRig.Consumer consumer = rig.paused(overflow);
    what.accept(consumer);
    loop.runUntilStalled();
    assertThat(heard).containsExactly(words);
    heard.clear();
  }

  @Test
  void theLedgerHearsElementsAndDropsAndTheEnd() {
    assertHeard(
        c -> {
          rig.emitter().next(1);
          rig.rig.elsewhere(() -> rig.emitter().next(2));
          rig.emitter().complete();
          c.takeAll();
          rig.emitter().next(3);
        },
        Overflow.dropLatest(1),
        "begin numbers",
        "event",
        "event",
        "dropped",
        "COMPLETED",
        "late");
    assertHeard(
        c -> {
          rig.emitter().next(1);
          rig.emitter().next(2);
          rig.emitter().fail(new IOException("gone"));
          c.takeAll();
        },
        Overflow.latest(),
        "begin numbers",
        "event",
        "event",
        "dropped",
        "FAILED gone");
    assertHeard(
        c -> {
          rig.emitter().next(1);
          c.giveUp();
        },
        Overflow.unbounded(),
        "begin numbers",
        "event",
        "CANCELLED");
  }

  @Test
  void theLedgerHearsOfElementsThatCameWhileTheRegistrarRan() {
    diagnostics.ledger(new Sink());
    EmitterRig.Consumer consumer =
        rig.consume(
            Emitter.stream(
                "numbers",
                Overflow.unbounded(),
                e -> {
                  e.next(1);
                  e.next(2);
                  rig.keep(e);
                  return () -> {};
                }),
            5);
    rig.emitter().next(3);
    assertThat(consumer.taken()).hasSize(3);
    assertThat(heard).containsExactly("begin numbers", "event", "reentrant", "event", "event");
  }

  @Test
  void theLedgerHearsOfARegistrarThatReturnsNothingOrThrowsTooLate() {
    diagnostics.ledger(new Sink());
    rig.consume(Emitter.stream("numbers", Overflow.unbounded(), e -> null), 1);
    assertThat(heard).hasSize(2);
    assertThat(heard.get(1)).startsWith("FAILED the registrar of 'numbers' returned null");
    heard.clear();

    rig.consume(
        Emitter.stream(
            "numbers",
            Overflow.unbounded(),
            e -> {
              e.complete();
              throw new IOException("too late");
            }),
        1);
    assertThat(heard).containsExactly("begin numbers", "THREW_AFTER_COMPLETION", "COMPLETED");
    assertThat(diagnostics.misuses("numbers")).isEqualTo(1);
  }

  @Test
  void aStreamThatIsNeverPolledIsNotHeardOf() {
    diagnostics.ledger(new Sink());
    rig.stream(Overflow.unbounded()).cancel();
    assertThat(heard).isEmpty();
  }

  // ------------------------------------------------------------------ lost

  @Test
  void anEmitterThatBecomesGarbageFailsItsStreamByNameAfterWhatCameBefore() {
    diagnostics.ledger(new Sink());
    EmitterRig.Consumer consumer =
        rig.consume(
            Emitter.stream(
                "forgotten",
                Overflow.unbounded(),
                e -> {
                  e.next(1);
                  return () -> rig.log("unregistered");
                }),
            Integer.MAX_VALUE);
    assertThat(
            Rig.collectGarbageUntil(
                () -> {
                  loop.runUntilStalled();
                  return consumer.failure != null;
                }))
        .isTrue();
    assertThat(consumer.failure)
        .isInstanceOf(LostCallbackException.class)
        .hasMessage("'forgotten' cannot go on: its emitter became garbage without an end")
        .hasNoCause();
    assertThat(consumer.taken()).containsExactly(1);
    assertThat(rig.log).containsExactly("unregistered");
    Rig.awaitState("the reaper has reported it", () -> heard.contains("LOST"));
    assertThat(diagnostics.misuses("forgotten")).isEqualTo(1);
  }

  @Test
  void withStacksALostOneSaysWhereItWasBegun() {
    diagnostics.captureStacks(true);
    EmitterRig.Consumer consumer =
        rig.consume(Emitter.stream("forgotten", Overflow.latest(), e -> () -> {}), 1);
    Rig.collectGarbageUntil(
        () -> {
          loop.runUntilStalled();
          return consumer.failure != null;
        });
    assertThat(consumer.failure)
        .isInstanceOf(LostCallbackException.class)
        .cause()
        .hasMessageStartingWith("'forgotten' was begun by thread ");
  }

  /** Beside a canary that is lost, so that the collector had its chance. */
  @Test
  void anEmitterThatTheLegacySideOrTheUnregisteringHoldsIsNotLost() {
    EmitterRig.Consumer kept = rig.waiting(Overflow.unbounded());
    EmitterRig.Consumer held =
        rig.consume(Emitter.stream("held", Overflow.unbounded(), e -> e::complete), 1);
    EmitterRig.Consumer canary =
        rig.consume(Emitter.stream("canary", Overflow.unbounded(), e -> () -> {}), 1);
    Rig.collectGarbageUntil(
        () -> {
          loop.runUntilStalled();
          return canary.failure != null;
        });
    assertThat(canary.failure).isInstanceOf(LostCallbackException.class);
    assertThat(kept.failure).isNull();
    assertThat(held.failure).isNull();
    assertThat(rig.emitter().isTerminated()).isFalse();
  }

  @Test
  void anEmitterThatSaidHowItEndsIsNotLost() {
    EmitterRig.Consumer ended =
        rig.consume(
            Emitter.stream(
                "ended",
                Overflow.unbounded(),
                e -> {
                  e.next(1);
                  e.complete();
                  return () -> {};
                }),
            0);
    EmitterRig.Consumer canary =
        rig.consume(Emitter.stream("canary", Overflow.unbounded(), e -> () -> {}), 1);
    Rig.collectGarbageUntil(
        () -> {
          loop.runUntilStalled();
          return canary.failure != null;
        });
    ended.takeAll();
    assertThat(ended.ended).isTrue();
    assertThat(diagnostics.misuses("ended")).isZero();
  }
}
