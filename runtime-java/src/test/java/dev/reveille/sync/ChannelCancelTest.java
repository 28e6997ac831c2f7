package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who gives up passes on what was granted; nothing is lost, and the order stays. */
final class ChannelCancelTest extends OnOneLoop {
  private final Channel<Integer> channel = Channel.bounded(1);
  private final Sender<Integer> sender = channel.newSender();
  private final Receiver<Integer> receiver = channel.newReceiver();
  private final Actor a = actor("a");
  private final Actor b = actor("b");

  /** Pigweed pops and wakes the first; if that one is dropped, nobody else is woken. */
  @Test
  void aReceiverThatIsCancelledAfterItsGrantPassesTheValueOn() {
    Pollable<@Nullable Integer> first = receiver.receive();
    Pollable<@Nullable Integer> second = channel.receive();
    a.does(first::poll);
    b.does(second::poll);
    channel.trySend(1);

    first.cancel();
    first.cancel();

    assertThat(b.takeWakes()).isEqualTo(1);
    assertThat(b.does(second::poll).value()).isEqualTo(1);
  }

  @Test
  void withoutAnotherReceiverTheValueGoesBackToTheFront() {
    Pollable<@Nullable Integer> receive = receiver.receive();
    a.does(receive::poll);
    channel.trySend(1);
    channel.trySend(2);

    receive.cancel();

    assertThat(channel.size()).isEqualTo(2); // more than the capacity, but both had been sent
    assertThat(channel.remainingCapacity()).isZero();
    assertThat(channel.trySend(3)).isEqualTo(TrySendResult.FULL);
    assertThat(channel.tryReceive()).isEqualTo(1);
    assertThat(channel.trySend(3)).isEqualTo(TrySendResult.FULL);
    assertThat(channel.tryReceive()).isEqualTo(2);
  }

  @Test
  void theSameGoesForAPendingPollReceive() {
    Receiver<Integer> other = channel.newReceiver();
    a.does(cx -> receiver.pollReceive(cx));
    b.does(cx -> other.pollReceive(cx));
    channel.trySend(1);

    receiver.cancelReceive();

    assertThat(b.does(cx -> other.pollReceive(cx)).value()).isEqualTo(1);
    b.does(cx -> other.pollReceive(cx));
    channel.trySend(2);
    other.cancelReceive();
    assertThat(channel.tryReceive()).isEqualTo(2);
  }

  @Test
  void aTaskThatIsCancelledPassesItsGrantOn() {
    Pollable<@Nullable Integer> first = channel.receive();
    boolean[] began = {false};
    JoinHandle<Object> handle =
        loop.spawn(
            Pollable.owning(
                List.of(first),
                cx -> {
                  if (!began[0]) {
                    began[0] = true;
                    first.poll(cx);
                  }
                  return cx.park(); // what it is handed it does not take
                }));
    loop.runUntilStalled();
    Pollable<@Nullable Integer> second = channel.receive();
    b.does(second::poll);
    channel.trySend(1);

    handle.cancel();
    loop.runUntilStalled();

    assertThat(b.does(second::poll).value()).isEqualTo(1);
  }

  @Test
  void aWaitingReceiverThatIsCancelledLeavesTheQueue() {
    Pollable<@Nullable Integer> first = receiver.receive();
    a.does(first::poll);
    assertThat(channel.waitingReceivers()).isEqualTo(1);

    first.cancel();

    assertThat(channel.waitingReceivers()).isZero();
    channel.trySend(1);
    assertThat(channel.tryReceive()).isEqualTo(1);
  }

  @Test
  void aSendThatIsCancelledBeforeItsValueWentWasNotSent() {
    channel.trySend(1);
    Send<Integer> send = sender.send(2);
    a.does(send::poll);

    send.cancel();

    assertThat(send.isSent()).isFalse();
    assertThat(channel.waitingSenders()).isZero();
    assertThat(channel.tryReceive()).isEqualTo(1);
    assertThat(channel.tryReceive()).isNull();
  }

  @Test
  void aSendThatIsCancelledAfterItsValueWentWasSent() {
    channel.trySend(1);
    Send<Integer> send = sender.send(2);
    a.does(send::poll);
    channel.tryReceive();
    assertThat(send.isSent()).isTrue();

    send.cancel();

    assertThat(send.isSent()).isTrue();
    assertThat(send.value()).isEqualTo(2);
    assertThat(channel.tryReceive()).isEqualTo(2);
  }

  @Test
  void aSendThatNobodyPolledWasNotSent() {
    Send<Integer> send = sender.send(2);
    send.cancel();
    assertThat(send.isSent()).isFalse();
    assertThat(channel.size()).isZero();
  }

  @Test
  void cancelSendTakesTheValueBackUnlessItWent() {
    channel.trySend(1);
    a.does(cx -> sender.pollSend(cx, 2));
    assertThat(sender.cancelSend()).isEqualTo(2);
    assertThat(sender.cancelSend()).isNull();

    a.does(cx -> sender.pollSend(cx, 3));
    assertThat(channel.tryReceive()).isEqualTo(1);
    assertThat(sender.cancelSend()).isNull();
    assertThat(channel.tryReceive()).isEqualTo(3);

    assertThat(a.does(cx -> sender.pollSend(cx, 4)).isReady()).isTrue();
  }

  @Test
  void aReserveThatIsCancelledAfterItsGrantGivesThePlaceToTheNext() {
    channel.trySend(1);
    Pollable<SendPermit<Integer>> reserve = sender.reserve();
    a.does(reserve::poll);
    Send<Integer> send = channel.send(2);
    b.does(send::poll);
    channel.tryReceive();
    assertThat(send.isSent()).isFalse();

    reserve.cancel();

    assertThat(b.takeWakes()).isEqualTo(1);
    assertThat(send.isSent()).isTrue();
    assertThat(channel.tryReceive()).isEqualTo(2);
  }

  @Test
  void theSameGoesForAPendingPollReserve() {
    channel.trySend(1);
    Sender<Integer> other = channel.newSender();
    a.does(cx -> sender.pollReserve(cx));
    b.does(cx -> other.pollReserve(cx));
    channel.tryReceive();

    sender.cancelReserve();
    sender.cancelReserve();

    b.does(cx -> other.pollReserve(cx)).value().send(5);
    assertThat(channel.tryReceive()).isEqualTo(5);
    a.does(cx -> sender.pollReserve(cx)).value().close();
    assertThat(channel.remainingCapacity()).isEqualTo(1);
  }

  /** Behind a reserve that waits for a place, a value waits that only needs a receiver. */
  @Test
  void whenTheFirstWhoWaitsLeavesTheNextMayGo() {
    SendPermit<Integer> permit = a.does(cx -> sender.pollReserve(cx)).value();
    Pollable<SendPermit<Integer>> reserve = sender.reserve();
    a.does(reserve::poll);
    Send<Integer> send = channel.send(1);
    b.does(send::poll);
    Actor c = actor("c");
    assertThat(c.does(cx -> receiver.pollReceive(cx)).isPending()).isTrue();

    reserve.cancel();

    assertThat(b.takeWakes()).isEqualTo(1);
    assertThat(c.takeWakes()).isEqualTo(1);
    assertThat(c.does(cx -> receiver.pollReceive(cx)).value()).isEqualTo(1);
    permit.close();
  }

  @Test
  void anOperationIsOfOneUse() {
    Pollable<@Nullable Integer> receive = receiver.receive();
    channel.trySend(1);
    assertThat(a.does(receive::poll).value()).isEqualTo(1);
    assertThatThrownBy(() -> a.does(receive::poll))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'receive from a channel'");
  }
}
