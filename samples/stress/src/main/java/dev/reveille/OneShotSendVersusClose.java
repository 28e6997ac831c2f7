package dev.reveille;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.reveille.sync.OneShot;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** A value that is sent while the receiver closes: refused, or in one place. */
public final class OneShotSendVersusClose {
  private OneShotSendVersusClose() {}

  /** With a disposer. */
  @JCStressTest
  @State
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Accepted, and disposed of.")
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "Refused: it stayed with the sender.")
  @Outcome(id = "1, 0", expect = FORBIDDEN, desc = "Accepted, and lost.")
  @Outcome(expect = FORBIDDEN, desc = "Refused, and disposed of.")
  public static class Disposed extends Meeting {
    private int disposed;
    private final OneShot<String> oneShot = new OneShot<>("race", value -> disposed++);

    @Actor
    public void sender(II_Result r) {
      meetAsFirst();
      r.r1 = oneShot.sender().send("value") ? 1 : 0;
    }

    @Actor
    public void receiver(II_Result r) {
      meetAsSecond();
      oneShot.receiver().close();
      r.r2 = disposed;
    }
  }

  /** The receiver looks once more after its close; and the sender is told that it left. */
  @JCStressTest
  @State
  @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "Accepted, and received after the close.")
  @Outcome(id = "0, 0, 1", expect = ACCEPTABLE, desc = "Refused: it stayed with the sender.")
  @Outcome(expect = FORBIDDEN, desc = "Lost, or the sender sleeps.")
  public static class Received extends Meeting {
    private final BasicDispatcher dispatcher = Rig.dispatcher();
    private final OneShot<String> oneShot = new OneShot<>();
    private final JoinHandle<Complete> closed = dispatcher.spawn(oneShot.sender().closed());

    public Received() {
      dispatcher.runUntilStalled();
    }

    @Actor
    public void sender(III_Result r) {
      meetAsFirst();
      r.r1 = oneShot.sender().send("value") ? 1 : 0;
    }

    @Actor
    public void receiver() {
      meetAsSecond();
      oneShot.receiver().close();
    }

    @Arbiter
    public void settle(III_Result r) {
      try {
        r.r2 = "value".equals(oneShot.receiver().tryReceive()) ? 1 : 0;
      } catch (IllegalStateException e) {
        r.r2 = 0; // closed, and nothing was accepted
      } catch (Exception e) {
        r.r2 = -1; // nobody sent a failure
      }
      dispatcher.runUntilStalled();
      r.r3 = closed.isDone() ? 1 : 0;
    }
  }

  /** A task that waits for the value, which is sent as it begins to wait. */
  @JCStressTest
  @State
  @Outcome(id = "42, 1", expect = ACCEPTABLE, desc = "Received, with what was written before.")
  @Outcome(expect = FORBIDDEN, desc = "The task sleeps, and the value is there.")
  public static class Awaited extends Meeting {
    private final BasicDispatcher dispatcher = Rig.dispatcher();
    private final OneShot<int[]> oneShot = new OneShot<>();
    private int seen;
    private final JoinHandle<Complete> task =
        dispatcher.spawn(
            cx -> {
              Poll<int[]> poll = oneShot.receiver().pollReceive(cx);
              if (poll.isPending()) {
                return Poll.pending();
              }
              seen = poll.value()[0];
              return Poll.ready();
            });

    @Actor
    public void sender() {
      meetAsFirst();
      int[] value = new int[1];
      value[0] = 42;
      oneShot.sender().send(value);
    }

    @Actor
    public void driver() {
      meetAsSecond();
      dispatcher.runUntilStalled();
    }

    @Arbiter
    public void settle(II_Result r) {
      dispatcher.runUntilStalled();
      r.r1 = seen;
      r.r2 = task.isDone() ? 1 : 0;
    }
  }
}
