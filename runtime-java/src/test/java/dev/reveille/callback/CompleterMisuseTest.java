package dev.reveille.callback;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Dispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.combine.Pollables;
import dev.reveille.contract.Rig;
import dev.reveille.sync.PollStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A legacy side that does what it should not, and what it may though nobody expects it. */
final class CompleterMisuseTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final CallbackDiagnostics diagnostics = CallbackDiagnostics.of(loop);
  private final Reports reports = new Reports();
  private @Nullable Completer<String> given;

  /** Keeps what a sink is told of misuse. */
  private static final class Reports implements LedgerSink, LedgerSink.Entry {
    final List<CallbackMisuse> misuses = new CopyOnWriteArrayList<>();

    @Override
    public Entry begin(Dispatcher dispatcher, String name) {
      return this;
    }

    @Override
    public synchronized void misused(CallbackMisuse misuse) {
      misuses.add(misuse);
    }
  }

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private Completer<String> given() {
    return requireNonNull(given, "not begun");
  }

  private JoinHandle<String> begin(CallOptions<String> options) {
    JoinHandle<String> handle =
        loop.spawn(Completer.<String>pollable("an answer", options, c -> given = c));
    loop.runUntilStalled();
    return handle;
  }

  // ------------------------------------------------------------------ completed twice

  @Test
  void theFirstCompletionCountsAndTheSecondIsReportedByName() throws Exception {
    diagnostics.ledger(reports);
    JoinHandle<String> handle = begin(CallOptions.defaults());

    assertThat(given().complete("first")).isTrue();
    assertThat(given().complete("second")).isFalse();
    assertThat(given().fail(new IOException("third"))).isFalse();

    assertThat(loop.runUntil(handle.join()).value()).isEqualTo("first");
    assertThat(diagnostics.misuses("an answer")).isEqualTo(2);
    assertThat(diagnostics.misuses("another")).isZero();
    assertThat(reports.misuses)
        .allSatisfy(
            misuse -> {
              assertThat(misuse.kind()).isEqualTo(CallbackMisuse.Kind.DOUBLE_COMPLETION);
              assertThat(misuse.name()).isEqualTo("an answer");
            })
        .hasSize(2);
  }

  @Test
  void theReportSaysWhereTheSecondCameFrom() {
    diagnostics.ledger(reports);
    begin(CallOptions.defaults());

    completeFirst();
    completeAgain();

    CallbackMisuse misuse = reports.misuses.get(0);
    assertThat(misuse.first()).isNull(); // its stack would have cost each call ten microseconds
    assertThat(methods(misuse.second())).contains("completeAgain");
  }

  @Test
  void aNameThatWasCompletedTwiceLeavesBothSitesFromThenOn() {
    diagnostics.ledger(reports);
    for (int i = 0; i < 2; i++) {
      begin(CallOptions.defaults());
      completeFirst();
      completeAgain();
    }

    CallbackMisuse second = reports.misuses.get(1);
    assertThat(methods(second.first())).contains("completeFirst");
    assertThat(methods(second.second())).contains("completeAgain");
    assertThat(second.begun()).isNull();
  }

  @Test
  void aNameThatWasCompletedTwiceLeavesBothSitesAlsoIfNobodyCounts() {
    for (int i = 0; i < 2; i++) {
      begin(CallOptions.<String>defaults().withMisusePolicy(MisusePolicy.RECORD));
      completeFirst();
      completeAgain();
    }
    begin(CallOptions.<String>defaults().withMisusePolicy(MisusePolicy.THROW));
    completeFirst();

    assertThatThrownBy(this::completeAgain)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'an answer'")
        .satisfies(e -> assertThat(methods(e.getCause())).contains("completeFirst"));
  }

  @Test
  void withStacksOnTheReportSaysWhereItWasBegunToo() throws Exception {
    diagnostics.ledger(reports);
    diagnostics.captureStacks(true);
    JoinHandle<String> handle = begin(CallOptions.defaults());

    completeFirst();
    assertThat(loop.runUntil(handle.join()).value()).isEqualTo("first");
    completeAgain(); // after the result was taken

    CallbackMisuse misuse = reports.misuses.get(0);
    assertThat(misuse.begun()).hasMessageContaining("'an answer' was begun");
    assertThat(methods(misuse.first())).contains("completeFirst");
    assertThat(methods(misuse.second())).contains("completeAgain");
  }

  @Test
  void aFailedOrCancelledOneThatIsCompletedAgainKeepsItsFirstSite() {
    diagnostics.ledger(reports);
    diagnostics.captureStacks(true);
    begin(CallOptions.defaults());
    given().fail(new IOException("first"));
    loop.runUntilStalled();
    completeAgain();
    begin(CallOptions.defaults());
    given().cancelled();
    completeAgain();

    assertThat(reports.misuses)
        .allSatisfy(
            misuse ->
                assertThat(methods(misuse.first()))
                    .contains("aFailedOrCancelledOneThatIsCompletedAgainKeepsItsFirstSite"));
    rig.takeUncaught();
  }

  @Test
  void underThrowTheLegacySideHearsOfItsSecondCompletion() throws Exception {
    JoinHandle<String> handle =
        begin(CallOptions.<String>defaults().withMisusePolicy(MisusePolicy.THROW));
    given().complete("first");

    assertThatThrownBy(() -> given().complete("second"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("'an answer' was completed more than once; the first completion counts");
    assertThat(loop.runUntil(handle.join()).value()).isEqualTo("first");
  }

  @Test
  void underIgnoreItIsOnlyCounted() {
    diagnostics.ledger(reports);
    begin(CallOptions.<String>defaults().withMisusePolicy(MisusePolicy.IGNORE));
    completeFirst();
    completeAgain();

    assertThat(diagnostics.misuses("an answer")).isEqualTo(1);
    assertThat(reports.misuses).singleElement().satisfies(m -> assertThat(m.second()).isNull());
  }

  @Test
  void oneLateWordIsNoMisuseAndASecondOneIs() {
    diagnostics.ledger(reports);
    JoinHandle<String> handle = begin(CallOptions.defaults());
    handle.cancel();
    loop.runUntilStalled();

    assertThat(given().fail(new IOException("Canceled"))).isFalse();
    assertThat(reports.misuses).isEmpty();
    assertThat(given().fail(new IOException("again"))).isFalse();
    assertThat(reports.misuses).hasSize(1);
  }

  @Test
  void anInitiatorThatThrowsAfterItsCallbackCameIsReportedWithWhatItThrew() throws Exception {
    diagnostics.ledger(reports);
    IOException afterwards = new IOException("afterwards");
    Pollable<String> operation =
        Completer.pollable(
            "an answer",
            c -> {
              c.complete("value");
              throw afterwards;
            });

    assertThat(loop.runUntil(operation).value()).isEqualTo("value");
    CallbackMisuse misuse = reports.misuses.get(0);
    assertThat(misuse.kind()).isEqualTo(CallbackMisuse.Kind.THREW_AFTER_COMPLETION);
    assertThat(misuse.second()).isSameAs(afterwards);
  }

  private void completeFirst() {
    given().complete("first");
  }

  private void completeAgain() {
    given().complete("again");
  }

  private static List<String> methods(@Nullable Throwable site) {
    return List.of(requireNonNull(site, "no site").getStackTrace()).stream()
        .map(StackTraceElement::getMethodName)
        .toList();
  }

  // ------------------------------------------------------------------ dropped

  @Test
  void aCompleterThatBecomesGarbageFailsTheOneWhoWaitsByName() {
    diagnostics.ledger(reports);
    JoinHandle<String> handle = begin(CallOptions.defaults());

    given = null; // the legacy side forgets it
    awaitEnd(handle);

    assertThatThrownBy(() -> loop.runUntil(handle.join()))
        .isInstanceOf(LostCallbackException.class)
        .hasMessage(
            "'an answer' can not complete any more: its completer became garbage without a"
                + " completion");
    Rig.awaitState("report", () -> !reports.misuses.isEmpty()); // by the reaper, after the wake
    assertThat(reports.misuses)
        .singleElement()
        .satisfies(m -> assertThat(m.kind()).isEqualTo(CallbackMisuse.Kind.LOST));
    rig.takeUncaught();
  }

  @Test
  void withStacksOnALostOneSaysWhereItWasBegun() {
    diagnostics.captureStacks(true);
    JoinHandle<String> handle = begin(CallOptions.defaults());

    given = null;
    awaitEnd(handle);

    assertThatThrownBy(() -> loop.runUntil(handle.join()))
        .isInstanceOf(LostCallbackException.class)
        .hasRootCauseMessage(
            "'an answer' was begun by thread '" + Thread.currentThread().getName() + "'");
    rig.takeUncaught();
  }

  @Test
  void aCompleterThatTheLegacySideKeepsIsNotLost() {
    JoinHandle<String> handle = begin(CallOptions.defaults());
    Pollable<String> lost = Completer.pollable("a canary", c -> {});
    JoinHandle<String> canary = loop.spawn(lost);
    loop.runUntilStalled();

    awaitEnd(canary); // so the collector ran, and the reaper

    assertThat(handle.isDone()).isFalse();
    assertThat(given().complete("value")).isTrue();
    rig.takeUncaught();
  }

  @Test
  void anOperationThatWasNotBegunIsNotLost() throws Exception {
    Pollable<String> later = Completer.pollable("later", c -> c.complete("value"));
    JoinHandle<String> canary = loop.spawn(Completer.<String>pollable("a canary", c -> {}));
    loop.runUntilStalled();
    awaitEnd(canary);

    assertThat(loop.runUntil(later).value()).isEqualTo("value");
    rig.takeUncaught();
  }

  private void awaitEnd(JoinHandle<?> handle) {
    assertThat(
            Rig.collectGarbageUntil(
                () -> {
                  loop.runUntilStalled();
                  return handle.isDone();
                }))
        .isTrue();
  }

  // ------------------------------------------------------------------ never trusted

  @Test
  void callbacksThatNestTenThousandDeepDoNotNestTheirTasks() throws Exception {
    List<Completer<Integer>> waiting = new ArrayList<>();
    int[] sum = {0};
    for (int i = 0; i < 10_000; i++) {
      loop.spawn(
          Pollables.map(
              Completer.<Integer>pollable("one of many", waiting::add),
              n -> {
                sum[0] += n;
                assertThat(new Throwable().getStackTrace().length).isLessThan(200);
                return n;
              }));
    }
    loop.runUntilStalled();

    Thread deep = new Thread(null, () -> completeNested(waiting, 0), "legacy", 256 << 20);
    deep.start();
    deep.join(Rig.PATIENCE.toMillis());
    loop.runUntilStalled();

    assertThat(sum[0]).isEqualTo(10_000);
  }

  /** Each callback is called within the one before. */
  private static void completeNested(List<Completer<Integer>> waiting, int from) {
    if (from < waiting.size()) {
      waiting.get(from).complete(1);
      completeNested(waiting, from + 1);
    }
  }

  @Test
  void tenThousandCallsThatAreAnsweredWithinTheCallDoNotNest() throws Exception {
    int[] deepest = {0};
    PollStream<Integer> answers =
        PollStream.generate(
            () ->
                Completer.<@Nullable Integer>pollable(
                    "an answer",
                    c -> {
                      deepest[0] = Math.max(deepest[0], new Throwable().getStackTrace().length);
                      c.complete(1);
                    }));

    assertThat(loop.runUntil(answers.take(10_000).count()).value()).isEqualTo(10_000);
    assertThat(deepest[0]).isLessThan(200);
  }

  @Test
  void aCallbackUnderALockThatTheTaskWantsDoesNotBlock() throws Exception {
    ReentrantLock lock = new ReentrantLock();
    RunnableDispatcher driven = rig.onSystemClock();
    rig.drive(driven, RunnableDispatcher::run);
    CountDownLatch begun = new CountDownLatch(1);
    JoinHandle<String> handle =
        driven.spawn(
            Pollables.map(
                Completer.<String>pollable(
                    "an answer",
                    c -> {
                      given = c;
                      begun.countDown();
                    }),
                value -> {
                  lock.lock(); // blocks the loop until the callback has returned
                  try {
                    return value + ", under the lock";
                  } finally {
                    lock.unlock();
                  }
                }));
    Rig.await(begun);

    lock.lock();
    try {
      assertThat(given().complete("value")).isTrue();
      assertThat(handle.isDone()).isFalse();
    } finally {
      lock.unlock();
    }

    assertThat(handle.toCompletableFuture().get()).isEqualTo("value, under the lock");
  }
}
