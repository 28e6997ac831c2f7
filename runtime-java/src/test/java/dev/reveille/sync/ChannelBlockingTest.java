package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Poll;
import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Threads that wait at a channel: they lose nothing, whatever makes them give up. */
final class ChannelBlockingTest extends OnOneLoop {
  private final Channel<Integer> channel = Channel.bounded(2);
  private final Sender<Integer> sender = channel.newSender();
  private final Receiver<Integer> receiver = channel.newReceiver();
  private final Actor a = actor("a");

  private void awaitWaitingReceiver() {
    Rig.awaitState("a receiver waits", () -> channel.waitingReceivers() == 1);
  }

  private void awaitWaitingSender() {
    Rig.awaitState("a sender waits", () -> channel.waitingSenders() == 1);
  }

  @Test
  void aThreadReceivesWhatATaskSends() throws Exception {
    FutureTask<@Nullable Integer> thread = rig.start("receives", receiver::blockingReceive);
    awaitWaitingReceiver();

    assertThat(a.does(cx -> sender.pollSend(cx, 1)).isReady()).isTrue();

    assertThat(Rig.await(thread)).isEqualTo(1);
  }

  @Test
  void aTaskReceivesWhatAThreadSends() throws Exception {
    channel.trySend(1);
    channel.trySend(2);
    FutureTask<Boolean> thread =
        rig.start(
            "sends",
            () -> {
              sender.blockingSend(3);
              return true;
            });
    awaitWaitingSender();

    assertThat(a.does(cx -> receiver.pollReceive(cx)).value()).isEqualTo(1);

    assertThat(Rig.await(thread)).isTrue();
    assertThat(channel.tryReceive()).isEqualTo(2);
    assertThat(channel.tryReceive()).isEqualTo(3);
  }

  @Test
  void whatIsThereIsReceivedAtOnceAndAFreePlaceIsUsedAtOnce() throws Exception {
    assertThat(sender.blockingSend(1, Duration.ZERO)).isTrue();
    sender.blockingSend(2);
    assertThat(sender.blockingSend(3, Duration.ZERO)).isFalse();
    assertThat(sender.blockingSend(3, Duration.ofSeconds(-1))).isFalse();
    assertThat(receiver.blockingReceive(Duration.ZERO)).isEqualTo(1);
    assertThat(receiver.blockingReceive()).isEqualTo(2);
    assertThat(receiver.blockingReceive(Duration.ZERO)).isNull();
    assertThat(receiver.isDrained()).isFalse();
  }

  @Test
  void aSendWhoseTimeIsOverWasNotSentAndLeavesTheQueue() throws Exception {
    sender.blockingSend(1);
    sender.blockingSend(2);

    assertThat(sender.blockingSend(3, Duration.ofMillis(1))).isFalse();

    assertThat(channel.waitingSenders()).isZero();
    assertThat(channel.isClosed()).isFalse();
    assertThat(channel.tryReceive()).isEqualTo(1);
    assertThat(channel.tryReceive()).isEqualTo(2);
    assertThat(channel.tryReceive()).isNull();
  }

  @Test
  void aReceiveWhoseTimeIsOverLeavesTheQueue() throws Exception {
    assertThat(receiver.blockingReceive(Duration.ofMillis(1))).isNull();

    assertThat(channel.waitingReceivers()).isZero();
    channel.trySend(1);
    assertThat(channel.tryReceive()).isEqualTo(1);
  }

  @Test
  void aTimeThatFitsNoNumberMeansForEver() throws Exception {
    Duration forEver = Duration.ofSeconds(Long.MAX_VALUE);
    FutureTask<@Nullable Integer> thread =
        rig.start("receives", () -> receiver.blockingReceive(forEver));
    awaitWaitingReceiver();
    assertThat(sender.blockingSend(1, forEver)).isTrue();
    assertThat(Rig.await(thread)).isEqualTo(1);
  }

  @Test
  void aCloseEndsTheWait() throws Exception {
    FutureTask<@Nullable Integer> receives = rig.start("receives", receiver::blockingReceive);
    awaitWaitingReceiver();
    channel.close();
    assertThat(Rig.await(receives)).isNull();
    assertThat(receiver.isDrained()).isTrue();
  }

  @Test
  void aCloseGivesTheValueBackToTheThreadThatSends() throws Exception {
    sender.blockingSend(1);
    sender.blockingSend(2);
    FutureTask<Boolean> sends =
        rig.start("sends", () -> sender.blockingSend(3, Duration.ofMinutes(5)));
    awaitWaitingSender();
    channel.close();
    assertThatThrownBy(() -> Rig.await(sends))
        .isInstanceOfSatisfying(
            ChannelClosedException.class, e -> assertThat(e.value()).isEqualTo(3));
    assertThat(receiver.blockingReceive()).isEqualTo(1);
    assertThat(receiver.blockingReceive()).isEqualTo(2);
    assertThat(receiver.blockingReceive()).isNull();
  }

