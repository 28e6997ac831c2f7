package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * One-shot operations: who is alone when it waits stands before the queue without a node, others in
 * the queue with one. That makes no difference to anybody.
 */
final class ChannelOperationTest extends OnOneLoop {
  private final Channel<Integer> channel = Channel.bounded(1, "jobs");
  private final Sender<Integer> sender = channel.newSender();
  private final Receiver<Integer> receiver = channel.newReceiver();
  private final Actor a = actor("a");
  private final Actor b = actor("b");
  private final Actor c = actor("c");

  @Test
  void whoWaitsAloneAndWhoWaitsBehindAreServedInTheOrderOfTheirComing() {
    Pollable<@Nullable Integer> first = channel.receive();
    Pollable<@Nullable Integer> third = channel.receive();
    a.does(first::poll);
    b.does(cx -> receiver.pollReceive(cx));
    c.does(third::poll);
    assertThat(channel.waitingReceivers()).isEqualTo(3);

    for (int i = 1; i <= 4; i++) {
      assertThat(channel.trySend(i)).isEqualTo(TrySendResult.SENT);
    }

    assertThat(a.does(first::poll).value()).isEqualTo(1);
    assertThat(b.does(cx -> receiver.pollReceive(cx)).value()).isEqualTo(2);
    assertThat(c.does(third::poll).value()).isEqualTo(3);
    assertThat(channel.tryReceive()).isEqualTo(4);
  }

  @Test
  void whoWaitsAloneStaysFirstWhenAnotherTaskTakesItsPlace() {
    Pollable<@Nullable Integer> first = channel.receive();
    Pollable<@Nullable Integer> second = channel.receive();
    a.does(first::poll);
    b.does(second::poll);

    c.does(first::poll);

    assertThat(a.takeWakes()).isEqualTo(1); // it has lost its place
    channel.trySend(1);
    assertThat(c.takeWakes()).isEqualTo(1);
    assertThat(b.takeWakes()).isZero();
    assertThat(c.does(first::poll).value()).isEqualTo(1);
  }

  @Test
  void twoTasksThatPollOneOperationInTurnsAreTold() {
    Pollable<@Nullable Integer> receive = channel.receive();
    a.does(receive::poll);
    b.does(receive::poll);

    assertThatThrownBy(() -> a.does(receive::poll))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("two tasks wait in turns for a value from channel 'jobs'");
  }

  @Test
  void theSameGoesForAnEndThatWaitsAlone() {
    a.does(cx -> receiver.pollReceive(cx));
    b.does(cx -> receiver.pollReceive(cx));

    assertThat(a.takeWakes()).isEqualTo(1);
    assertThatThrownBy(() -> a.does(cx -> receiver.pollReceive(cx)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("in turns");
    channel.trySend(1);
    assertThat(b.takeWakes()).isEqualTo(1);
    assertThat(b.does(cx -> receiver.pollReceive(cx)).value()).isEqualTo(1);
    a.does(cx -> receiver.pollReceive(cx)); // it was served: the book is closed
    assertThat(channel.waitingReceivers()).isEqualTo(1);
  }

  @Test
  void anEndThatWaitsNowAloneAndNowBehindOthersLosesNothing() {
    for (int round = 0; round < 3; round++) {
      Pollable<@Nullable Integer> before = channel.receive();
      a.does(before::poll);
      b.does(cx -> receiver.pollReceive(cx));
      before.cancel();
      channel.trySend(round);
      assertThat(b.takeWakes()).isEqualTo(1);
      assertThat(b.does(cx -> receiver.pollReceive(cx)).value()).isEqualTo(round);

      b.does(cx -> receiver.pollReceive(cx));
      channel.trySend(-round);
      assertThat(b.takeWakes()).isEqualTo(1);
      assertThat(b.does(cx -> receiver.pollReceive(cx)).value()).isEqualTo(-round);
    }
  }

  @Test
  void whoWaitsAloneIsToldOfTheEnd() {
    Pollable<@Nullable Integer> receive = channel.receive();
    a.does(receive::poll);

    channel.close();

    assertThat(a.takeWakes()).isEqualTo(1);
    assertThat(channel.waitingReceivers()).isZero();
    Poll<@Nullable Integer> end = a.does(receive::poll);
    assertThat(end.isReady()).isTrue();
    assertThat(end.value()).isNull();
  }

  @Test
  void anEndThatIsClosedPassesOnWhatItWasHanded() {
    Receiver<Integer> other = channel.newReceiver();
    a.does(cx -> receiver.pollReceive(cx));
    channel.trySend(1);
    b.does(cx -> other.pollReceive(cx));

    receiver.close();

    assertThat(b.does(cx -> other.pollReceive(cx)).value()).isEqualTo(1);
  }

  @Test
  void aSendKeepsItsValueAlsoWhenItHadToWait() {
    Send<Integer> atOnce = sender.send(1);
    Send<Integer> waits = sender.send(2);
    assertThat(a.does(atOnce::poll).isReady()).isTrue();
    assertThat(b.does(waits::poll).isPending()).isTrue();
    assertThat(waits.isSent()).isFalse();

    assertThat(channel.tryReceive()).isEqualTo(1);

    assertThat(waits.isSent()).isTrue(); // known before the poll that says so
    assertThat(b.does(waits::poll).isReady()).isTrue();
    assertThat(atOnce.value()).isEqualTo(1);
    assertThat(waits.value()).isEqualTo(2);
    assertThat(atOnce.isSent() && waits.isSent()).isTrue();
  }

  @Test
  void aSendThatIsCancelledBeforeItsFirstPollWasNotSent() {
    Send<Integer> send = sender.send(1);

    send.cancel();

    assertThat(send.isSent()).isFalse();
    assertThat(send.value()).isEqualTo(1);
    assertThat(channel.size()).isZero();
  }

  @Test
  void theyAreNamedAfterTheirChannel() {
    Send<Integer> send = sender.send(1);
    assertThat(send.name()).isEqualTo("send to channel 'jobs'");
    assertThat(send).hasToString("send to channel 'jobs'");
    assertThat(((Operation<?>) sender.reserve()).name()).isEqualTo("reserve of channel 'jobs'");
    Operation<?> receive = (Operation<?>) receiver.receive();
    assertThat(receive.name()).isEqualTo("receive from channel 'jobs'");
    assertThat(receive).hasToString("receive from channel 'jobs'");
    a.does(send::poll);
    assertThatThrownBy(() -> a.does(send::poll))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "operation 'send to channel 'jobs'' polled again after its end: it was ready before");
  }
}
