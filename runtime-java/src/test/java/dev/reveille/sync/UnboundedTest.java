package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A channel whose buffer grows as needed. */
final class UnboundedTest extends OnOneLoop {
  private final Channel<Integer> channel = Channel.unbounded();

  @Test
  void aSendNeverWaits() {
    Actor a = actor("a");
    Sender<Integer> sender = channel.newSender();
    for (int i = 0; i < 5_000; i++) {
      int value = i;
      if (i % 100 == 0) {
        assertThat(a.does(cx -> sender.pollSend(cx, value)).isReady()).isTrue();
      } else {
        assertThat(sender.trySend(value)).isEqualTo(TrySendResult.SENT);
      }
    }

    assertThat(channel.size()).isEqualTo(5_000);
    for (int i = 0; i < 5_000; i++) {
      assertThat(channel.tryReceive()).isEqualTo(i);
    }
    assertThat(channel.tryReceive()).isNull();
  }

  @Test
  void itsCapacityIsTheLargestNumber() {
    assertThat(channel.capacity()).isEqualTo(Integer.MAX_VALUE);
    channel.trySend(1);
    assertThat(channel.remainingCapacity()).isEqualTo(Integer.MAX_VALUE - 1);
  }

  @Test
  void receiversThatWaitAddNothingToIt() {
    Actor a = actor("a");
    Receiver<Integer> receiver = channel.newReceiver();
    a.does(cx -> receiver.pollReceive(cx)); // the sum of places must not overflow

    assertThat(channel.trySend(1)).isEqualTo(TrySendResult.SENT);
    assertThat(a.does(cx -> receiver.pollReceive(cx)).value()).isEqualTo(1);
  }

  @Test
  void aReserveNeverWaits() {
    Actor a = actor("a");
    Sender<Integer> sender = channel.newSender();
    SendPermit<Integer> permit = a.does(cx -> sender.pollReserve(cx)).value();
    permit.send(1);
    assertThat(channel.tryReceive()).isEqualTo(1);
  }
}
