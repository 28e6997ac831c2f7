package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.TaskSnapshot;
import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is wrong is refused at the call, by name. */
final class ChannelMisuseTest extends OnOneLoop {
  private final Channel<Integer> channel = Channel.bounded(1, "numbers");
  private final Sender<Integer> sender = channel.newSender();
  private final Receiver<Integer> receiver = channel.newReceiver();
  private final Actor a = actor("a");
  private final Actor b = actor("b");

  @Test
  @SuppressWarnings("NullAway") // on purpose
  void nullIsNoValueAndNoName() {
    assertThatThrownBy(() -> channel.trySend(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> channel.send(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> sender.trySend(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> sender.send(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> sender.blockingSend(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> sender.blockingSend(1, null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> receiver.blockingReceive(null))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> a.does(cx -> sender.pollSend(cx, null)))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> Channel.unbounded(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> channel.onUndelivered(null)).isInstanceOf(NullPointerException.class);
    SendPermit<Integer> permit = a.does(cx -> sender.pollReserve(cx)).value();
    assertThatThrownBy(() -> permit.send(null)).isInstanceOf(NullPointerException.class);
    permit.send(1); // still good
  }

  @Test
  void aBoundedChannelHasAtLeastOnePlace() {
    assertThatThrownBy(() -> Channel.bounded(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("rendezvous()");
    assertThatThrownBy(() -> Channel.bounded(-1, "x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1");
  }

  @Test
  void aClosedEndIsOfNoUse() {
    channel.newSender();
    channel.newReceiver();
    sender.close();
    receiver.close();
    assertUseless("sender", () -> sender.trySend(1));
    assertUseless("sender", () -> sender.send(1));
    assertUseless("sender", sender::reserve);
    assertUseless("sender", () -> blockingSend(sender));
    assertUseless("sender", () -> a.does(cx -> sender.pollSend(cx, 1)));
    assertUseless("sender", () -> a.does(cx -> sender.pollReserve(cx)));
    assertUseless("receiver", receiver::tryReceive);
    assertUseless("receiver", receiver::receive);
    assertUseless("receiver", () -> blockingReceive(receiver));
    assertUseless("receiver", () -> a.does(cx -> receiver.pollReceive(cx)));
    assertThat(channel.size()).isZero();
  }

  private static void assertUseless(String end, Runnable use) {
    assertThatThrownBy(use::run)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("this " + end + " of channel 'numbers' is closed");
  }

  private static void blockingSend(Sender<Integer> sender) {
    try {
      sender.blockingSend(1, Duration.ZERO);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static @Nullable Integer blockingReceive(Receiver<Integer> receiver) {
    try {
      return receiver.blockingReceive(Duration.ZERO);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void anotherValueWhileOneIsPendingIsRefused() {
    channel.trySend(0);
    a.does(cx -> sender.pollSend(cx, 1));

    assertThatThrownBy(() -> a.does(cx -> sender.pollSend(cx, 2)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("a pollSend() of another value is pending")
        .hasMessageContaining("cancelSend()");
    channel.tryReceive(); // 1 went, but nobody was told
    assertThatThrownBy(() -> a.does(cx -> sender.pollSend(cx, 2)))
        .isInstanceOf(IllegalStateException.class);

    assertThat(a.does(cx -> sender.pollSend(cx, 1)).isReady()).isTrue();
    assertThat(channel.tryReceive()).isEqualTo(1);
  }

  @Test
  void aNumberThatIsBoxedAnewIsTheSameValue() {
    channel.trySend(0);
    for (int i = 0; i < 3; i++) {
      int number = 1_000_000;
      assertThat(a.does(cx -> sender.pollSend(cx, number)).isPending()).isTrue();
    }
    channel.tryReceive();
    int number = 1_000_000;
    assertThat(a.does(cx -> sender.pollSend(cx, number)).isReady()).isTrue();
  }

  @Test
  void aSendAndAReserveOfOneEndAreNotPendingTogether() {
    channel.trySend(0);
    a.does(cx -> sender.pollSend(cx, 1));
    assertThatThrownBy(() -> a.does(cx -> sender.pollReserve(cx)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("a pollSend() is pending at this sender of channel 'numbers'");
    assertThat(sender.cancelSend()).isEqualTo(1);
    a.does(cx -> sender.pollReserve(cx));
    assertThatThrownBy(() -> a.does(cx -> sender.pollSend(cx, 1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("cancelReserve()");
  }

  @Test
  void anotherWayToReceiveWhileAPollReceiveIsPendingIsRefused() {
    a.does(cx -> receiver.pollReceive(cx));
    var receive = receiver.receive();
    assertThatThrownBy(() -> a.does(receive::poll))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("receive() while a pollReceive() is pending");
    assertThatThrownBy(() -> receiver.blockingReceive(Duration.ZERO))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("cancelReceive()");

    channel.trySend(1);
    var again = receiver.receive();
    assertThatThrownBy(() -> a.does(again::poll)).isInstanceOf(IllegalStateException.class);
    assertThat(receiver.tryReceive()).isEqualTo(1); // what it was handed
    assertThat(receiver.tryReceive()).isNull();
  }

  /** Else the first would sleep for ever; and two that take turns would never sleep. */
  @Test
  void twoTasksThatWaitInTurnsWithOneEndAreToldSo() {
    a.does(cx -> receiver.pollReceive(cx));
    b.does(cx -> receiver.pollReceive(cx));
    assertThat(a.takeWakes()).isEqualTo(1);

    assertThatThrownBy(() -> a.does(cx -> receiver.pollReceive(cx)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("two tasks")
        .hasMessageContaining("a value from channel 'numbers'");

    channel.trySend(1);
    assertThat(b.takeWakes()).isEqualTo(1);
    assertThat(b.does(cx -> receiver.pollReceive(cx)).value()).isEqualTo(1);
    a.does(cx -> receiver.pollReceive(cx)); // after a value, the end may change hands
    channel.trySend(2);
    assertThat(a.does(cx -> receiver.pollReceive(cx)).value()).isEqualTo(2);
  }

  @Test
  void aBlockingCallOnALoopIsRefusedAlsoIfItNeedNotWait() {
    channel.trySend(1);
    assertThatThrownBy(() -> b.does(cx -> receiver.blockingReceive()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("a blocking call on the loop of dispatcher 'loop'");
    assertThatThrownBy(() -> b.does(cx -> sender.blockingSend(2, Duration.ZERO)))
        .isInstanceOf(IllegalStateException.class);
    assertThat(channel.size()).isEqualTo(1);
  }

  @Test
  void aStaleContextIsRefusedAndCostsNothing() {
    List<Context> kept = new ArrayList<>();
    a.does(kept::add);
    Context stale = kept.get(0);

    assertThatThrownBy(() -> receiver.pollReceive(stale))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("outside its poll");
    assertThat(channel.waitingReceivers()).isZero();
    channel.trySend(1);
    assertThatThrownBy(() -> receiver.pollReceive(stale)).isInstanceOf(IllegalStateException.class);
    assertThat(receiver.tryReceive()).isEqualTo(1);
  }

  /** The message names the task, which may be by its own text, which may ask the channel. */
  @Test
  void aStaleContextOfATaskWhoseTextAsksTheChannelIsRefusedToo() throws Exception {
    List<Context> kept = new ArrayList<>();
    loop.spawn(
        new Pollable<String>() {
          @Override
          public Poll<String> poll(Context cx) {
            kept.add(cx);
            return cx.park();
          }

          @Override
          public String toString() {
            return "reads " + channel;
          }
        });
    loop.runUntilStalled();
    Context stale = kept.get(0);
    Pollable<@Nullable Integer> receive = channel.receive();

    assertRefused(() -> receiver.pollReceive(stale));
    assertRefused(() -> receive.poll(stale));
    assertRefused(() -> sender.pollReserve(stale));
    assertRefused(() -> sender.pollSend(stale, 1));
    assertThat(channel.size()).isZero();
    channel.trySend(0);
    assertRefused(() -> sender.pollSend(stale, 1));
    assertRefused(() -> sender.send(1).poll(stale));
    assertThat(channel.waitingSenders() + channel.waitingReceivers()).isZero();
  }

  /** On a thread of its own: it must come back at all. */
  private void assertRefused(Callable<?> poll) throws Exception {
    String refusal =
        Rig.await(
            rig.start(
                "polls",
                () -> {
                  try {
                    poll.call();
                    return "not refused";
                  } catch (IllegalStateException e) {
                    return String.valueOf(e.getMessage());
                  }
                }));
    assertThat(refusal).contains("outside its poll").contains("reads Channel[");
  }

  /** It may overflow anywhere, also between a lock and its unlock. */
  @Test
  void aStackThatOverflowsInTheChannelDoesNotLeaveItLocked() throws Exception {
    for (int i = 0; i < 24; i++) {
      Channel<Integer> full = Channel.bounded(4);
      int entries = i;
      Rig.await(rig.start("overflows", () -> overflow(full, entries)));
      assertThat(Rig.await(rig.start("looks", full::size))).isBetween(0, 4);
    }
  }

  private static String overflow(Channel<Integer> channel, int entries) {
    try {
      return entries > 0 ? overflow(channel, entries - 1) : trySendFor(channel, 0);
    } catch (StackOverflowError e) {
      return "overflown";
    }
  }

  @SuppressWarnings("InfiniteRecursion") // on purpose
  private static String trySendFor(Channel<Integer> channel, int value) {
    channel.trySend(value);
    return trySendFor(channel, value) + value;
  }

  @Test
  void aDumpTellsWhatATaskWaitsFor() {
    a.does(cx -> receiver.pollReceive(cx));
    assertThat(reasonOf("a")).isEqualTo("a value from channel 'numbers'");
    channel.trySend(0);
    channel.trySend(0);
    b.does(cx -> sender.pollSend(cx, 1));
    assertThat(reasonOf("b")).isEqualTo("a place in channel 'numbers'");
  }

  private @Nullable String reasonOf(String task) {
    return loop.snapshot().tasks().stream()
        .filter(t -> t.name().equals(task))
        .map(TaskSnapshot::waitReason)
        .findFirst()
        .orElseThrow();
  }
}
