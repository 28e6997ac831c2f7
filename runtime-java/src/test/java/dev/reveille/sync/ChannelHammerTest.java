package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tasks of two loops and threads at both ends, some of which keep giving up: each value arrives
 * once, and what one receiver gets of one sender is in the order of its sends. (Where receivers
 * give up, a value that comes back may reach one who had a younger one already.)
 */
final class ChannelHammerTest {
  private static final int PER_SENDER = 4_000;
  private static final int SENDERS = 5;

  private final Rig rig = new Rig(BasicDispatcher::new);

  private final RunnableDispatcher one = rig.onSystemClock();
  private final RunnableDispatcher other = rig.onSystemClock();

  /** Of one sender, the number-th; with a plain field that the channel has to publish. */
  private static final class Parcel {
    final int sender;
    final int number;
    int content;

    Parcel(int sender, int number) {
      this.sender = sender;
      this.number = number;
      content = number + 1;
    }
  }

  /** What one receiver got. */
  private final ConcurrentLinkedQueue<List<Parcel>> shelves = new ConcurrentLinkedQueue<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private List<Parcel> shelf() {
    List<Parcel> shelf = new ArrayList<>();
    shelves.add(shelf);
    return shelf;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, Integer.MAX_VALUE})
  void eachValueArrivesOnceAndInTheOrderOfItsSender(int capacity) throws Exception {
    transport(capacity, false);

    assertThat(shelves).hasSize(3).allSatisfy(ChannelHammerTest::assertOrdered);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, Integer.MAX_VALUE})
  void eachValueArrivesOnceAlsoWhereReceiversGiveUp(int capacity) throws Exception {
    transport(capacity, true);
  }

  private void transport(int capacity, boolean givingUp) throws Exception {
    Channel<Parcel> channel =
        capacity == 0
            ? Channel.rendezvous()
            : capacity == Integer.MAX_VALUE ? Channel.unbounded() : Channel.bounded(capacity);
    List<JoinHandle<?>> tasks = new ArrayList<>();
    List<FutureTask<?>> threads = new ArrayList<>();
    // Made here, so that the channel is not closed before all have begun.
    List<Sender<Parcel>> senders = new ArrayList<>();
    for (int i = 0; i < SENDERS; i++) {
      senders.add(channel.newSender());
    }
    tasks.add(one.spawn("polls receive", receiving(channel.newReceiver(), shelf())));
    if (givingUp) {
      tasks.add(one.spawn("gives up", givingUp(channel.newReceiver(), shelf(), 1)));
      tasks.add(other.spawn("gives up", givingUp(channel.newReceiver(), shelf(), 2)));
    }
    tasks.add(other.spawn("polls receive", receiving(channel.newReceiver(), shelf())));
    threads.add(start(channel.newReceiver(), shelf()));
    tasks.add(one.spawn("sends", sending(senders.get(0), 0)));
    tasks.add(other.spawn("sends", sending(senders.get(1), 1)));
    tasks.add(one.spawn("reserves", reserving(senders.get(2), 2)));
    tasks.add(other.spawn("takes back", takingBack(senders.get(3), 3)));
    threads.add(startSending(senders.get(4), 4));
    rig.drive(one, RunnableDispatcher::run);
    rig.drive(other, RunnableDispatcher::run);

    for (JoinHandle<?> task : tasks) {
      CompletableFuture<?> end = task.toCompletableFuture();
      end.get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
    for (FutureTask<?> thread : threads) {
      Rig.await(thread);
    }
    one.stop();
    other.stop();

    assertThat(channel.isDrained()).isTrue();
    int[][] arrivals = new int[SENDERS][PER_SENDER];
    for (List<Parcel> shelf : shelves) {
      for (Parcel parcel : shelf) {
        assertThat(parcel.content).isEqualTo(parcel.number + 1);
        arrivals[parcel.sender][parcel.number]++;
      }
    }
    for (int[] ofSender : arrivals) {
      assertThat(ofSender).containsOnly(1);
    }
  }

  private static void assertOrdered(List<Parcel> shelf) {
    int[] last = new int[SENDERS];
    Arrays.fill(last, -1);
    for (Parcel parcel : shelf) {
      assertThat(parcel.number).isGreaterThan(last[parcel.sender]);
      last[parcel.sender] = parcel.number;
    }
  }

  // ------------------------------------------------------------------ receivers

  private static Pollable<Object> receiving(Receiver<Parcel> receiver, List<Parcel> shelf) {
    return cx -> {
      for (; ; ) {
        Poll<@Nullable Parcel> poll = receiver.pollReceive(cx);
        if (poll.isPending()) {
          return Poll.pending();
        }
        Parcel parcel = poll.value();
        if (parcel == null) {
          receiver.close();
          return Poll.ready(shelf);
        }
        shelf.add(parcel);
      }
    };
  }

  /** One-shot operations, each of which is given up in about every second turn. */
  private static Pollable<Object> givingUp(
      Receiver<Parcel> receiver, List<Parcel> shelf, int seed) {
    Random random = new Random(seed);
    return new Pollable<>() {
      private @Nullable Pollable<@Nullable Parcel> receive;

      @Override
      public Poll<Object> poll(Context cx) throws Exception {
        for (int i = 0; i < 8; i++) {
          Pollable<@Nullable Parcel> current = receive;
          if (current != null && random.nextBoolean()) {
            current.cancel(); // often just after it was handed a value
            current = null;
          }
          if (current == null) {
            current = receiver.receive();
            receive = current;
          }
          Poll<@Nullable Parcel> poll = current.poll(cx);
          if (poll.isPending()) {
            break;
          }
          receive = null;
          Parcel parcel = poll.value();
          if (parcel == null) {
            receiver.close();
            return Poll.ready(shelf);
          }
          shelf.add(parcel);
        }
        cx.waker("its next turn").wake();
        return Poll.pending();
      }
    };
  }

  private FutureTask<?> start(Receiver<Parcel> receiver, List<Parcel> shelf) {
    return rig.start(
        "receives",
        () -> {
          Duration timeout = Duration.ofNanos(30_000);
          while (!receiver.isDrained()) {
            Parcel parcel = receiver.blockingReceive(timeout);
            if (parcel != null) {
              shelf.add(parcel);
            }
          }
          receiver.close();
          return shelf;
        });
  }

  // ------------------------------------------------------------------ senders

  private static Pollable<Object> sending(Sender<Parcel> sender, int id) {
    Parcel[] next = {new Parcel(id, 0)};
    return cx -> {
      for (; ; ) {
        if (sender.pollSend(cx, next[0]).isPending()) {
          return Poll.pending();
        }
        int number = next[0].number + 1;
        if (number == PER_SENDER) {
          sender.close();
          return Poll.ready(sender);
        }
        next[0] = new Parcel(id, number);
      }
    };
  }

  private static Pollable<Object> reserving(Sender<Parcel> sender, int id) {
    int[] next = {0};
    Random random = new Random(id);
    return cx -> {
      while (next[0] < PER_SENDER) {
        Poll<SendPermit<Parcel>> poll = sender.pollReserve(cx);
        if (poll.isPending()) {
          if (random.nextInt(4) == 0) {
            sender.cancelReserve();
            cx.waker("its next turn").wake();
          }
          return Poll.pending();
        }
        try (SendPermit<Parcel> permit = poll.value()) {
          if (random.nextInt(4) != 0) {
            permit.send(new Parcel(id, next[0]++));
          }
        }
      }
      sender.close();
      return Poll.ready(sender);
    };
  }

  private static Pollable<Object> takingBack(Sender<Parcel> sender, int id) {
    int[] next = {0};
    return cx -> {
      for (int i = 0; i < 8 && next[0] < PER_SENDER; i++) {
        Parcel parcel = new Parcel(id, next[0]);
        if (sender.pollSend(cx, parcel).isReady() || sender.cancelSend() == null) {
          next[0]++; // it went, even if the budget did not let it say so
        }
      }
      if (next[0] == PER_SENDER) {
        sender.close();
        return Poll.ready(sender);
      }
      cx.waker("its next turn").wake();
      return Poll.pending();
    };
  }

  private FutureTask<?> startSending(Sender<Parcel> sender, int id) {
    return rig.start(
        "sends",
        () -> {
          for (int number = 0; number < PER_SENDER; number++) {
            Parcel parcel = new Parcel(id, number);
            while (!sender.blockingSend(parcel, Duration.ofNanos(20_000))) {
              Thread.onSpinWait();
            }
          }
          sender.close();
          return sender;
        });
  }
}
