package dev.reveille.callbacks.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callback.CallOptions;
import dev.reveille.callback.CallbackDiagnostics;
import dev.reveille.callback.CallbackMisuse;
import dev.reveille.callback.Completer;
import dev.reveille.callback.LedgerSink;
import dev.reveille.callback.LostCallbackException;
import dev.reveille.callback.MisusePolicy;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a ledger tells of calls that are bridged: each end, each incident, and who was there. */
class LedgerOfCallsTest {
  private static final CallOptions<String> QUIETLY =
      CallOptions.<String>defaults().withMisusePolicy(MisusePolicy.IGNORE);

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final MigrationLedger ledger = MigrationLedger.attach(loop);

  /** Held here as a legacy library would: a completer that nobody holds is lost. */
  private final List<Completer<String>> held = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private JoinHandle<String> call(String name, CallOptions<? super String> options) {
    JoinHandle<String> call = loop.spawn(Callbacks.call(name, options, held::add));
    loop.runUntilStalled();
    return call;
  }

  private JoinHandle<String> call(String name) {
    return call(name, CallOptions.defaults());
  }

  private Completer<String> last() {
    return held.get(held.size() - 1);
  }

  /** Of the call that fails when the loop runs; nobody waits for it. */
  private Throwable failure() {
    loop.runUntilStalled();
    List<Rig.Uncaught> uncaught = rig.takeUncaught();
    assertThat(uncaught).hasSize(1);
    return uncaught.get(0).failure();
  }

  private LedgerSnapshot.Site site(String name) {
    return ledger.snapshot().site(name);
  }

  @Test
  void completed() throws Exception {
    JoinHandle<String> call = call("ask");
    assertThat(site("ask").inFlight()).isEqualTo(1);
    rig.elsewhere(() -> last().complete("answer"));
    assertThat(loop.runUntil(call.join()).value()).isEqualTo("answer");
    assertThat(site("ask").completed()).isEqualTo(1);
    assertThat(site("ask").inFlight()).isZero();
    assertThat(site("ask").reentrant()).isZero();
  }

  @Test
  void failedByTheCallbackAndFailedByTheInitiatorAreTheSame() {
    call("ask");
    last().fail(new IllegalStateException("no"));
    assertThat(failure()).hasMessage("no");
    loop.spawn(
        Callbacks.call(
            "ask",
            completer -> {
              throw new IllegalStateException("not even begun");
            }));
    assertThat(failure()).hasMessage("not even begun");
    assertThat(site("ask").failed()).isEqualTo(2);
  }

  @Test
  void cancelledFromEitherSide() {
    call("ask").cancel();
    loop.runUntilStalled();
    call("ask");
    last().cancelled();
    assertThat(failure()).isInstanceOf(CancellationException.class);
    assertThat(site("ask").cancelled()).isEqualTo(2);
    assertThat(site("ask").inFlight()).isZero();
  }

  @Test
  void timedOutAndThenLate() {
    call("ask", CallOptions.<String>defaults().withTimeout(Duration.ofSeconds(5)));
    rig.time().advance(Duration.ofSeconds(2));
    assertThat(site("ask").oldest()).isEqualTo(Duration.ofSeconds(2));
    rig.time().advance(Duration.ofSeconds(3));
    assertThat(failure()).isInstanceOf(TimeoutException.class);
    assertThat(last().complete("too late")).isFalse();
    assertThat(site("ask").timedOut()).isEqualTo(1);
    assertThat(site("ask").late()).isEqualTo(1);
    assertThat(site("ask").cancelled()).isZero();
    assertThat(site("ask").isMisused()).isFalse();
  }

  @Test
  void completedAgainWhateverThePolicy() throws Exception {
    for (int i = 0; i < 2; i++) {
      JoinHandle<String> call = call("ask", QUIETLY);
      last().complete("first");
      last().complete("second");
      assertThat(loop.runUntil(call.join()).value()).isEqualTo("first");
    }
    assertThat(site("ask").completed()).isEqualTo(2);
    assertThat(site("ask").doubled()).isEqualTo(2);
  }

