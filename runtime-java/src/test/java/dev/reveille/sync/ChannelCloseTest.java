package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.reveille.Pollable;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The ends of a channel, and its end. */
final class ChannelCloseTest extends OnOneLoop {
  private final List<String> undelivered = new ArrayList<>();
  private final Channel<String> channel =
      Channel.<String>bounded(2, "letters").onUndelivered(undelivered::add);
  private final Actor a = actor("a");
  private final Actor b = actor("b");

  @Test
  void afterACloseWhatIsBufferedIsReceivedAndThenTheEnd() {
    Receiver<String> receiver = channel.newReceiver();
    channel.trySend("x");
    channel.trySend("y");

    channel.close();

    assertThat(channel.isClosed()).isTrue();
    assertThat(channel.isDrained()).isFalse();
    assertThat(a.does(cx -> receiver.pollReceive(cx)).value()).isEqualTo("x");
    assertThat(a.does(cx -> receiver.pollReceive(cx)).value()).isEqualTo("y");
    assertThat(a.does(cx -> receiver.pollReceive(cx)).value()).isNull();
    assertThat(a.does(cx -> receiver.pollReceive(cx)).value()).isNull();
    assertThat(channel.isDrained()).isTrue();
  }

  @Test
  void afterACloseEverySendGivesItsValueBack() {
    Sender<String> sender = channel.newSender();
    channel.close();

    assertThat(sender.trySend("x")).isEqualTo(TrySendResult.CLOSED);
    assertThatThrownBy(() -> a.does(cx -> sender.pollSend(cx, "x")))
        .asInstanceOf(type(ChannelClosedException.class))
        .satisfies(e -> assertThat(e.value()).isEqualTo("x"))
        .satisfies(e -> assertThat(e).hasMessageContaining("channel 'letters' is closed"));
    Send<String> send = sender.send("y");
    assertThatThrownBy(() -> a.does(send::poll))
        .isInstanceOfSatisfying(
            ChannelClosedException.class, e -> assertThat(e.value()).isEqualTo("y"));
    assertThat(send.isSent()).isFalse();
    assertThatThrownBy(() -> sender.blockingSend("z")).isInstanceOf(ChannelClosedException.class);
    assertThatThrownBy(() -> a.does(cx -> sender.pollReserve(cx)))
        .isInstanceOfSatisfying(ChannelClosedException.class, e -> assertThat(e.value()).isNull());
  }

  @Test
  void thoseWhoWaitToSendFailAtOnceWithTheirValue() {
    channel.trySend("x");
    channel.trySend("y");
    Sender<String> sender = channel.newSender();
    Send<String> send = channel.send("w");
    a.does(cx -> sender.pollSend(cx, "z"));
    b.does(send::poll);

    channel.close();

    assertThat(a.takeWakes()).isEqualTo(1);
    assertThat(b.takeWakes()).isEqualTo(1);
    assertThatThrownBy(() -> a.does(cx -> sender.pollSend(cx, "z")))
        .isInstanceOfSatisfying(
            ChannelClosedException.class, e -> assertThat(e.value()).isEqualTo("z"));
    assertThatThrownBy(() -> b.does(send::poll))
        .isInstanceOfSatisfying(
            ChannelClosedException.class, e -> assertThat(e.value()).isEqualTo("w"));
    assertThat(channel.size()).isEqualTo(2);
  }

  @Test
  void aSendThatWentBeforeTheCloseWasSent() {
    channel.trySend("x");
    channel.trySend("y");
    Sender<String> sender = channel.newSender();
    a.does(cx -> sender.pollSend(cx, "z"));
    channel.tryReceive();

    channel.close();

    assertThat(a.does(cx -> sender.pollSend(cx, "z")).isReady()).isTrue();
    assertThat(channel.tryReceive()).isEqualTo("y");
    assertThat(channel.tryReceive()).isEqualTo("z");
  }

