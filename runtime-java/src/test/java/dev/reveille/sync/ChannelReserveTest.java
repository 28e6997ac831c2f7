package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Pollable;
import org.junit.jupiter.api.Test;

/** Places that are reserved for values to come. */
final class ChannelReserveTest extends OnOneLoop {
  private final Channel<Integer> channel = Channel.bounded(2);
  private final Sender<Integer> sender = channel.newSender();
  private final Receiver<Integer> receiver = channel.newReceiver();
  private final Actor a = actor("a");
  private final Actor b = actor("b");

  private SendPermit<Integer> reserved() {
    return a.does(cx -> sender.pollReserve(cx)).value();
  }

  @Test
  void aReservedPlaceIsNobodyElses() {
    SendPermit<Integer> one = reserved();
    SendPermit<Integer> two = reserved();
    assertThat(channel.remainingCapacity()).isZero();
    assertThat(channel.trySend(9)).isEqualTo(TrySendResult.FULL);
    assertThat(a.does(cx -> sender.pollReserve(cx)).isPending()).isTrue();

    two.send(2);
    one.send(1);

    assertThat(channel.tryReceive()).isEqualTo(2); // the order is that of the sends
    assertThat(channel.tryReceive()).isEqualTo(1);
  }

  @Test
  void aPermitThatIsClosedGivesThePlaceToTheNext() {
    SendPermit<Integer> one = reserved();
    channel.trySend(1);
    Send<Integer> send = channel.send(2);
    b.does(send::poll);

    one.close();
    one.close();

    assertThat(b.takeWakes()).isEqualTo(1);
    assertThat(send.isSent()).isTrue();
    assertThat(channel.size()).isEqualTo(2);
    assertThat(channel.remainingCapacity()).isZero();
  }

  @Test
  void aPermitIsUsedOnce() {
    SendPermit<Integer> permit = reserved();
    permit.send(1);
    permit.close();

    assertThatThrownBy(() -> permit.send(2))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("used or closed before");
    SendPermit<Integer> closed = reserved();
    closed.close();
    assertThatThrownBy(() -> closed.send(2)).isInstanceOf(IllegalStateException.class);
    assertThat(channel.size()).isEqualTo(1);
    assertThat(channel.remainingCapacity()).isEqualTo(1);
  }

  @Test
  void aReceiverThatWaitsDoesNotTakeReservedPlacesAway() {
    SendPermit<Integer> one = reserved();
    SendPermit<Integer> two = reserved();
    b.does(cx -> receiver.pollReceive(cx));
    assertThat(a.does(cx -> sender.pollReserve(cx)).isPending()).isTrue();
    sender.cancelReserve();

    // A value needs no place if somebody waits for it.
    assertThat(channel.trySend(0)).isEqualTo(TrySendResult.SENT);
    assertThat(b.does(cx -> receiver.pollReceive(cx)).value()).isEqualTo(0);

    one.send(1);
    two.send(2);
    assertThat(channel.size()).isEqualTo(2);
  }

  @Test
  void anOpenPermitOfAClosedChannelGivesTheValueBack() {
    SendPermit<Integer> permit = reserved();
    channel.close();

    assertThatThrownBy(() -> permit.send(1))
        .isInstanceOfSatisfying(
            ChannelClosedException.class, e -> assertThat(e.value()).isEqualTo(1));
    assertThat(channel.isDrained()).isTrue();
    assertThat(channel.remainingCapacity()).isEqualTo(2);
    permit.close();
  }

  @Test
  void anOpenPermitOutlivesItsSenderButNotTheLastOne() {
    Sender<Integer> other = channel.newSender();
    SendPermit<Integer> one = reserved();
    SendPermit<Integer> two = reserved();
    sender.close();
    one.send(1);
    assertThat(channel.tryReceive()).isEqualTo(1);

    other.close();
    assertThatThrownBy(() -> two.send(2)).isInstanceOf(ChannelClosedException.class);
  }

  @Test
  void anOpenPermitDoesNotKeepReceiversFromTheEnd() {
    SendPermit<Integer> permit = reserved();
    b.does(cx -> receiver.pollReceive(cx));
    channel.close();

    assertThat(b.takeWakes()).isEqualTo(1);
    assertThat(b.does(cx -> receiver.pollReceive(cx)).value()).isNull();
    permit.close();
  }

  @Test
  void aReserveThatWasGrantedAndNotCollectedFailsAtAClose() {
    channel.trySend(1);
    channel.trySend(2);
    a.does(cx -> sender.pollReserve(cx));
    channel.tryReceive();
    channel.close();

    assertThatThrownBy(() -> a.does(cx -> sender.pollReserve(cx)))
        .isInstanceOf(ChannelClosedException.class);
    assertThat(channel.remainingCapacity()).isEqualTo(1);
  }

  @Test
  void aWaitingReserveFailsAtAClose() {
    channel.trySend(1);
    channel.trySend(2);
    Pollable<SendPermit<Integer>> reserve = sender.reserve();
    a.does(reserve::poll);
    channel.close();

    assertThat(a.takeWakes()).isEqualTo(1);
    assertThatThrownBy(() -> a.does(reserve::poll))
        .isInstanceOf(ChannelClosedException.class)
        .hasMessageContaining("no place was reserved");
  }

  @Test
  void aSenderThatIsClosedGivesBackThePlaceItDidNotCollect() {
    Sender<Integer> other = channel.newSender();
    channel.trySend(1);
    channel.trySend(2);
    a.does(cx -> sender.pollReserve(cx));
    channel.tryReceive();
    assertThat(channel.remainingCapacity()).isZero();

    sender.close();

    assertThat(channel.remainingCapacity()).isEqualTo(1);
    assertThat(other.trySend(3)).isEqualTo(TrySendResult.SENT);
  }

  @Test
  void aPermitTellsWhoseItIs() {
    SendPermit<Integer> permit = reserved();
    assertThat(permit).hasToString("SendPermit[a channel]");
    permit.close();
    assertThat(permit).hasToString("SendPermit[a channel, used]");
  }
}