  @Test
  void misusesAreKeptWithTheirSites() throws Exception {
    CallbackDiagnostics.of(loop).captureStacks(true);
    JoinHandle<String> call = call("ask");
    last().complete("first");
    last().complete("second");
    loop.runUntil(call.join());
    List<CallbackMisuse> misuses = site("ask").misuses();
    assertThat(misuses).hasSize(1);
    assertThat(misuses.get(0).begun()).hasMessageContaining("was begun");
    assertThat(misuses.get(0).first()).hasMessageContaining("completed first");
    assertThat(misuses.get(0).second()).hasMessageContaining("completed again");
    assertThat(ledger.report()).contains("misuse: 'ask' was completed more than once", "by thread");
  }

  @Test
  void reentrant() throws Exception {
    assertThat(loop.runUntil(Callbacks.<String>call("ask", c -> c.complete("at once"))).value())
        .isEqualTo("at once");
    assertThat(site("ask").reentrant()).isEqualTo(1);
    assertThat(site("ask").completed()).isEqualTo(1);
  }

  @Test
  void lostIsAFailureWithANumberOfItsOwn() {
    call("ask");
    held.clear();
    assertThat(Rig.collectGarbageUntil(() -> site("ask").lost() == 1)).isTrue();
    assertThat(failure()).isInstanceOf(LostCallbackException.class);
    assertThat(site("ask").failed()).isEqualTo(1);
    assertThat(site("ask").inFlight()).isZero();
    assertThat(site("ask").isMisused()).isTrue();
  }

  @Test
  void anInitiatorThatThrowsAfterItsCallbackIsAnotherMisuse() throws Exception {
    loop.runUntil(
        Callbacks.<String>call(
            "ask",
            QUIETLY,
            completer -> {
              completer.complete("answer");
              throw new IllegalStateException("after the fact");
            }));
    assertThat(site("ask").completed()).isEqualTo(1);
    assertThat(site("ask").otherMisuses()).isEqualTo(1);
  }

  @Test
  void aCallThatIsNeverPolledHasNotBegun() {
    Callbacks.<String>call("ask", held::add).cancel();
    assertThat(ledger.snapshot().sites()).isEmpty();
  }

  @Test
  void whatTheClosedLoopGivesUpIsCancelled() {
    call("ask");
    loop.close();
    assertThat(site("ask").cancelled()).isEqualTo(1);
    assertThat(site("ask").inFlight()).isZero();
  }

  // ------------------------------------------------------------------ who is there

  @Test
  void aCallIsCountedToItsEndByTheLedgerWithWhichItBegan() {
    call("ask");
    ledger.detach(loop);
    MigrationLedger second = MigrationLedger.attach(loop);
    held.get(0).complete("answer");
    call("ask");
    last().complete("answer");
    loop.runUntilStalled();

    assertThat(site("ask").calls()).isEqualTo(1);
    assertThat(site("ask").completed()).isEqualTo(1);
    assertThat(second.snapshot().site("ask").calls()).isEqualTo(1);
    assertThat(second.snapshot().site("ask").completed()).isEqualTo(1);
    assertThat(site("ask").inFlight() + second.snapshot().site("ask").inFlight()).isZero();
  }

  @Test
  void aCallThatBeganBeforeIsNotCounted() {
    ledger.detach(loop);
    call("ask");
    ledger.add(loop);
    last().complete("answer");
    loop.runUntilStalled();
    assertThat(ledger.snapshot().sites()).isEmpty();
  }

  @Test
  void aSinkOfTheUsersOwnIsNotPushedAside() {
    ledger.detach(loop);
    LedgerSink mine = (dispatcher, name) -> new LedgerSink.Entry() {};
    CallbackDiagnostics.of(loop).ledger(mine);
    assertThatThrownBy(() -> ledger.add(loop)).isInstanceOf(IllegalStateException.class);
    assertThat(CallbackDiagnostics.of(loop).ledger()).isSameAs(mine);
  }

