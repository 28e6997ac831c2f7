package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who is on a dispatcher, for its driver and for those who look on. */
final class RegistryTest {
  private final BasicDispatcher dispatcher = new BasicDispatcher();
  private final Registry registry = new Registry();
  private long numbers;

  @AfterEach
  void close() {
    dispatcher.close();
  }

  private Posting posting() {
    Pollable<Complete> body = cx -> Poll.ready();
    Posting posting = new Posting(dispatcher.loop, body, null);
    posting.number(numbers++);
    return posting;
  }

  private Posting add() {
    Posting posting = posting();
    registry.add(posting);
    return posting;
  }

  @Test
  void listsInTheOrderOfAcceptanceWhateverTheSlots() {
    Posting first = add();
    Posting gone = add();
    Posting third = add();
    registry.remove(gone);
    Posting inTheFreeSlot = add();

    assertThat(inTheFreeSlot.slot).isEqualTo(gone.slot);
    assertThat(registry.toList()).containsExactly(first, third, inTheFreeSlot);
    assertThat(registry.size()).isEqualTo(3);
  }

  /** Each of the two parts of a number comes round, and then both. */
  @Test
  void keepsTheOrderWhereTheNumbersComeRound() {
    for (long round : new long[] {1L << 16, 1L << 31, 1L << 32, 3L << 32, 1L << 47, 1L << 48}) {
      numbers = round - 3;
      List<Posting> all = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        all.add(add());
        assertThat(all.get(i).number()).isEqualTo((round - 3 + i) & ((1L << 48) - 1));
      }
      Posting gone = all.remove(1);
      registry.remove(gone);
      all.add(add()); // in the slot of the one that is gone
      assertThat(registry.toList()).isEqualTo(all);
      all.forEach(registry::remove);
    }
  }

  @Test
  void usesEachFreeSlotAgainBeforeItGrows() {
    List<Posting> all = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      all.add(add());
    }
    all.forEach(registry::remove);
    assertThat(registry.size()).isZero();
    assertThat(registry.toList()).isEmpty();

    for (int i = 0; i < 1_000; i++) {
      assertThat(add().slot).isLessThan(1_000);
    }
  }

  /** The run queue has the number still: it must not stand for another one. */
  @Test
  void keepsTheSlotOfOneThatEndedWhileItWasQueued() {
    Posting ended = add();
    ended.queued = true;
    registry.remove(ended);

    assertThat(registry.size()).isZero();
    assertThat(registry.get(ended.slot)).isNull();
    assertThat(add().slot).isNotEqualTo(ended.slot);

    registry.free(ended.slot);
    assertThat(add().slot).isEqualTo(ended.slot);
  }

  @Test
  void holdsWhatASetWouldHold() {
    List<Posting> reference = new ArrayList<>();
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      if (reference.isEmpty() || random.nextInt(100) < 52) {
        reference.add(add());
      } else {
        registry.remove(reference.remove(random.nextInt(reference.size())));
      }
      assertThat(registry.size()).isEqualTo(reference.size());
      if (i % 1_000 == 0) {
        assertThat(registry.toList()).isEqualTo(reference);
      }
    }
    assertThat(registry.toList()).isEqualTo(reference);
  }

  /** What a dump may miss is what comes or goes meanwhile; never what stays. */
  @Test
  void aReaderSeesAllThatStayAndNothingTwiceWhileTheArrayGrows() throws Exception {
    ExecutorService reader = Executors.newSingleThreadExecutor();
    try {
      for (int round = 0; round < 50; round++) {
        Registry shared = new Registry();
        List<Posting> stay = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
          Posting posting = posting();
          stay.add(posting);
          shared.add(posting);
        }
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        Future<Integer> looks =
            reader.submit(
                () -> {
                  int count = 0;
                  do {
                    List<Posting> seen = shared.toList();
                    assertThat(new HashSet<>(seen)).hasSameSizeAs(seen);
                    assertThat(seen.subList(0, stay.size())).isEqualTo(stay);
                    count++;
                    reading.countDown();
                  } while (over.getCount() > 0);
                  return count;
                });
        assertThat(reading.await(30, TimeUnit.SECONDS)).isTrue();
        List<Posting> passing = new ArrayList<>();
        Random random = new Random(round);
        for (int i = 0; i < 3_000; i++) {
          if (passing.isEmpty() || random.nextInt(100) < 60) {
            Posting posting = posting();
            shared.add(posting);
            passing.add(posting);
          } else {
            shared.remove(passing.remove(random.nextInt(passing.size())));
          }
        }
        over.countDown();
        assertThat(looks.get(30, TimeUnit.SECONDS)).isPositive();
      }
    } finally {
      reader.shutdownNow();
    }
  }
}
