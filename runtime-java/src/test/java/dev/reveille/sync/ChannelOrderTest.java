package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Pollable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** First come, first served, on both sides, and by direct hand-off. */
final class ChannelOrderTest extends OnOneLoop {
  private final Channel<Integer> channel = Channel.bounded(2);
  private final Sender<Integer> sender = channel.newSender();
  private final Receiver<Integer> receiver = channel.newReceiver();
  private final Actor a = actor("a");
  private final Actor b = actor("b");
  private final Actor c = actor("c");

  @Test
  void valuesLeaveInTheOrderInWhichTheyWentIn() {
    List<@Nullable Integer> received = new ArrayList<>();
    a.does(cx -> sender.pollSend(cx, 1));
    a.does(cx -> sender.pollSend(cx, 2));

    received.add(b.does(cx -> receiver.pollReceive(cx)).value());
    received.add(channel.tryReceive());

    assertThat(received).containsExactly(1, 2);
  }

  @Test
  void aValueIsHandedToTheReceiverThatWaitsAndOnlyThatOneIsWoken() {
    Receiver<Integer> second = channel.newReceiver();
    assertThat(a.does(cx -> receiver.pollReceive(cx)).isPending()).isTrue();
    assertThat(b.does(cx -> second.pollReceive(cx)).isPending()).isTrue();

    assertThat(channel.trySend(1)).isEqualTo(TrySendResult.SENT);

    assertThat(channel.size()).isZero(); // it did not go through the buffer
    assertThat(a.takeWakes()).isEqualTo(1);
    assertThat(b.takeWakes()).isZero();
    assertThat(b.does(cx -> second.pollReceive(cx)).isPending()).isTrue();
    assertThat(a.does(cx -> receiver.pollReceive(cx)).value()).isEqualTo(1);
  }

  @Test
  void receiversAreServedInTheOrderOfTheirComing() {
    Receiver<Integer> second = channel.newReceiver();
    Pollable<@Nullable Integer> third = channel.receive();
    a.does(cx -> receiver.pollReceive(cx));
    b.does(cx -> second.pollReceive(cx));
    c.does(third::poll);

    channel.trySend(1);
    channel.trySend(2);
    channel.trySend(3);

    assertThat(c.does(third::poll).value()).isEqualTo(3);
    assertThat(b.does(cx -> second.pollReceive(cx)).value()).isEqualTo(2);
    assertThat(a.does(cx -> receiver.pollReceive(cx)).value()).isEqualTo(1);
  }

  @Test
  void aReceiverThatComesLaterDoesNotGetInBetweenTheGrantAndThePoll() {
    Receiver<Integer> later = channel.newReceiver();
    a.does(cx -> receiver.pollReceive(cx));
    channel.trySend(1);

    assertThat(b.does(cx -> later.pollReceive(cx)).isPending()).isTrue();
    assertThat(channel.tryReceive()).isNull();

    assertThat(a.does(cx -> receiver.pollReceive(cx)).value()).isEqualTo(1);
  }

  @Test
  void aFreedPlaceTakesTheValueOfTheFirstSenderThatWaitsAndWakesOnlyThatOne() {
    Sender<Integer> second = channel.newSender();
    fill();
    assertThat(a.does(cx -> sender.pollSend(cx, 3)).isPending()).isTrue();
    assertThat(b.does(cx -> second.pollSend(cx, 4)).isPending()).isTrue();

    assertThat(channel.tryReceive()).isEqualTo(1);

    assertThat(channel.size()).isEqualTo(2); // 2, and 3 already
    assertThat(channel.waitingSenders()).isEqualTo(1);
    assertThat(a.takeWakes()).isEqualTo(1);
    assertThat(b.takeWakes()).isZero();
    assertThat(a.does(cx -> sender.pollSend(cx, 3)).isReady()).isTrue();
    assertThat(b.does(cx -> second.pollSend(cx, 4)).isPending()).isTrue();
    assertThat(List.of(channel.tryReceive(), channel.tryReceive(), channel.tryReceive()))
        .containsExactly(2, 3, 4);
  }

