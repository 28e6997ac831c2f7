package dev.reveille.callbacks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callback.CallbackMisuse;
import dev.reveille.callback.LedgerSink;
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
    what.accept(sink.begin("call"));
    return site("call");
  }

  private static CallbackMisuse misuse(String second) {
    return new CallbackMisuse(
        CallbackMisuse.Kind.DOUBLE_COMPLETION,
        "call",
        null,
        new Throwable("first"),
        new Throwable(second));
  }

  @Test
  void aNameThatWasNotCalledIsAllZero() {
    assertThat(site("call").calls()).isZero();
    assertThat(site("call").isMisused()).isFalse();
    assertThat(site("call").oldest()).isNull();
  }

  @Test
  void aCallIsInFlightUntilItsEnd() {
    LedgerSink.Entry call = sink.begin("call");
    assertThat(site("call").calls()).isEqualTo(1);
    assertThat(site("call").inFlight()).isEqualTo(1);
    call.completed();
    assertThat(site("call").completed()).isEqualTo(1);
    assertThat(site("call").inFlight()).isZero();
  }

  @Test
  void eachEndHasItsNumber() {
    assertThat(after(LedgerSink.Entry::completed).completed()).isEqualTo(1);
    assertThat(after(call -> call.failed(new IllegalStateException("failed"))).failed())
        .isEqualTo(1);
    assertThat(after(LedgerSink.Entry::cancelled).cancelled()).isEqualTo(1);
    assertThat(after(LedgerSink.Entry::timedOut).timedOut()).isEqualTo(1);
    assertThat(after(LedgerSink.Entry::lost).lost()).isEqualTo(1);
    assertThat(site("call").calls()).isEqualTo(5);
    assertThat(site("call").inFlight()).isZero();
  }

  @Test
  void eachIncidentHasItsNumberAndEndsNothing() {
    assertThat(after(LedgerSink.Entry::late).late()).isEqualTo(1);
    assertThat(after(LedgerSink.Entry::reentrant).reentrant()).isEqualTo(1);
    assertThat(after(LedgerSink.Entry::dropped).dropped()).isEqualTo(1);
    assertThat(after(LedgerSink.Entry::event).events()).isEqualTo(1);
    assertThat(after(call -> call.doubled(misuse("second"))).doubled()).isEqualTo(1);
    assertThat(site("call").inFlight()).isEqualTo(5);
  }

  @Test
  void aCallHasOneEndTheFirst() {
    LedgerSink.Entry lost = sink.begin("call");
    lost.lost();
    lost.failed(new IllegalStateException("lost"));
    LedgerSink.Entry late = sink.begin("call");
    late.timedOut();
    late.cancelled();
    late.late();

    LedgerSnapshot.Site site = site("call");
    assertThat(List.of(site.lost(), site.timedOut(), site.late())).containsOnly(1L);
    assertThat(List.of(site.failed(), site.cancelled())).containsOnly(0L);
    assertThat(site.inFlight()).isZero();
  }

  @Test
  void agesAreOfTheDispatchersClockAndTheOldestComesFirst() {
    sink.begin("call");
    rig.time().advance(Duration.ofSeconds(3));
    LedgerSink.Entry second = sink.begin("call");
    rig.time().advance(Duration.ofSeconds(2));
    assertThat(site("call").ages()).containsExactly(Duration.ofSeconds(5), Duration.ofSeconds(2));
    assertThat(site("call").oldest()).isEqualTo(Duration.ofSeconds(5));
    second.completed();
    assertThat(site("call").ages()).containsExactly(Duration.ofSeconds(5));
  }

  @Test
  void agesAreThoseOfTheOldestSixteen() {
    for (int i = 0; i < 20; i++) {
      sink.begin("call");
      rig.time().advance(Duration.ofSeconds(1));
    }
    assertThat(site("call").inFlight()).isEqualTo(20);
    assertThat(site("call").ages()).hasSize(16).startsWith(Duration.ofSeconds(20));
    assertThat(site("call").ages()).endsWith(Duration.ofSeconds(5));
  }

  @Test
  void theLastFourMisusesAreKept() {
    LedgerSink.Entry call = sink.begin("call");
    for (int i = 1; i <= 6; i++) {
      call.doubled(misuse("second " + i));
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
  void aLostCallbackIsAMisuse() {
    assertThat(after(LedgerSink.Entry::lost).isMisused()).isTrue();
  }

  @Test
  void sitesAreSortedByName() {
    sink.begin("write");
    sink.begin("connect");
    sink.begin("read");
    assertThat(snapshot().sites())
        .extracting(LedgerSnapshot.Site::name)
        .containsExactly("connect", "read", "write");
  }

  /** "read " + path: a name for each file of a server that never ends. */
  @Test
  void namesThatAreNotConstantsDoNotFillTheMemory() {
    for (int i = 0; i < 1_500; i++) {
      sink.begin("read file " + i).completed();
    }
    sink.begin("read file 7").completed();
    assertThat(snapshot().sites()).hasSize(Attachment.MAX_NAMES + 1);
    assertThat(site("read file 7").completed()).isEqualTo(2);
    assertThat(site("read file 1200").completed()).isZero();
    assertThat(site(Attachment.OTHER_NAMES).completed()).isEqualTo(500);
  }

  @Test
  void aSnapshotDoesNotChange() {
    LedgerSink.Entry call = sink.begin("call");
    LedgerSnapshot before = snapshot();
    call.completed();
    assertThat(before.site("call").inFlight()).isEqualTo(1);
    assertThat(before.site("call").completed()).isZero();
  }

  /** One thread begins, three tell of ends and incidents, one reads; seeded, but for the races. */
  @Test
  void whatManyThreadsTellAddsUp() throws Exception {
    int calls = 20_000;
    List<BlockingQueue<LedgerSink.Entry>> queues = new ArrayList<>();
    List<FutureTask<long[]>> enders = new ArrayList<>();
    for (int t = 0; t < 3; t++) {
      BlockingQueue<LedgerSink.Entry> queue = new LinkedBlockingQueue<>();
      queues.add(queue);
      SplittableRandom random = new SplittableRandom(t);
      enders.add(rig.start("ender", () -> end(queue, random, calls)));
    }
    AtomicBoolean over = new AtomicBoolean();
    FutureTask<Boolean> reader = rig.start("reader", () -> read(over));
    for (int i = 0; i < calls; i++) {
      LedgerSink.Entry call = sink.begin("call");
      queues.forEach(queue -> queue.add(call)); // all three try to end it
    }
    long[] told = new long[3];
    for (FutureTask<long[]> ender : enders) {
      long[] one = Rig.await(ender);
      for (int i = 0; i < told.length; i++) {
        told[i] += one[i];
      }
    }
    over.set(true);
    assertThat(Rig.await(reader)).isTrue();

    LedgerSnapshot.Site site = site("call");
    assertThat(site.calls()).isEqualTo(calls);
    assertThat(site.inFlight()).isZero();
    assertThat(site.completed() + site.cancelled() + site.lost()).isEqualTo(calls);
    assertThat(site.late()).isEqualTo(told[0]);
    assertThat(site.doubled()).isEqualTo(told[1]);
    assertThat(site.events()).isEqualTo(told[2]);
    assertThat(site.misuses()).hasSize(SiteCounts.MISUSES_KEPT);
  }

  private static long[] end(
      BlockingQueue<LedgerSink.Entry> queue, SplittableRandom random, int calls)
      throws InterruptedException {
    CallbackMisuse misuse = misuse("second");
    long[] told = new long[3];
    for (int i = 0; i < calls; i++) {
      LedgerSink.Entry call = queue.take();
      switch (random.nextInt(3)) {
        case 0 -> call.completed();
        case 1 -> call.cancelled();
        default -> call.lost();
      }
      int incident = random.nextInt(3);
      switch (incident) {
        case 0 -> call.late();
        case 1 -> call.doubled(misuse);
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
