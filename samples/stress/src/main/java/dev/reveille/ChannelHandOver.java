package dev.reveille;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.reveille.sync.Channel;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** Values that go from hand to hand, with the lock of the channel and without. */
public final class ChannelHandOver {
  private ChannelHandOver() {}

  /** What is sent: with a plain field, which the channel has to publish. */
  private static final class Letter {
    int content;

    Letter(int content) {
      this.content = content;
    }
  }

  /** An operation looks without the lock whether it was handed its value. */
  @JCStressTest
  @State
  @Outcome(id = "0", expect = ACCEPTABLE, desc = "The poll came first.")
  @Outcome(id = "42", expect = ACCEPTABLE, desc = "The value, as it was sent.")
  @Outcome(expect = FORBIDDEN, desc = "Something else than the value.")
  public static class ToAnOperation extends Meeting {
    private final Channel<Letter> channel = Channel.bounded(1);
    private final Pollable<@Nullable Letter> receive = channel.receive();
    private final BasicDispatcher dispatcher = Rig.dispatcher();
    private final Waker[] waker = new Waker[1];
    private int seen;

    public ToAnOperation() {
      dispatcher.spawn(
          cx -> {
            waker[0] = cx.waker("the test");
            try {
              Poll<@Nullable Letter> poll = receive.poll(cx);
              if (poll.isPending()) {
                return Poll.pending();
              }
              Letter letter = poll.value();
              seen = letter == null ? -1 : letter.content;
            } catch (RuntimeException e) {
              seen = -2;
            }
            return Poll.ready();
          });
      dispatcher.runUntilStalled();
      waker[0].wake();
    }

    @Actor
    public void receiver(I_Result r) {
      meetAsFirst();
      dispatcher.runUntilStalled();
      r.r1 = seen;
    }

    @Actor
    public void sender() {
      meetAsSecond();
      channel.trySend(new Letter(42));
    }
  }

  /** Each of two senders has the channel for itself while it puts its value in. */
  @JCStressTest
  @State
  @Outcome(id = "2, 42", expect = ACCEPTABLE, desc = "Both values are there.")
  @Outcome(expect = FORBIDDEN, desc = "A value was lost, or is there twice.")
  public static class OfTwoSenders extends Meeting {
    private final Channel<Letter> channel = Channel.unbounded();

    @Actor
    public void one() {
      meetAsFirst();
      channel.trySend(new Letter(2));
    }

    @Actor
    public void other() {
      meetAsSecond();
      channel.trySend(new Letter(40));
    }

    @Arbiter
    public void count(II_Result r) {
      r.r1 = channel.size();
      Letter letter = channel.tryReceive();
      for (int left = 3; letter != null && left > 0; left--) {
        r.r2 += letter.content;
        letter = channel.tryReceive();
      }
    }
  }
}