  @Test
  void aSendThatFindsOthersWaitingStandsBehindThem() {
    Sender<Integer> second = channel.newSender();
    fill();
    a.does(cx -> sender.pollSend(cx, 3));

    assertThat(second.trySend(9)).isEqualTo(TrySendResult.FULL);
    assertThat(b.does(cx -> second.pollSend(cx, 4)).isPending()).isTrue();

    channel.tryReceive();
    channel.tryReceive();
    assertThat(channel.tryReceive()).isEqualTo(3);
    assertThat(channel.tryReceive()).isEqualTo(4);
    assertThat(channel.tryReceive()).isNull();
  }

  @Test
  void aSenderThatWaitsAndOneThatReservesAreServedInTheOrderOfTheirComing() {
    Sender<Integer> second = channel.newSender();
    fill();
    a.does(cx -> sender.pollReserve(cx));
    b.does(cx -> second.pollSend(cx, 4));

    channel.tryReceive();
    assertThat(a.takeWakes()).isEqualTo(1);
    assertThat(b.takeWakes()).isZero();

    channel.tryReceive();
    assertThat(b.takeWakes()).isEqualTo(1);
    a.does(cx -> sender.pollReserve(cx)).value().send(3);
    assertThat(channel.tryReceive()).isEqualTo(4);
    assertThat(channel.tryReceive()).isEqualTo(3);
  }

  @Test
  void pollingAgainWhilePendingRegistersNothingTwice() {
    for (int i = 0; i < 3; i++) {
      a.does(cx -> receiver.pollReceive(cx));
    }
    assertThat(channel.waitingReceivers()).isEqualTo(1);
    channel.trySend(1);
    channel.trySend(2);
    assertThat(channel.size()).isEqualTo(1);
    assertThat(a.takeWakes()).isEqualTo(1);
    assertThat(a.does(cx -> receiver.pollReceive(cx)).value()).isEqualTo(1);
    assertThat(a.does(cx -> receiver.pollReceive(cx)).value()).isEqualTo(2);

    fill();
    for (int i = 0; i < 3; i++) {
      b.does(cx -> sender.pollSend(cx, 3));
    }
    assertThat(channel.waitingSenders()).isEqualTo(1);
    channel.tryReceive();
    channel.tryReceive();
    assertThat(channel.tryReceive()).isEqualTo(3);
    assertThat(channel.tryReceive()).isNull();
    assertThat(b.does(cx -> sender.pollSend(cx, 3)).isReady()).isTrue();
    assertThat(channel.size()).isZero();
  }

  @Test
  void trySendTellsFullFromClosedAndTryReceiveEmptyFromTheEnd() {
    assertThat(channel.tryReceive()).isNull();
    assertThat(channel.isDrained()).isFalse();
    fill();
    assertThat(sender.trySend(3)).isEqualTo(TrySendResult.FULL);
    channel.close();
    assertThat(sender.trySend(3)).isEqualTo(TrySendResult.CLOSED);
    assertThat(receiver.tryReceive()).isEqualTo(1);
    assertThat(receiver.isDrained()).isFalse();
    assertThat(receiver.tryReceive()).isEqualTo(2);
    assertThat(receiver.tryReceive()).isNull();
    assertThat(receiver.isDrained()).isTrue();
  }

  @Test
  void itTellsItsSizeAndWhoWaits() {
    assertThat(channel.capacity()).isEqualTo(2);
    assertThat(channel.remainingCapacity()).isEqualTo(2);
    a.does(cx -> receiver.pollReceive(cx));
    assertThat(channel.waitingReceivers()).isEqualTo(1);
    channel.trySend(0);
    fill();
    b.does(cx -> sender.pollSend(cx, 3));
    assertThat(channel.size()).isEqualTo(2);
    assertThat(channel.remainingCapacity()).isZero();
    assertThat(channel.waitingSenders()).isEqualTo(1);
    assertThat(channel)
        .hasToString(
            "Channel[a channel, 2 of 2 buffered, 0 reserved, waiting: 1 to send, 0 to receive]");
    channel.close();
    assertThat(channel.toString()).endsWith("waiting: 0 to send, 0 to receive, closed]");
    assertThat(Channel.unbounded("jobs").newSender())
        .hasToString(
            "Sender of Channel[channel 'jobs', 0 buffered, 0 reserved, waiting: 0 to send, 0 to"
                + " receive]");
  }

  private void fill() {
    assertThat(channel.trySend(1)).isEqualTo(TrySendResult.SENT);
    assertThat(channel.trySend(2)).isEqualTo(TrySendResult.SENT);
  }
}