  @Test
  void anInterruptBeforeTheCallTakesAndSendsNothing() {
    channel.trySend(1);
    Thread.currentThread().interrupt();
    assertThatThrownBy(receiver::blockingReceive).isInstanceOf(InterruptedException.class);
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> sender.blockingSend(2)).isInstanceOf(InterruptedException.class);
    assertThat(channel.size()).isEqualTo(1);
  }

  @Test
  void anInterruptEndsTheWaitAndLeavesTheQueue() throws Exception {
    List<Thread> threads = new ArrayList<>();
    FutureTask<@Nullable Integer> receives =
        rig.start(
            "receives",
            () -> {
              threads.add(Thread.currentThread());
              return receiver.blockingReceive();
            });
    awaitWaitingReceiver();
    threads.get(0).interrupt();

    assertThatThrownBy(() -> Rig.await(receives))
        .isInstanceOf(InterruptedException.class)
        .hasMessageContaining("a value from a channel");
    assertThat(channel.waitingReceivers()).isZero();
  }

  @Test
  void anInterruptedSendWasNotSent() throws Exception {
    channel.trySend(1);
    channel.trySend(2);
    List<Thread> threads = new ArrayList<>();
    FutureTask<Boolean> sends =
        rig.start(
            "sends",
            () -> {
              threads.add(Thread.currentThread());
              sender.blockingSend(3);
              return true;
            });
    awaitWaitingSender();
    threads.get(0).interrupt();

    assertThatThrownBy(() -> Rig.await(sends)).isInstanceOf(InterruptedException.class);
    channel.tryReceive();
    channel.tryReceive();
    assertThat(channel.tryReceive()).isNull();
  }

  /**
   * Each round an interrupt or the end of the time meets the value: it is received, by the thread
   * or after it, once, and an interrupt that came too late is still there.
   */
  @Test
  void aValueThatMeetsAnInterruptIsNotLost() throws Exception {
    for (int round = 0; round < 300; round++) {
      List<Thread> threads = new ArrayList<>();
      boolean[] interrupted = {false};
      FutureTask<@Nullable Integer> receives =
          rig.start(
              "receives",
              () -> {
                threads.add(Thread.currentThread());
                try {
                  return receiver.blockingReceive();
                } catch (InterruptedException e) {
                  interrupted[0] = true;
                  return null;
                }
              });
      awaitWaitingReceiver();
      int value = round;
      FutureTask<TrySendResult> sends = rig.start("sends", () -> channel.trySend(value));
      threads.get(0).interrupt();

      assertThat(Rig.await(sends)).isEqualTo(TrySendResult.SENT);
      Integer got = Rig.await(receives);
      assertThat(got == null).isEqualTo(interrupted[0]);
      assertThat(got != null ? got : channel.tryReceive()).isEqualTo(value);
      assertThat(channel.size()).isZero();
    }
  }

  /** Pigweed's BlockingReceive drops the value that comes with the time-out. */
  @Test
  void aValueThatMeetsTheTimeOutIsNotLost() throws Exception {
    int rounds = 2_000;
    FutureTask<Integer> receives =
        rig.start(
            "receives",
            () -> {
              int count = 0;
              while (!receiver.isDrained()) {
                if (receiver.blockingReceive(Duration.ofNanos(20_000)) != null) {
                  count++;
                }
              }
              return count;
            });
    int sent = 0;
    for (int i = 0; i < rounds; i++) {
      while (!sender.blockingSend(i, Duration.ofNanos(1_000))) {
        Thread.onSpinWait();
      }
      sent++;
      if (i % 3 == 0) {
        Thread.yield();
      }
    }
    sender.close();

    assertThat(Rig.await(receives)).isEqualTo(sent);
  }

  @Test
  void threadsAndTasksStandInOneQueue() throws Exception {
    FutureTask<@Nullable Integer> thread = rig.start("receives", receiver::blockingReceive);
    awaitWaitingReceiver();
    Receiver<Integer> ofTask = channel.newReceiver();
    assertThat(a.does(cx -> ofTask.pollReceive(cx)).isPending()).isTrue();

    channel.trySend(1);
    channel.trySend(2);

    assertThat(Rig.await(thread)).isEqualTo(1);
    assertThat(a.does(cx -> ofTask.pollReceive(cx)).value()).isEqualTo(2);
  }

  @Test
  void offTheLoopItIsNotRefusedEvenByTheThreadThatDroveIt() throws Exception {
    assertThat(a.does(cx -> receiver.pollReceive(cx)).isPending()).isTrue();
    receiver.cancelReceive();
    Poll<?> sent = a.does(cx -> sender.pollSend(cx, 1));
    assertThat(sent.isReady()).isTrue();
    assertThat(receiver.blockingReceive()).isEqualTo(1);
  }
}
