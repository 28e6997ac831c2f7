package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Poll;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each step that succeeds costs one of the budget, and a refused one keeps what it was granted. */
final class ChannelBudgetTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher(options -> options.withBudget(2));
  private final List<Integer> undelivered = new ArrayList<>();
  private final Channel<Integer> channel =
      Channel.<Integer>bounded(8).onUndelivered(undelivered::add);
  private final Sender<Integer> sender = channel.newSender();
  private final Receiver<Integer> receiver = channel.newReceiver();
  private final Actor a = new Actor(loop, "a");

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  /** Of how many polls in one turn were ready. */
  private int readyOf(Actor actor, int polls, Actor.Step<Boolean> poll) {
    return actor.does(
        cx -> {
          int ready = 0;
          for (int i = 0; i < polls; i++) {
            ready += poll.in(cx) ? 1 : 0;
          }
          return ready;
        });
  }

  @Test
  void aReceiverIsRefusedTheThirdValueAndFindsItInItsNextTurn() {
    channel.trySend(1);
    channel.trySend(2);
    channel.trySend(3);
    channel.trySend(4);

    assertThat(readyOf(a, 2, cx -> receiver.pollReceive(cx).isReady())).isEqualTo(2);
    assertThat(readyOf(a, 3, cx -> receiver.pollReceive(cx).isReady())).isEqualTo(2);
  }

  @Test
  void aRefusedReceiveKeepsItsValueAndItsPlace() {
    channel.trySend(1);
    channel.trySend(2);
    channel.trySend(3);
    channel.trySend(4);
    assertThat(readyOf(a, 3, cx -> receiver.pollReceive(cx).isReady())).isEqualTo(2);
    assertThat(a.takeWakes()).isEqualTo(1); // by itself

    assertThat(channel.size()).isEqualTo(1);
    assertThat(a.does(cx -> receiver.pollReceive(cx)).value()).isEqualTo(3);
    assertThat(a.does(cx -> receiver.pollReceive(cx)).value()).isEqualTo(4);
  }

  @Test
  void aRefusedReceiveThatIsGivenUpPutsItsValueBackToTheFront() {
    channel.trySend(1);
    channel.trySend(2);
    channel.trySend(3);
    channel.trySend(4);
    readyOf(a, 3, cx -> receiver.pollReceive(cx).isReady());

    receiver.cancelReceive();

    assertThat(channel.tryReceive()).isEqualTo(3);
    assertThat(channel.tryReceive()).isEqualTo(4);
  }

  @Test
  void ofAReceiverThatIsClosedWhileItIsRefusedTheValueIsNotLost() {
    channel.trySend(1);
    channel.trySend(2);
    channel.trySend(3);
    readyOf(a, 3, cx -> receiver.pollReceive(cx).isReady());
    receiver.close();
    assertThat(undelivered).containsExactly(3);
  }

  /** By another thread, say; here by a waker, which is called between the step and the budget. */
  @Test
  void aReceiverThatIsClosedBetweenAStepAndItsRefusalLosesNothing() {
    Channel<Integer> small = Channel.<Integer>bounded(1).onUndelivered(undelivered::add);
    Sender<Integer> from = small.newSender();
    Receiver<Integer> to = small.newReceiver();
    small.trySend(1);
    Actor b = new Actor(loop, "b");
    b.does(cx -> from.pollSend(cx.withWaker(to::close), 2));

    boolean ready =
        a.does(
            cx -> {
              while (cx.tryProceed()) {
                Thread.onSpinWait();
              }
              return to.pollReceive(cx).isReady();
            });

    assertThat(ready).isFalse();
    assertThat(small.isClosed()).isTrue();
    assertThat(undelivered).containsExactlyInAnyOrder(1, 2);
  }

  @Test
  void aRefusedSendWasSentOnceAndIsToldSoLater() {
    int[] next = {1};
    assertThat(
            readyOf(
                a,
                3,
                cx -> {
                  boolean ready = sender.pollSend(cx, next[0]).isReady();
                  next[0] += ready ? 1 : 0;
                  return ready;
                }))
        .isEqualTo(2);
    assertThat(next[0]).isEqualTo(3);
    assertThat(channel.size()).isEqualTo(3);

    assertThat(a.does(cx -> sender.pollSend(cx, 3)).isReady()).isTrue();
    assertThat(channel.size()).isEqualTo(3);
  }

  @Test
  void aRefusedReserveKeepsItsPlace() {
    List<SendPermit<Integer>> permits = new ArrayList<>();
    readyOf(
        a,
        3,
        cx -> {
          var poll = sender.pollReserve(cx);
          if (poll.isReady()) {
            permits.add(poll.value());
          }
          return poll.isReady();
        });
    assertThat(permits).hasSize(2);
    assertThat(channel.remainingCapacity()).isEqualTo(5);
    sender.cancelReserve();
    assertThat(channel.remainingCapacity()).isEqualTo(6);
  }

  @Test
  void theEndCostsBudgetToo() {
    channel.close();
    assertThat(readyOf(a, 5, cx -> receiver.pollReceive(cx).isReady())).isEqualTo(2);
    assertThat(a.does(cx -> receiver.pollReceive(cx)).isReady()).isTrue();
  }

  /** Two tasks that always find work do not starve a third. */
  @Test
  void aPairThatNeverWaitsLetsOthersRun() {
    int[] runs = {0};
    loop.spawn(
        "sends",
        cx -> {
          while (sender.pollSend(cx, 1).isReady()) {
            Thread.onSpinWait();
          }
          return Poll.pending();
        });
    loop.spawn(
        "receives",
        cx -> {
          while (receiver.pollReceive(cx).isReady()) {
            Thread.onSpinWait();
          }
          return Poll.pending();
        });
    loop.spawn(
        "neighbour",
        cx -> {
          runs[0]++;
          cx.waker("itself").wake();
          return Poll.pending();
        });

    loop.runUntilStalled(300);

    assertThat(runs[0]).isBetween(90, 110);
  }
}
