package dev.reveille.samples.resp.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The journal on files of the system: what was appended is there again, and what was not is not.
 */
class JournalFileTest {
  private static final List<String> THREE = List.of("first", "the second record", "3");

  @TempDir Path folder;

  private final ExecutorService pool = Executors.newFixedThreadPool(2);
  private final List<String> replayed = new ArrayList<>();
  private Path file = Path.of("journal");

  @BeforeEach
  void placeTheFile() {
    file = folder.resolve("journal");
  }

  @AfterEach
  void stopThePool() {
    pool.shutdownNow();
  }

  @Test
  void aNewJournalIsEmpty() throws Exception {
    Journal journal = journal(FsyncPolicy.NO);

    assertThat(open(journal).get()).isEqualTo(new ReplayResult(0, 0, 0));
    close(journal);
    assertThat(open(journal(FsyncPolicy.NO)).get().records()).isZero();
  }

  @Test
  void whatWasAppendedIsReplayedInOrder() throws Exception {
    for (FsyncPolicy policy : FsyncPolicy.values()) {
      file = folder.resolve(policy.toString());
      write(policy, THREE);
      write(policy, List.of("later", "latest"));

      replayed.clear();
      assertThat(open(journal(policy)).get().records()).isEqualTo(5);
      assertThat(replayed).containsExactly("first", "the second record", "3", "later", "latest");
    }
  }

  @Test
  void anAppendCompletesWithTheLengthOfTheFileUpToIt() throws Exception {
    Journal journal = journal(FsyncPolicy.ALWAYS);
    open(journal).get();

    assertThat(append(journal, "12345").get()).isEqualTo(8 + 8 + 5);
    assertThat(append(journal, "1").get()).isEqualTo(8 + 13 + 9);
    assertThat(Files.size(file)).isEqualTo(30);
  }

  @Test
  void recordsLargerThanAnyBufferAreWrittenAndRead() throws Exception {
    List<String> large =
        List.of("a".repeat(BatchWriter.BUFFER * 3 + 17), "b", "c".repeat(BatchWriter.BUFFER));
    write(FsyncPolicy.NO, large);

    open(journal(FsyncPolicy.NO)).get();

    assertThat(replayed).isEqualTo(large);
  }

  @Test
  void aFileCutAnywhereKeepsItsWholeRecordsAndCanBeContinued() throws Exception {
    byte[] whole = write(FsyncPolicy.NO, THREE);
    long[] ends = {8, 8 + 13, 8 + 13 + 25, 8 + 13 + 25 + 9};
    assertThat(whole).hasSize((int) ends[3]);

    for (int cut = 0; cut < whole.length; cut++) {
      Files.write(file, Arrays.copyOf(whole, cut));
      int complete = 0;
      while (complete < 3 && ends[complete + 1] <= cut) {
        complete++;
      }
      long good = cut < 8 ? 0 : ends[complete];

      replayed.clear();
      Journal journal = journal(FsyncPolicy.ALWAYS);
      assertThat(open(journal).get())
          .as("cut at %d", cut)
          .isEqualTo(new ReplayResult(complete, good, cut - good));
      assertThat(Files.size(file)).isEqualTo(good);
      assertThat(replayed).isEqualTo(THREE.subList(0, complete));

      append(journal, "again").get();
      close(journal);
      replayed.clear();
      open(journal(FsyncPolicy.NO)).get();
      assertThat(replayed).hasSize(complete + 1).endsWith("again");
    }
  }

  @Test
  void aTailOfZerosOrRubbishIsCutOff() throws Exception {
    byte[] whole = write(FsyncPolicy.NO, THREE);
    byte[] zeros = Arrays.copyOf(whole, whole.length + 5000);
    byte[] rubbish = zeros.clone();
    Arrays.fill(rubbish, whole.length, rubbish.length, (byte) 0x01);

    for (byte[] content : List.of(zeros, rubbish)) {
      Files.write(file, content);
      replayed.clear();
      assertThat(open(journal(FsyncPolicy.NO)).get().truncatedBytes()).isEqualTo(5000);
      assertThat(replayed).isEqualTo(THREE);
    }
  }

  @Test
  void aByteDamagedInTheLastRecordCutsThatRecordOff() throws Exception {
    byte[] whole = write(FsyncPolicy.NO, THREE);
    int last = whole.length - 9;

    for (int at = last; at < whole.length; at++) {
      damage(whole, at);
      replayed.clear();
      assertThat(open(journal(FsyncPolicy.NO)).get())
          .as("damaged at %d", at)
          .isEqualTo(new ReplayResult(2, last, 9));
    }
  }

  @Test
  void aByteDamagedInTheMiddleIsAnErrorAndTheFileIsLeftAlone() throws Exception {
    byte[] whole = write(FsyncPolicy.NO, THREE);

    for (int at = 8; at < whole.length - 9; at++) {
      byte[] damaged = damage(whole, at);
      int begin = at < 21 ? 8 : 21;
      Throwable failure = open(journal(FsyncPolicy.NO)).failure();

      assertThat(failure)
          .as("damaged at %d", at)
          .isInstanceOf(JournalCorruptedException.class)
          .hasMessageStartingWith("damaged at " + begin + ", but there is a good record at ");
      assertThat(Files.readAllBytes(file)).isEqualTo(damaged);
    }
  }

