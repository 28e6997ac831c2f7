package dev.reveille.samples.resp.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The journal on a fake channel, every step of which is in the test's hand. */
class JournalTest {
  private final Steps io = new Steps();
  private final Steps blocking = new Steps();
  private final FakeChannel channel = new FakeChannel(io);
  private final List<String> told = new ArrayList<>();

  @Test
  void appendsThatArriveDuringAWriteAreTheNextBatch() throws Exception {
    Journal journal = opened(FsyncPolicy.NO);
    append(journal, "a");
    append(journal, "b");
    append(journal, "c");

    io.runAll();

    assertThat(told).containsExactly("a", "b", "c");
    // The magic and a; then b and c together.
    assertThat(channel.log).containsExactly("write 17", "write 18");
  }

  @Test
  void underAlwaysAnAppendCompletesOnlyAfterTheForce() throws Exception {
    Journal journal = opened(FsyncPolicy.ALWAYS);
    append(journal, "a");
    append(journal, "b");
    io.runAll();
    assertThat(told).isEmpty();

    blocking.runOne();
    assertThat(told).containsExactly("a");
    io.runAll();
    blocking.runAll();
    assertThat(told).containsExactly("a", "b");
    assertThat(channel.log).containsExactly("write 17", "force", "write 9", "force");
  }

  @Test
  void oneForceServesAllThatGatheredBefore() throws Exception {
    Journal journal = opened(FsyncPolicy.ALWAYS);
    for (int i = 0; i < 1000; i++) {
      append(journal, "record " + i);
    }

    settle();

    assertThat(told).hasSize(1000);
    assertThat(channel.count("force")).isEqualTo(2);
  }

  @Test
  void underTheOtherPoliciesNothingIsForcedUntilASync() throws Exception {
    for (FsyncPolicy policy : List.of(FsyncPolicy.EVERYSEC, FsyncPolicy.NO)) {
      FakeChannel mine = new FakeChannel(Runnable::run);
      Journal journal = opened(policy, mine);
      append(journal, "a");
      assertThat(mine.count("force")).isZero();
      assertThat(told).contains("a");

      Told<Long> synced = new Told<>();
      journal.sync(null, synced);
      settle();

      assertThat(synced.get()).isEqualTo(17);
      assertThat(mine.forced()).hasSize(17);
    }
  }

  @Test
  void aSyncDoesNotWaitForAppendsThatAreUnderWay() throws Exception {
    Journal journal = opened(FsyncPolicy.EVERYSEC);
    append(journal, "a");
    io.runAll();
    append(journal, "b");
    Told<Long> synced = new Told<>();
    journal.sync(null, synced);

    blocking.runAll();

    assertThat(synced.get()).isEqualTo(17);
    assertThat(told).containsExactly("a");
  }

  @Test
  void syncsThatArriveDuringAForceShareTheNextOne() throws Exception {
    Journal journal = opened(FsyncPolicy.EVERYSEC);
    List<Told<Long>> syncs = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      Told<Long> outcome = new Told<>();
      syncs.add(outcome);
      journal.sync(null, outcome);
    }

    blocking.runAll();

