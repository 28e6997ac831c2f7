package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.DispatcherOptions;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A channel read as a stream, and a stream that is sent into a channel. */
class ChannelStreamTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final Channel<Integer> channel = Channel.bounded(2);
  private final List<Integer> taken = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  /** Counts from one, and remembers how far it came and whether it was cancelled. */
  private static final class Counting extends AbstractPollStream<Integer> {
    int given;
    boolean released;
    int failsAt = Integer.MAX_VALUE;

    Counting() {
      super("counting");
    }

    @Override
    protected Poll<@Nullable Integer> doPollNext(Context cx) throws IOException {
      if (given + 1 == failsAt) {
        throw new IOException("expected");
      }
      return element(++given);
    }

    @Override
    protected void release() {
      released = true;
    }
  }

  @Test
  void allValuesAreThereAndTheEndIsTheChannels() {
    Sender<Integer> sender = channel.newSender();
    JoinHandle<List<Integer>> all = loop.spawn(channel.newReceiver().asStream().toList());
    sender.trySend(1);
    loop.runUntilStalled();
    sender.trySend(2);
    sender.close();
    loop.runUntilStalled();

    assertThat(all.toCompletableFuture()).isCompletedWithValue(List.of(1, 2));
  }

  @Test
  void aStreamThatIsGivenUpClosesItsReceiver() {
    PollStream<Integer> stream = channel.newReceiver().asStream();
    Sender<Integer> sender = channel.newSender();
    sender.trySend(1);
    loop.spawn(stream.take(1).forEach(taken::add));
    loop.runUntilStalled();

    assertThat(taken).containsExactly(1);
    assertThat(sender.trySend(2)).isEqualTo(TrySendResult.CLOSED);
  }

  @Test
  void aClosedReceiverIsNoStream() {
    Receiver<Integer> receiver = channel.newReceiver();
    receiver.close();
    assertThatThrownBy(receiver::asStream).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void whatIsSentArrivesInOrderAndTheSenderIsClosedAtTheEnd() {
    Receiver<Integer> receiver = channel.newReceiver();
    JoinHandle<Complete> sent = loop.spawn(new Counting().take(10).sendTo(channel.newSender()));
    JoinHandle<Complete> read = loop.spawn(receiver.asStream().forEach(taken::add));
    loop.runUntilStalled();

    assertThat(taken).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    assertThat(sent.isDone()).isTrue();
    assertThat(read.isDone()).isTrue();
  }

  @Test
  void noElementIsTakenThatHasNoPlace() {
    Receiver<Integer> receiver = channel.newReceiver();
    Counting source = new Counting();
    JoinHandle<Complete> sent = loop.spawn(source.sendTo(channel.newSender()));
    loop.runUntilStalled();
    assertThat(source.given).isEqualTo(2);

    assertThat(receiver.tryReceive()).isEqualTo(1);
    loop.runUntilStalled();
    assertThat(source.given).isEqualTo(3);

    sent.cancel();
    loop.runUntilStalled();
    assertThat(source.released).isTrue();
    assertThat(receiver.tryReceive()).isEqualTo(2);
    assertThat(receiver.tryReceive()).isEqualTo(3);
    assertThat(receiver.tryReceive()).isNull();
    assertThat(receiver.isDrained()).isTrue();
  }

  @Test
  void whereTheReceiverHasLeftTheStreamIsCancelled() {
    Receiver<Integer> receiver = channel.newReceiver();
    Counting source = new Counting();
    JoinHandle<Complete> sent = loop.spawn(source.sendTo(channel.newSender()));
    var future = sent.toCompletableFuture();
    channel.onUndelivered(taken::add);
    loop.runUntilStalled();
    receiver.close();
    loop.runUntilStalled();

    assertThat(future).isCompletedExceptionally();
    assertThat(source.released).isTrue();
    assertThat(taken).containsExactly(1, 2);
  }

  @Test
  void aFailureOfTheStreamClosesTheSender() {
    Receiver<Integer> receiver = channel.newReceiver();
    Counting source = new Counting();
    source.failsAt = 2;
    JoinHandle<Complete> sent = loop.spawn(source.sendTo(channel.newSender()));
    var future = sent.toCompletableFuture();
    loop.runUntilStalled();

    assertThat(future).isCompletedExceptionally();
    assertThat(receiver.tryReceive()).isEqualTo(1);
    assertThat(receiver.tryReceive()).isNull();
    assertThat(receiver.isDrained()).isTrue();
  }

  @Test
  void anEndlessStreamThatIsSentDoesNotStarveItsNeighbours() {
    RunnableDispatcher small =
        rig.dispatcher((DispatcherOptions o) -> o.withBudget(8).withName("small"));
    Channel<Integer> wide = Channel.unbounded();
    Receiver<Integer> receiver = wide.newReceiver();
    Counting source = new Counting();
    JoinHandle<Complete> sent = small.spawn(source.sendTo(wide.newSender()));
    small.post(() -> taken.add(source.given));
    small.post(sent::cancel);
    small.runUntilStalled();

    assertThat(taken).singleElement().satisfies(n -> assertThat(n).isLessThan(20));
    receiver.close();
  }
}