  @Test
  void aSinkThatTookOurPlaceStaysWhenWeGo() {
    LedgerSink mine = (dispatcher, name) -> new LedgerSink.Entry() {};
    CallbackDiagnostics.of(loop).ledger(mine);
    assertThat(ledger.detach(loop)).isTrue();
    assertThat(CallbackDiagnostics.of(loop).ledger()).isSameAs(mine);
  }

  @Test
  void withoutALedgerNothingIsThere() {
    ledger.close();
    assertThat(CallbackDiagnostics.of(loop).ledger()).isNull();
  }

  @Test
  void oneNameOnSeveralDispatchersIsOneLine() throws Exception {
    RunnableDispatcher other = rig.dispatcher(options -> options.withName("other"));
    ledger.add(other);
    call("ask");
    rig.time().advance(Duration.ofSeconds(1));
    other.spawn(Callbacks.<String>call("ask", held::add));
    other.runUntilStalled();
    rig.time().advance(Duration.ofSeconds(1));

    assertThat(ledger.snapshot().sites()).hasSize(1);
    assertThat(site("ask").calls()).isEqualTo(2);
    assertThat(site("ask").ages()).containsExactly(Duration.ofSeconds(2), Duration.ofSeconds(1));
  }

  /** Two loops, callbacks from two more threads, and one that reads and comes and goes. */
  @Test
  void countsAddUpWhileEverythingMoves() throws Exception {
    int calls = 4_000;
    RunnableDispatcher[] loops = {
      rig.onSystemClock(), rig.dispatcher(options -> options.withName("other"))
    };
    MigrationLedger counting = MigrationLedger.attach(loops);
    BlockingQueue<Completer<String>> begun = new LinkedBlockingQueue<>();
    List<FutureTask<Integer>> threads = new ArrayList<>();
    for (int t = 0; t < 2; t++) {
      SplittableRandom random = new SplittableRandom(t);
      threads.add(rig.start("callbacks", () -> complete(begun, random, calls)));
    }
    for (RunnableDispatcher each : loops) {
      threads.add(
          rig.start(
              "driver " + each.name(),
              () -> {
                for (int i = 0; i < calls; i++) {
                  JoinHandle<String> call =
                      each.spawn(Callbacks.call(i % 2 == 0 ? "even" : "odd", QUIETLY, begun::add));
                  if (i % 8 == 0) {
                    each.post(call::cancel);
                  }
                  each.runUntilStalled();
                }
                each.runToCompletion();
                return calls;
              }));
    }
    long seen = 0;
    while (threads.stream().anyMatch(thread -> !thread.isDone())) {
      LedgerSnapshot.Site even = counting.snapshot().site("even");
      assertThat(even.calls()).isGreaterThanOrEqualTo(seen);
      seen = even.calls();
    }
    int doubled = Rig.await(threads.get(0)) + Rig.await(threads.get(1));
    for (FutureTask<Integer> thread : threads) {
      Rig.await(thread);
    }

    assertThat(rig.takeUncaught()).allMatch(u -> u.failure().getMessage().equals("failed"));
    LedgerSnapshot.Site even = counting.snapshot().site("even");
    LedgerSnapshot.Site odd = counting.snapshot().site("odd");
    assertThat(even.calls()).isEqualTo(calls);
    assertThat(odd.calls()).isEqualTo(calls);
    assertThat(even.completed() + even.failed() + even.cancelled()).isEqualTo(calls);
    assertThat(odd.completed() + odd.failed() + odd.cancelled()).isEqualTo(calls);
    assertThat(even.inFlight() + odd.inFlight()).isZero();
    assertThat(even.doubled() + odd.doubled()).isEqualTo(doubled);
  }

  /** Completes each once or twice. Returns how often it was twice. */
  private static int complete(
      BlockingQueue<Completer<String>> begun, SplittableRandom random, int calls)
      throws InterruptedException {
    int twice = 0;
    for (int i = 0; i < calls; i++) {
      Completer<String> completer = begun.take();
      if (random.nextInt(4) == 0) {
        completer.fail(new IllegalStateException("failed"));
      } else {
        completer.complete("done");
      }
      if (random.nextInt(8) == 0) {
        completer.complete("again");
        twice++;
      }
    }
    return twice;
  }
}