    assertThat(syncs).allMatch(Told::isTold);
    assertThat(channel.count("force")).isEqualTo(1);
  }

  @Test
  void writesThatTakeLittleAreContinued() throws Exception {
    channel.bytesPerWrite = 3;
    channel.bytesPerRead = 5;
    Journal journal = opened(FsyncPolicy.NO);
    append(journal, "first");
    append(journal, "second");
    io.runAll();

    assertThat(told).containsExactly("first", "second");
    assertThat(replay(channel.bytes())).containsExactly("first", "second");
  }

  @Test
  void aFileThatTakesNothingIsAFailureAndNoEndlessLoop() throws Exception {
    Journal journal = opened(FsyncPolicy.NO);
    channel.bytesPerWrite = 0;

    Told<Long> outcome = append(journal, "a");
    io.runAll();

    assertThat(outcome.failure()).hasMessage("the file took no bytes");
  }

  @Test
  void aFailedWriteFailsAllThatWaitInOrderAndAllLaterAppends() throws Exception {
    Journal journal = opened(FsyncPolicy.ALWAYS);
    channel.writeFailure = new IOException("disk full");
    append(journal, "a");
    append(journal, "b");
    Told<Long> synced = new Told<>();
    journal.sync(null, synced);

    io.runAll();
    Told<Long> later = append(journal, "c");

    assertThat(told).containsExactly("a: disk full", "b: disk full", "c: disk full");
    assertThat(later.failure()).isSameAs(channel.writeFailure);
    assertThat(synced.failure()).isSameAs(channel.writeFailure);
    Told<Long> closed = new Told<>();
    journal.close(null, closed);
    settle();
    assertThat(closed.failure()).isSameAs(channel.writeFailure);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void aFailedForceIsFinalBecauseNobodyKnowsWhatIsOnTheDisk() throws Exception {
    Journal journal = opened(FsyncPolicy.ALWAYS);
    channel.forceFailure = new IOException("lost pages");
    append(journal, "a");
    settle();
    channel.forceFailure = null;

    append(journal, "b");

    assertThat(told).containsExactly("a: lost pages", "b: lost pages");
  }

  @Test
  void aFailedSyncFailsLaterAppendsToo() throws Exception {
    Journal journal = opened(FsyncPolicy.EVERYSEC);
    append(journal, "a");
    io.runAll();
    channel.forceFailure = new IOException("lost pages");
    Told<Long> synced = new Told<>();
    journal.sync(null, synced);
    settle();

    append(journal, "b");

    assertThat(synced.failure()).hasMessage("lost pages");
    assertThat(told).containsExactly("a", "b: lost pages");
  }

  @Test
  void anExecutorThatRefusesIsAFailureToo() throws Exception {
    Journal journal =
        new Journal(
            Path.of("journal"),
            file -> channel,
            FsyncPolicy.NO,
            task -> {
              throw new RejectedExecutionException("shut down");
            });
    Told<ReplayResult> outcome = new Told<>();

    journal.open(record -> {}, null, outcome);

    assertThat(outcome.failure()).hasMessage("shut down");
    Told<Long> closed = new Told<>();
    journal.close(null, closed);
    assertThat(closed.failure()).hasMessage("shut down");
  }

  @Test
  void closeWritesAndForcesWhatWasAcceptedAndRefusesTheRest() throws Exception {
    Journal journal = opened(FsyncPolicy.NO);
    append(journal, "a");
    append(journal, "b");
    Told<Long> closed = new Told<>();
    journal.close(null, closed);
    Told<Long> late = append(journal, "late");
    assertThat(late.failure()).isInstanceOf(ClosedChannelException.class);

    settle();

    assertThat(closed.get()).isEqualTo(26);
    assertThat(replay(channel.forced())).containsExactly("a", "b");
    assertThat(channel.log).endsWith("force", "close");
  }

  @Test
  void closingAgainTellsTheSame() throws Exception {
    Journal journal = opened(FsyncPolicy.NO);
    append(journal, "a");
    List<Told<Long>> outcomes = List.of(new Told<>(), new Told<>(), new Told<>());
    journal.close(null, outcomes.get(0));
    journal.close(null, outcomes.get(1));
    settle();
    journal.close(null, outcomes.get(2));

    for (Told<Long> outcome : outcomes) {
      assertThat(outcome.get()).isEqualTo(17);
    }
    assertThat(channel.count("close")).isEqualTo(1);
  }

  @Test
  void aJournalClosedWhileItOpensIsOpenedFirst() throws Exception {
    Journal journal = journal(FsyncPolicy.NO, channel);
    Told<ReplayResult> open = new Told<>();
    journal.open(record -> {}, null, open);
    Told<Long> closed = new Told<>();
    journal.close(null, closed);
    assertThat(closed.isTold()).isFalse();

    settle();

    assertThat(open.get().records()).isZero();
    assertThat(closed.get()).isZero();
  }

  @Test
  void whatWasNotOpenedRefusesAndCanBeClosed() throws Exception {
    Journal journal = journal(FsyncPolicy.NO, channel);
    assertThat(append(journal, "a").failure()).hasMessageContaining("not open");

    Told<Long> closed = new Told<>();
    journal.close(null, closed);
    settle();

    assertThat(closed.get()).isZero();
    assertThatThrownBy(() -> journal.open(r -> {}, null, new Told<ReplayResult>()))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void anEmptyRecordIsRefusedAtOnce() throws Exception {
    Journal journal = opened(FsyncPolicy.NO);

    assertThatThrownBy(() -> append(journal, "")).hasMessage("a record of 0 bytes");
  }

  @Test
  void handlersThatAppendAgainNeedNoStackEvenIfAllCompletesAtOnce() throws Exception {
    for (FsyncPolicy policy : FsyncPolicy.values()) {
      FakeChannel inline = new FakeChannel(Runnable::run);
      Journal journal = new Journal(Path.of("journal"), file -> inline, policy, Runnable::run);
      journal.open(record -> {}, null, new Told<>());
      int[] left = {5_000};
      CompletionHandler<Long, @Nullable Void> again =
          new CompletionHandler<>() {
            @Override
            public void completed(Long end, @Nullable Void attachment) {
              if (--left[0] > 0) {
                journal.append(ByteBuffer.wrap(new byte[1]), null, this);
              }
            }

            @Override
            public void failed(Throwable cause, @Nullable Void attachment) {
              throw new AssertionError(cause);
            }
          };

      journal.append(ByteBuffer.wrap(new byte[1]), null, again);

      assertThat(left[0]).isZero();
    }
  }

  @Test
  void aReplayNeedsNoStackEvenIfAllReadsCompleteAtOnce() throws Exception {
    Journal journal = opened(FsyncPolicy.NO);
    for (int i = 0; i < 5_000; i++) {
      append(journal, "record " + i);
    }
    io.runAll();

    FakeChannel inline = new FakeChannel(channel.bytes(), Runnable::run);
    inline.bytesPerRead = 2;

    assertThat(replay(inline)).isEqualTo(told);
  }

  @Test
  void aHandlerThatThrowsKeepsNobodyElseFromBeingTold() throws Exception {
    Journal journal = opened(FsyncPolicy.NO);
    append(journal, "a");
    journal.append(
        ByteBuffer.wrap(new byte[1]),
        null,
        new CompletionHandler<Long, @Nullable Void>() {
          @Override
          public void completed(Long end, @Nullable Void attachment) {
            throw new IllegalStateException("meant to be logged by this test");
          }

          @Override
          public void failed(Throwable cause, @Nullable Void attachment) {
            throw new AssertionError(cause);
          }
        });
    append(journal, "b");

    io.runAll();

    assertThat(told).containsExactly("a", "b");
  }

  @Test
  void noLockIsHeldWhileAHandlerRuns() throws Exception {
    Journal journal = opened(FsyncPolicy.NO);
    Told<Long> fromOtherThread = new Told<>();
    journal.append(
        ByteBuffer.wrap(new byte[1]),
        null,
        new CompletionHandler<Long, @Nullable Void>() {
          @Override
          public void completed(Long end, @Nullable Void attachment) {
            Thread other =
                new Thread(
                    () -> journal.append(ByteBuffer.wrap(new byte[1]), null, fromOtherThread));
            other.start();
            try {
              other.join();
            } catch (InterruptedException interrupted) {
              throw new AssertionError(interrupted);
            }
          }

          @Override
          public void failed(Throwable cause, @Nullable Void attachment) {
            throw new AssertionError(cause);
          }
        });

    io.runAll();

    assertThat(fromOtherThread.get()).isEqualTo(26);
  }

  @Test
  void underAlwaysWhatWasToldSurvivesACrashAtAnyMoment() throws Exception {
    for (int seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      Steps callbacks = new Steps();
      FakeChannel crashing = new FakeChannel(callbacks);
      told.clear();
      Journal journal = opened(FsyncPolicy.ALWAYS, crashing, callbacks);
      for (int step = 0; step < 60; step++) {
        crashing.bytesPerWrite = 1 + random.nextInt(40);
        switch (random.nextInt(3)) {
          case 0 -> append(journal, "record " + step);
          case 1 -> {
            if (callbacks.size() > 0) {
              callbacks.runOne();
            }
          }
          default -> {
            if (blocking.size() > 0) {
              blocking.runOne();
            }
          }
        }
        List<String> survived = replay(crashing.forced());
        assertThat(survived).as("seed %d, step %d", seed, step).startsWith(toldSoFar());
      }
      callbacks.runAll();
      settle();
    }
  }

  private String[] toldSoFar() {
    return told.toArray(new String[0]);
  }

  private Journal opened(FsyncPolicy policy) throws Exception {
    return opened(policy, channel);
  }

  private Journal opened(FsyncPolicy policy, FakeChannel on) throws Exception {
    return opened(policy, on, io);
  }

  private Journal opened(FsyncPolicy policy, FakeChannel on, Steps callbacks) throws Exception {
    Journal journal = journal(policy, on);
    Told<ReplayResult> outcome = new Told<>();
    journal.open(record -> {}, null, outcome);
    while (!outcome.isTold()) {
      blocking.runAll();
      callbacks.runAll();
    }
    on.log.clear();
    return journal;
  }

  private Journal journal(FsyncPolicy policy, FakeChannel on) {
    return new Journal(Path.of("journal"), file -> on, policy, blocking);
  }

  /** Appends; the record, or it and its failure, is noted in {@link #told}. */
  private Told<Long> append(Journal journal, String record) {
    Told<Long> outcome = new Told<>();
    journal.append(
        ByteBuffer.wrap(record.getBytes(UTF_8)),
        null,
        new CompletionHandler<Long, @Nullable Void>() {
          @Override
          public void completed(Long end, @Nullable Void attachment) {
            told.add(record);
            outcome.completed(end, null);
          }

          @Override
          public void failed(Throwable cause, @Nullable Void attachment) {
            told.add(record + ": " + cause.getMessage());
            outcome.failed(cause, null);
          }
        });
    return outcome;
  }

  private void settle() {
    while (io.size() + blocking.size() > 0) {
      io.runAll();
      blocking.runAll();
    }
  }

  private static List<String> replay(byte[] content) throws Exception {
    return replay(new FakeChannel(content, Runnable::run));
  }

  private static List<String> replay(FakeChannel from) throws Exception {
    List<String> records = new ArrayList<>();
    Told<ReplayResult> outcome = new Told<>();
    new Journal(Path.of("journal"), file -> from, FsyncPolicy.NO, Runnable::run)
        .open(record -> records.add(UTF_8.decode(record).toString()), null, outcome);
    outcome.get();
    return records;
  }
}