  @Test
  void aFileThatIsNoJournalIsLeftAlone() throws Exception {
    Files.writeString(file, "Dear diary, ");

    assertThat(open(journal(FsyncPolicy.NO)).failure())
        .isInstanceOf(JournalCorruptedException.class)
        .hasMessage("not a journal");
    assertThat(file).hasContent("Dear diary, ");
  }

  @Test
  void aJournalStoredInATornRecordIsNotMistakenForGoodRecords() throws Exception {
    byte[] inner = write(FsyncPolicy.NO, THREE);
    Files.delete(file);
    Journal journal = journal(FsyncPolicy.NO);
    open(journal).get();
    append(journal, "before").get();
    Told<Long> outcome = new Told<>();
    journal.append(ByteBuffer.wrap(inner), null, outcome);
    outcome.get();
    close(journal);
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length - 1));
    replayed.clear();

    assertThat(open(journal(FsyncPolicy.NO)).get().records()).isEqualTo(1);
    assertThat(replayed).containsExactly("before");
  }

  @Test
  void whatTheConsumerThrowsFailsTheOpenAndChangesNothing() throws Exception {
    byte[] whole = write(FsyncPolicy.NO, THREE);
    Journal journal = journal(FsyncPolicy.NO);
    Told<ReplayResult> outcome = new Told<>();

    journal.open(
        record -> {
          throw new IllegalArgumentException("no such command");
        },
        null,
        outcome);

    assertThat(outcome.failure()).hasMessage("no such command");
    assertThat(append(journal, "x").failure()).hasMessage("no such command");
    assertThat(Files.readAllBytes(file)).isEqualTo(whole);
  }

  @Test
  void aFolderThatIsNotThereFailsTheOpenAndTheClose() throws Exception {
    file = folder.resolve("no/such/folder/journal");
    Journal journal = journal(FsyncPolicy.NO);

    Throwable failure = open(journal).failure();

    assertThat(failure).isInstanceOf(NoSuchFileException.class);
    Told<Long> closed = new Told<>();
    journal.close(null, closed);
    assertThat(closed.failure()).isSameAs(failure);
  }

  @Test
  void appendsOfManyThreadsAreAllThereAndThoseOfEachInOrder() throws Exception {
    int threads = 4;
    int each = 2_000;
    for (FsyncPolicy policy : List.of(FsyncPolicy.EVERYSEC, FsyncPolicy.ALWAYS)) {
      file = folder.resolve("many-" + policy);
      Journal journal = journal(policy);
      open(journal).get();
      List<Thread> running = new ArrayList<>();
      List<List<Told<Long>>> outcomes = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        List<Told<Long>> mine = new ArrayList<>();
        outcomes.add(mine);
        String prefix = t + ":";
        Thread thread =
            new Thread(
                () -> {
                  for (int i = 0; i < each; i++) {
                    mine.add(append(journal, prefix + i));
                  }
                });
        running.add(thread);
        thread.start();
      }
      for (Thread thread : running) {
        thread.join();
      }
      Told<Long> synced = new Told<>();
      journal.sync(null, synced);
      synced.get();
      close(journal);
      for (List<Told<Long>> mine : outcomes) {
        for (Told<Long> outcome : mine) {
          assertThat(outcome.get()).isPositive();
        }
      }

      replayed.clear();
      assertThat(open(journal(policy)).get().records()).isEqualTo((long) threads * each);
      int[] next = new int[threads];
      for (String record : replayed) {
        int thread = Integer.parseInt(record.substring(0, 1));
        assertThat(record).isEqualTo(thread + ":" + next[thread]++);
      }
    }
  }

  private Journal journal(FsyncPolicy policy) {
    return new Journal(file, ChannelFactory.system(pool), policy, pool);
  }

  private Told<ReplayResult> open(Journal journal) {
    Told<ReplayResult> outcome = new Told<>();
    journal.open(record -> replayed.add(UTF_8.decode(record).toString()), null, outcome);
    return outcome;
  }

  private static Told<Long> append(Journal journal, String record) {
    Told<Long> outcome = new Told<>();
    journal.append(ByteBuffer.wrap(record.getBytes(UTF_8)), null, outcome);
    return outcome;
  }

  private static void close(Journal journal) throws Exception {
    Told<Long> closed = new Told<>();
    journal.close(null, closed);
    closed.get();
  }

  private byte[] write(FsyncPolicy policy, List<String> records) throws Exception {
    Journal journal = journal(policy);
    open(journal).get();
    List<Told<Long>> outcomes = new ArrayList<>();
    records.forEach(record -> outcomes.add(append(journal, record)));
    for (Told<Long> outcome : outcomes) {
      outcome.get();
    }
    close(journal);
    replayed.clear();
    return Files.readAllBytes(file);
  }

  private byte[] damage(byte[] whole, int at) throws Exception {
    byte[] damaged = whole.clone();
    damaged[at] ^= 0x10;
    Files.write(file, damaged);
    return damaged;
  }
}
