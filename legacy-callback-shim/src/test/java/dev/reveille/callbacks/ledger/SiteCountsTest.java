package dev.reveille.callbacks.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callback.CallbackMisuse;
import dev.reveille.callback.CallbackMisuse.Kind;
import dev.reveille.callback.LedgerSink;
import dev.reveille.callback.LedgerSink.End;
import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a ledger counts of one call-site name. */
class SiteCountsTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final Attachment sink = new Attachment(loop);

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private LedgerSnapshot snapshot() {
    Map<String, SiteSum> sums = new TreeMap<>();
    sink.addTo(sums);
    List<LedgerSnapshot.Site> sites = new ArrayList<>();
    sums.forEach((name, sum) -> sites.add(sum.site(name)));
    return new LedgerSnapshot(sites, List.of());
  }

  private LedgerSnapshot.Site site(String name) {
    return snapshot().site(name);
  }

  private LedgerSnapshot.Site after(Consumer<LedgerSink.Entry> what) {
    what.accept(sink.begin(loop, "call"));
    return site("call");
  }

  private static CallbackMisuse misuse(String second) {
    return new CallbackMisuse(
        Kind.DOUBLE_COMPLETION, "call", null, new Throwable("first"), new Throwable(second));
  }

  private static CallbackMisuse misuse(Kind kind) {
    return new CallbackMisuse(kind, "call", null, null, null);
  }

  @Test
  void aNameThatWasNotCalledIsAllZero() {
    assertThat(site("call").calls()).isZero();
    assertThat(site("call").isMisused()).isFalse();
    assertThat(site("call").oldest()).isNull();
  }

  @Test
  void aCallIsInFlightUntilItsEnd() {
    LedgerSink.Entry call = sink.begin(loop, "call");
    assertThat(site("call").calls()).isEqualTo(1);
    assertThat(site("call").inFlight()).isEqualTo(1);
    call.ended(End.COMPLETED, null);
    assertThat(site("call").completed()).isEqualTo(1);
    assertThat(site("call").inFlight()).isZero();
  }

  @Test
  void eachEndHasItsNumber() {
    assertThat(after(call -> call.ended(End.COMPLETED, null)).completed()).isEqualTo(1);
    assertThat(after(call -> call.ended(End.FAILED, new Throwable())).failed()).isEqualTo(1);
    assertThat(after(call -> call.ended(End.CANCELLED, null)).cancelled()).isEqualTo(1);
    assertThat(after(call -> call.ended(End.TIMED_OUT, null)).timedOut()).isEqualTo(1);
    assertThat(site("call").calls()).isEqualTo(4);
    assertThat(site("call").inFlight()).isZero();
  }

  @Test
  void eachIncidentHasItsNumberAndEndsNothing() {
    assertThat(after(LedgerSink.Entry::late).late()).isEqualTo(1);
    assertThat(after(LedgerSink.Entry::reentrant).reentrant()).isEqualTo(1);
    assertThat(after(LedgerSink.Entry::dropped).dropped()).isEqualTo(1);
    assertThat(after(LedgerSink.Entry::event).events()).isEqualTo(1);
    assertThat(after(call -> call.misused(misuse("second"))).doubled()).isEqualTo(1);
    assertThat(after(call -> call.misused(misuse(Kind.LOST))).lost()).isEqualTo(1);
    assertThat(after(call -> call.misused(misuse(Kind.THREW_AFTER_COMPLETION))).otherMisuses())
        .isEqualTo(1);
    assertThat(site("call").inFlight()).isEqualTo(7);
  }

  @Test
  void aCallHasOneEndTheFirst() {
    LedgerSink.Entry call = sink.begin(loop, "call");
    call.ended(End.TIMED_OUT, null);
    call.ended(End.CANCELLED, null);
    assertThat(site("call").timedOut()).isEqualTo(1);
    assertThat(site("call").cancelled()).isZero();
  }

  @Test
  void agesAreOfTheDispatchersClockAndTheOldestComesFirst() {
    sink.begin(loop, "call");
    rig.time().advance(Duration.ofSeconds(3));
    LedgerSink.Entry second = sink.begin(loop, "call");
    rig.time().advance(Duration.ofSeconds(2));
    assertThat(site("call").ages()).containsExactly(Duration.ofSeconds(5), Duration.ofSeconds(2));
    assertThat(site("call").oldest()).isEqualTo(Duration.ofSeconds(5));
    second.ended(End.COMPLETED, null);
    assertThat(site("call").ages()).containsExactly(Duration.ofSeconds(5));
  }

  @Test
  void agesAreThoseOfTheOldestSixteen() {
    for (int i = 0; i < 20; i++) {
      sink.begin(loop, "call");
      rig.time().advance(Duration.ofSeconds(1));
    }
    assertThat(site("call").inFlight()).isEqualTo(20);
    assertThat(site("call").ages()).hasSize(16).startsWith(Duration.ofSeconds(20));
    assertThat(site("call").ages()).endsWith(Duration.ofSeconds(5));
  }

  @Test
  void theLastFourMisusesAreKept() {
    LedgerSink.Entry call = sink.begin(loop, "call");
    for (int i = 1; i <= 6; i++) {
      call.misused(misuse("second " + i));
    }
    assertThat(site("call").doubled()).isEqualTo(6);
    assertThat(site("call").isMisused()).isTrue();
    assertThat(site("call").misuses())
        .extracting(kept -> String.valueOf(kept.second()))
        .containsExactly(
            "java.lang.Throwable: second 3",
            "java.lang.Throwable: second 4",
            "java.lang.Throwable: second 5",
            "java.lang.Throwable: second 6");
  }

  @Test
  void eachKindOfMisuseIsToldAsSuch() {
    assertThat(after(call -> call.misused(misuse(Kind.LOST))).isMisused()).isTrue();
    LedgerSink.Entry threw = sink.begin(loop, "threw");
    assertThat(site("threw").isMisused()).isFalse();
    threw.misused(misuse(Kind.THREW_AFTER_COMPLETION));
    assertThat(site("threw").isMisused()).isTrue();
  }

  @Test
  void sitesAreSortedByName() {
    sink.begin(loop, "write");
    sink.begin(loop, "connect");
    sink.begin(loop, "read");
    assertThat(snapshot().sites())
        .extracting(LedgerSnapshot.Site::name)
        .containsExactly("connect", "read", "write");
  }

  /** "read " + path: a name for each file of a server that never ends. */
  @Test
  void namesThatAreNotConstantsDoNotFillTheMemory() {
    for (int i = 0; i < 1_500; i++) {
      sink.begin(loop, "read file " + i).ended(End.COMPLETED, null);
    }
    sink.begin(loop, "read file 7").ended(End.COMPLETED, null);
    assertThat(snapshot().sites()).hasSize(Attachment.MAX_NAMES + 1);
    assertThat(site("read file 7").completed()).isEqualTo(2);
    assertThat(site("read file 1200").completed()).isZero();
    assertThat(site(Attachment.OTHER_NAMES).completed()).isEqualTo(500);
  }

  @Test
  void aSnapshotDoesNotChange() {
    LedgerSink.Entry call = sink.begin(loop, "call");
    LedgerSnapshot before = snapshot();
    call.ended(End.COMPLETED, null);
    assertThat(before.site("call").inFlight()).isEqualTo(1);
    assertThat(before.site("call").completed()).isZero();
  }

  /** The loop begins and ends calls, three threads tell of incidents, one reads. */
  @Test
  void whatManyThreadsTellAddsUp() throws Exception {
    int calls = 20_000;
    List<BlockingQueue<LedgerSink.Entry>> queues = new ArrayList<>();
    List<FutureTask<long[]>> callbacks = new ArrayList<>();
    for (int t = 0; t < 3; t++) {
      BlockingQueue<LedgerSink.Entry> queue = new LinkedBlockingQueue<>();
      queues.add(queue);
      SplittableRandom random = new SplittableRandom(t);
      callbacks.add(rig.start("callbacks", () -> tell(queue, random, calls)));
    }
    AtomicBoolean over = new AtomicBoolean();
    FutureTask<Boolean> reader = rig.start("reader", () -> read(over));
    End[] ends = End.values();
    for (int i = 0; i < calls; i++) {
      LedgerSink.Entry call = sink.begin(loop, "call");
      queues.forEach(queue -> queue.add(call));
      call.ended(ends[i % ends.length], null);
    }
    long[] told = new long[3];
    for (FutureTask<long[]> callback : callbacks) {
      long[] one = Rig.await(callback);
      for (int i = 0; i < told.length; i++) {
        told[i] += one[i];
      }
    }
    over.set(true);
    assertThat(Rig.await(reader)).isTrue();

    LedgerSnapshot.Site site = site("call");
    assertThat(site.calls()).isEqualTo(calls);
    assertThat(List.of(site.completed(), site.failed(), site.cancelled(), site.timedOut()))
        .containsOnly((long) calls / ends.length);
    assertThat(site.inFlight()).isZero();
    assertThat(site.late()).isEqualTo(told[0]);
    assertThat(site.doubled()).isEqualTo(told[1]);
    assertThat(site.events()).isEqualTo(told[2]);
    assertThat(site.misuses()).hasSize(SiteCounts.MISUSES_KEPT);
  }

  private static long[] tell(
      BlockingQueue<LedgerSink.Entry> queue, SplittableRandom random, int calls)
      throws InterruptedException {
    CallbackMisuse misuse = misuse("second");
    long[] told = new long[3];
    for (int i = 0; i < calls; i++) {
      LedgerSink.Entry call = queue.take();
      int incident = random.nextInt(3);
      switch (incident) {
        case 0 -> call.late();
        case 1 -> call.misused(misuse);
        default -> call.event();
      }
      told[incident]++;
    }
    return told;
  }

  private boolean read(AtomicBoolean over) {
    long last = 0;
    while (!over.get()) {
      LedgerSnapshot.Site site = site("call");
      assertThat(site.calls()).isGreaterThanOrEqualTo(last);
      assertThat(site.misuses().size()).isLessThanOrEqualTo(SiteCounts.MISUSES_KEPT);
      last = site.calls();
    }
    return true;
  }
}
