package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Pollable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A channel without a buffer: sender and receiver meet. */
final class RendezvousTest extends OnOneLoop {
  private final Channel<Integer> channel = Channel.rendezvous();
  private final Sender<Integer> sender = channel.newSender();
  private final Receiver<Integer> receiver = channel.newReceiver();
  private final Actor a = actor("a");
  private final Actor b = actor("b");

  @Test
  void aSendIsCompleteWhenAReceiverTookTheValue() {
    assertThat(channel.capacity()).isZero();
    assertThat(a.does(cx -> sender.pollSend(cx, 1)).isPending()).isTrue();
    assertThat(channel.size()).isZero();

    assertThat(b.does(cx -> receiver.pollReceive(cx)).value()).isEqualTo(1);

    assertThat(a.takeWakes()).isEqualTo(1);
    assertThat(a.does(cx -> sender.pollSend(cx, 1)).isReady()).isTrue();
  }

  @Test
  void aReceiverThatWaitsIsHandedTheValue() {
    b.does(cx -> receiver.pollReceive(cx));

    assertThat(a.does(cx -> sender.pollSend(cx, 1)).isReady()).isTrue();

    assertThat(b.takeWakes()).isEqualTo(1);
    assertThat(b.does(cx -> receiver.pollReceive(cx)).value()).isEqualTo(1);
  }

  @Test
  void anAttemptSucceedsOnlyIfTheOtherSideWaits() {
    assertThat(sender.trySend(1)).isEqualTo(TrySendResult.FULL);
    assertThat(receiver.tryReceive()).isNull();

    a.does(cx -> sender.pollSend(cx, 2));
    assertThat(receiver.tryReceive()).isEqualTo(2);

    b.does(cx -> receiver.pollReceive(cx));
    assertThat(channel.trySend(3)).isEqualTo(TrySendResult.SENT);
    assertThat(channel.trySend(4)).isEqualTo(TrySendResult.FULL);
  }

  @Test
  void aReserveIsGrantedWhenAReceiverWaits() {
    assertThat(a.does(cx -> sender.pollReserve(cx)).isPending()).isTrue();

    assertThat(b.does(cx -> receiver.pollReceive(cx)).isPending()).isTrue();

    assertThat(a.takeWakes()).isEqualTo(1);
    a.does(cx -> sender.pollReserve(cx)).value().send(1);
    assertThat(b.does(cx -> receiver.pollReceive(cx)).value()).isEqualTo(1);
  }

  @Test
  void oneReceiverIsPromisedToOnePermit() {
    b.does(cx -> receiver.pollReceive(cx));
    SendPermit<Integer> permit = a.does(cx -> sender.pollReserve(cx)).value();

    assertThat(a.does(cx -> sender.pollReserve(cx)).isPending()).isTrue();
    sender.cancelReserve();
    assertThat(channel.trySend(9)).isEqualTo(TrySendResult.FULL);

    permit.send(1);
    assertThat(b.does(cx -> receiver.pollReceive(cx)).value()).isEqualTo(1);
  }

  @Test
  void aPermitThatIsGivenBackLetsTheNextOneMeetTheReceiver() {
    b.does(cx -> receiver.pollReceive(cx));
    SendPermit<Integer> permit = a.does(cx -> sender.pollReserve(cx)).value();
    Send<Integer> send = channel.send(2);
    a.does(send::poll);
    assertThat(send.isSent()).isFalse();

    permit.close();

    assertThat(send.isSent()).isTrue();
    assertThat(a.takeWakes()).isEqualTo(1);
    assertThat(b.takeWakes()).isEqualTo(1);
    assertThat(b.does(cx -> receiver.pollReceive(cx)).value()).isEqualTo(2);
  }

  @Test
  void ifTheReceiverGivesUpBeforeThePermitIsUsedTheValueWaitsForTheNext() {
    Pollable<@Nullable Integer> receive = receiver.receive();
    b.does(receive::poll);
    SendPermit<Integer> permit = a.does(cx -> sender.pollReserve(cx)).value();
    receive.cancel();

    permit.send(1);

    assertThat(channel.size()).isEqualTo(1);
    assertThat(channel.trySend(2)).isEqualTo(TrySendResult.FULL);
    Send<Integer> behind = channel.send(3);
    a.does(behind::poll);
    assertThat(b.does(cx -> receiver.pollReceive(cx)).value()).isEqualTo(1);
    assertThat(behind.isSent()).isFalse();
    assertThat(b.does(cx -> receiver.pollReceive(cx)).value()).isEqualTo(3);
    assertThat(behind.isSent()).isTrue();
  }

  @Test
  void aValueThatAReceiverGivesBackIsTheNextOnesBeforeAnySender() {
    Pollable<@Nullable Integer> receive = receiver.receive();
    b.does(receive::poll);
    assertThat(channel.trySend(1)).isEqualTo(TrySendResult.SENT);
    a.does(cx -> sender.pollSend(cx, 2));

    receive.cancel();

    assertThat(channel.tryReceive()).isEqualTo(1);
    assertThat(channel.tryReceive()).isEqualTo(2);
  }

  @Test
  void sendersMeetReceiversInTheOrderOfTheirComing() {
    Send<Integer> one = channel.send(1);
    Send<Integer> two = channel.send(2);
    a.does(one::poll);
    a.does(two::poll);

    assertThat(channel.tryReceive()).isEqualTo(1);
    assertThat(one.isSent()).isTrue();
    assertThat(two.isSent()).isFalse();
    assertThat(channel.tryReceive()).isEqualTo(2);
  }

  /**
   * A sender that waits behind an open permit is not taken from by one who comes past the queue.
   */
  @Test
  void whatAReceiverWaitsForBehindAPermitIsNotTakenByAnother() {
    b.does(cx -> receiver.pollReceive(cx));
    SendPermit<Integer> permit = a.does(cx -> sender.pollReserve(cx)).value();
    Send<Integer> send = channel.send(2);
    a.does(send::poll);

    assertThat(channel.tryReceive()).isNull();

    permit.send(1);
    assertThat(b.does(cx -> receiver.pollReceive(cx)).value()).isEqualTo(1);
    assertThat(channel.tryReceive()).isEqualTo(2);
  }
}