  @Test
  void thoseWhoWaitToReceiveGetTheEndAtOnce() {
    Receiver<String> receiver = channel.newReceiver();
    Pollable<@Nullable String> receive = channel.receive();
    a.does(cx -> receiver.pollReceive(cx));
    b.does(receive::poll);

    channel.close();

    assertThat(a.takeWakes()).isEqualTo(1);
    assertThat(a.does(cx -> receiver.pollReceive(cx)).isReady()).isTrue();
    assertThat(b.does(receive::poll).value()).isNull();
  }

  @Test
  void aValueThatWasHandedOverBeforeTheCloseIsReceived() {
    Receiver<String> receiver = channel.newReceiver();
    a.does(cx -> receiver.pollReceive(cx));
    channel.trySend("x");

    channel.close();

    assertThat(a.does(cx -> receiver.pollReceive(cx)).value()).isEqualTo("x");
    assertThat(a.does(cx -> receiver.pollReceive(cx)).value()).isNull();
  }

  @Test
  void thatNoSenderIsLeftIsSeenAtOnce() {
    Sender<String> one = channel.newSender();
    Sender<String> other = channel.newSender();
    Receiver<String> receiver = channel.newReceiver();
    a.does(cx -> receiver.pollReceive(cx));

    one.close();
    one.close(); // once is enough, and twice is not two senders
    assertThat(channel.isClosed()).isFalse();
    assertThat(a.takeWakes()).isZero();
    other.close();

    assertThat(channel.isClosed()).isTrue();
    assertThat(a.takeWakes()).isEqualTo(1);
    assertThat(a.does(cx -> receiver.pollReceive(cx)).value()).isNull();
  }

  @Test
  void thatNoReceiverIsLeftMakesSendsFailAtOnce() {
    Receiver<String> receiver = channel.newReceiver();
    Sender<String> sender = channel.newSender();
    channel.trySend("x");
    channel.trySend("y");
    a.does(cx -> sender.pollSend(cx, "z"));

    receiver.close();

    assertThat(sender.isChannelClosed()).isTrue();
    assertThat(a.takeWakes()).isEqualTo(1);
    assertThatThrownBy(() -> a.does(cx -> sender.pollSend(cx, "z")))
        .isInstanceOf(ChannelClosedException.class);
    assertThat(sender.trySend("w")).isEqualTo(TrySendResult.CLOSED);
    assertThat(undelivered).containsExactly("x", "y");
    assertThat(channel.isDrained()).isTrue();
  }

  @Test
  void aReceiverThatIsClosedPassesOnWhatItWasHandedAndTheLastOneHasItUndelivered() {
    Receiver<String> first = channel.newReceiver();
    Receiver<String> second = channel.newReceiver();
    a.does(cx -> first.pollReceive(cx));
    channel.trySend("x");
    channel.trySend("y");

    first.close();
    assertThat(channel.size()).isEqualTo(2);
    assertThat(b.does(cx -> second.pollReceive(cx)).value()).isEqualTo("x");
    assertThat(b.does(cx -> second.pollReceive(cx)).value()).isEqualTo("y");
    b.does(cx -> second.pollReceive(cx));
    channel.trySend("z");
    channel.trySend("w");
    second.close();

    assertThat(undelivered).containsExactly("z", "w");
  }

