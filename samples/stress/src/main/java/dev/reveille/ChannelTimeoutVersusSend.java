package dev.reveille;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.reveille.sync.Channel;
import dev.reveille.sync.Receiver;
import dev.reveille.sync.Sender;
import dev.reveille.sync.TrySendResult;
import java.time.Duration;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * The time of a blocked thread is over just when it is granted what it waits for. The times are so
 * short that a thread hardly parks: an actor must not block.
 */
public final class ChannelTimeoutVersusSend {
  private static final Duration A_MOMENT = Duration.ofNanos(300);

  private ChannelTimeoutVersusSend() {}

  private static int receive(Receiver<Integer> receiver) {
    try {
      Integer value = receiver.blockingReceive(A_MOMENT);
      return value == null ? 0 : value;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** A value that was sent is received by the thread, or can be after it. */
  @JCStressTest
  @State
  @Outcome(id = "1, 42, 0", expect = ACCEPTABLE, desc = "The thread got it.")
  @Outcome(id = "1, 0, 42", expect = ACCEPTABLE, desc = "Too late for the thread; it is there.")
  @Outcome(expect = FORBIDDEN, desc = "The value was lost, or is there twice.")
  public static class Bounded extends Meeting {
    private final Channel<Integer> channel = Channel.bounded(1);
    private final Receiver<Integer> receiver = channel.newReceiver();

    @Actor
    public void receives(III_Result r) {
      meetAsFirst();
      r.r2 = receive(receiver);
    }

    @Actor
    public void sends(III_Result r) {
      meetAsSecond();
      r.r1 = channel.trySend(42) == TrySendResult.SENT ? 1 : 0;
    }

    @Arbiter
    public void settle(III_Result r) {
      Integer left = channel.tryReceive();
      r.r3 = left == null ? 0 : left;
    }
  }

  /** Both threads have little time: both say that they met, or neither does. */
  @JCStressTest
  @State
  @Outcome(id = "1, 42, 0", expect = ACCEPTABLE, desc = "They met.")
  @Outcome(id = "0, 0, 0", expect = ACCEPTABLE, desc = "They missed each other.")
  @Outcome(expect = FORBIDDEN, desc = "One says that they met, and the other does not.")
  public static class Rendezvous extends Meeting {
    private final Channel<Integer> channel = Channel.rendezvous();
    private final Sender<Integer> sender = channel.newSender();
    private final Receiver<Integer> receiver = channel.newReceiver();

    @Actor
    public void receives(III_Result r) {
      meetAsFirst();
      r.r2 = receive(receiver);
    }

    @Actor
    public void sends(III_Result r) {
      meetAsSecond();
      try {
        r.r1 = sender.blockingSend(42, A_MOMENT) ? 1 : 0;
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    @Arbiter
    public void settle(III_Result r) {
      r.r3 = channel.size() + channel.waitingSenders() + channel.waitingReceivers();
    }
  }
}
