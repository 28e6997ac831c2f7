package dev.reveille;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.reveille.sync.Channel;
import dev.reveille.sync.Receiver;
import dev.reveille.sync.Send;
import dev.reveille.sync.Sender;
import dev.reveille.sync.TrySendResult;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** One who waits at a channel gives up just when it is granted what it waits for. */
public final class ChannelCancelVersusGrant {
  private ChannelCancelVersusGrant() {}

  /** The first of two receivers: the value reaches the second, which is woken for it. */
  @JCStressTest
  @State
  @Outcome(id = "42, 0", expect = ACCEPTABLE, desc = "The second receiver has the value.")
  @Outcome(id = "0, 1", expect = FORBIDDEN, desc = "The value is there, but nobody was woken.")
  @Outcome(expect = FORBIDDEN, desc = "The value was lost, or is there twice.")
  public static class Receive extends Meeting {
    private final Channel<Integer> channel = Channel.bounded(1);
    private final Receiver<Integer> first = channel.newReceiver();
    private final Receiver<Integer> second = channel.newReceiver();
    private final BasicDispatcher dispatcher = Rig.dispatcher();
    private final BasicDispatcher elsewhere = Rig.dispatcher();
    private int result;

    public Receive() {
      dispatcher.spawn(cx -> first.pollReceive(cx).isReady() ? Poll.ready() : Poll.pending());
      dispatcher.runUntilStalled();
      elsewhere.spawn(
          cx -> {
            Poll<@Nullable Integer> poll = second.pollReceive(cx);
            if (poll.isPending()) {
              return Poll.pending();
            }
            Integer value = poll.value();
            if (value != null) {
              result = value;
            }
            return Poll.ready();
          });
      elsewhere.runUntilStalled();
    }

    @Actor
    public void canceller() {
      meetAsFirst();
      first.cancelReceive();
    }

    @Actor
    public void sender() {
      meetAsSecond();
      channel.trySend(42);
    }

    @Arbiter
    public void settle(II_Result r) {
      elsewhere.runUntilStalled(); // runs the receiver only if it was woken
      r.r1 = result;
      r.r2 = channel.size();
    }
  }

  /** The only receiver of a rendezvous: what was sent is in the buffer after it. */
  @JCStressTest
  @State
  @Outcome(id = "1, 42", expect = ACCEPTABLE, desc = "Sent, and back in the buffer.")
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "Nobody waited any more: not sent.")
  @Outcome(expect = FORBIDDEN, desc = "The value was lost.")
  public static class Alone extends Meeting {
    private final Channel<Integer> channel = Channel.rendezvous();
    private final Receiver<Integer> receiver = channel.newReceiver();
    private final BasicDispatcher dispatcher = Rig.dispatcher();
    private boolean sent;

    public Alone() {
      dispatcher.spawn(cx -> receiver.pollReceive(cx).isReady() ? Poll.ready() : Poll.pending());
      dispatcher.runUntilStalled();
    }

    @Actor
    public void canceller() {
      meetAsFirst();
      receiver.cancelReceive();
    }

    @Actor
    public void sender() {
      meetAsSecond();
      sent = channel.trySend(42) == TrySendResult.SENT;
    }

    @Arbiter
    public void settle(II_Result r) {
      Integer value = channel.tryReceive();
      r.r1 = sent ? 1 : 0;
      r.r2 = value == null ? 0 : value;
    }
  }

  /** A send: its value went and it says so, or it did not and nobody gets it. */
  @JCStressTest
  @State
  @Outcome(id = "1, 1, 42", expect = ACCEPTABLE, desc = "It went before the cancel.")
  @Outcome(id = "1, 0, 0", expect = ACCEPTABLE, desc = "It was taken back.")
  @Outcome(expect = FORBIDDEN, desc = "The send and the channel do not agree.")
  public static class Sending extends Meeting {
    private final Channel<Integer> channel = Channel.bounded(1);
    private final Sender<Integer> end = channel.newSender();
    private final Send<Integer> send = end.send(42);
    private final BasicDispatcher dispatcher = Rig.dispatcher();
    private int first;

    public Sending() {
      channel.trySend(1);
      dispatcher.spawn(cx -> send.poll(cx));
      dispatcher.runUntilStalled();
    }

    @Actor
    public void canceller(III_Result r) {
      meetAsFirst();
      send.cancel();
      r.r2 = send.isSent() ? 1 : 0;
    }

    @Actor
    public void receiver() {
      meetAsSecond();
      Integer value = channel.tryReceive();
      first = value == null ? 0 : value;
    }

    @Arbiter
    public void settle(III_Result r) {
      Integer second = channel.tryReceive();
      r.r1 = first;
      r.r3 = second == null ? 0 : second;
    }
  }
}