  @Test
  void anEndThatSomebodyElseClosesTellsTheTaskThatWaitsWithIt() {
    Receiver<String> kept = channel.newReceiver();
    Receiver<String> receiver = channel.newReceiver();
    a.does(cx -> receiver.pollReceive(cx));

    receiver.close();

    assertThat(channel.waitingReceivers()).isZero();
    assertThat(a.takeWakes()).isEqualTo(1);
    assertThatThrownBy(() -> a.does(cx -> receiver.pollReceive(cx)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("this receiver of channel 'letters' is closed");
    assertThat(kept.isDrained()).isFalse();
  }

  @Test
  void aSenderThatIsClosedTakesItsOfferBack() {
    channel.newSender();
    Sender<String> sender = channel.newSender();
    channel.trySend("x");
    channel.trySend("y");
    a.does(cx -> sender.pollSend(cx, "z"));

    sender.close();

    assertThat(channel.waitingSenders()).isZero();
    assertThat(a.takeWakes()).isEqualTo(1);
    assertThat(channel.tryReceive()).isEqualTo("x");
    assertThat(channel.tryReceive()).isEqualTo("y");
    assertThat(channel.tryReceive()).isNull();
    assertThat(channel.isClosed()).isFalse();
  }

  @Test
  void operationsGoOnAfterTheEndTheyCameFromWasClosed() {
    channel.newReceiver();
    channel.newSender();
    Receiver<String> receiver = channel.newReceiver();
    Sender<String> sender = channel.newSender();
    Pollable<@Nullable String> receive = receiver.receive();
    Send<String> send = sender.send("x");
    receiver.close();
    sender.close();

    a.does(receive::poll);
    assertThat(b.does(send::poll).isReady()).isTrue();
    assertThat(a.does(receive::poll).value()).isEqualTo("x");
  }

  @Test
  void aValueThatComesBackWhenNobodyIsLeftIsUndelivered() {
    Receiver<String> receiver = channel.newReceiver();
    Pollable<@Nullable String> receive = receiver.receive();
    a.does(receive::poll);
    channel.trySend("x");
    receiver.close();
    assertThat(undelivered).isEmpty();

    receive.cancel();

    assertThat(undelivered).containsExactly("x");
  }

  @Test
  void whatTheHandlerThrowsIsThrownToTheCloserAfterItSawEachValue() {
    List<String> seen = new ArrayList<>();
    channel.onUndelivered(
        value -> {
          seen.add(value);
          throw new IllegalArgumentException(value);
        });
    Receiver<String> receiver = channel.newReceiver();
    channel.trySend("x");
    channel.trySend("y");

    assertThatThrownBy(receiver::close)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("x")
        .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));

    assertThat(seen).containsExactly("x", "y");
    assertThat(channel.isClosed()).isTrue();
    receiver.close(); // has been closed
  }

  @Test
  void withoutAHandlerTheLogTellsHowManyWereLost() {
    List<LogRecord> records = new ArrayList<>();
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord logRecord) {
            records.add(logRecord);
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger("dev.reveille.sync");
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
    try {
      Channel<String> unhandled = Channel.unbounded("lost letters");
      unhandled.trySend("x");
      unhandled.trySend("y");
      unhandled.newReceiver().close();
    } finally {
      logger.setUseParentHandlers(true);
      logger.removeHandler(handler);
    }

    assertThat(records).hasSize(1);
    assertThat(records.get(0).getLevel()).isEqualTo(Level.WARNING);
    assertThat(new SimpleFormatter().formatMessage(records.get(0)))
        .startsWith("channel 'lost letters' lost 2 value(s)");
  }

  @Test
  void theHandlerMayUseTheChannel() {
    List<TrySendResult> results = new ArrayList<>();
    channel.onUndelivered(value -> results.add(channel.trySend(value)));
    Receiver<String> receiver = channel.newReceiver();
    channel.trySend("x");

    receiver.close();

    assertThat(results).containsExactly(TrySendResult.CLOSED);
  }

  @Test
  void anEndThatIsMadeAfterTheCloseIsAtTheEnd() {
    channel.trySend("x");
    channel.close();

    assertThat(channel.newSender().trySend("y")).isEqualTo(TrySendResult.CLOSED);
    Receiver<String> receiver = channel.newReceiver();
    assertThat(receiver.tryReceive()).isEqualTo("x");
    assertThat(receiver.tryReceive()).isNull();
    assertThat(receiver.isDrained()).isTrue();
  }

  @Test
  void withoutEndsItIsOpenUntilItIsClosed() {
    assertThat(channel.trySend("x")).isEqualTo(TrySendResult.SENT);
    assertThat(channel.tryReceive()).isEqualTo("x");
    assertThat(channel.isClosed()).isFalse();
    channel.close();
    channel.close();
    assertThat(channel.isClosed()).isTrue();
  }
}
