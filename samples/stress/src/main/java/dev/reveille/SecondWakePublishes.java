package dev.reveille;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * A second foreign wake of a task that is queued already publishes what its thread wrote before it.
 *
 * <p>This is tokio #7589: there the second waker found the task notified, changed nothing, and so
 * ordered nothing; the poll that was due anyway did not see its writes, and nobody polled again.
 * Here the waker does its read-modify-write all the same, and the drain clears the word with
 * another, which reads it.
 *
 * <p>On x86 a failing compareAndSet is a full fence like any other, so a waker that only does that
 * can not be told from ours here; what can be seen is one that looks before it swaps.
 */
@JCStressTest
@State
@Outcome(id = "1", expect = ACCEPTABLE, desc = "The write before the second wake was seen.")
@Outcome(id = "0", expect = FORBIDDEN, desc = "The second wake was merged and its write was lost.")
public class SecondWakePublishes extends Meeting {
  private final BasicDispatcher dispatcher = Rig.dispatcher();
  private Waker waker = Waker.none();
  private int event;
  private int seen;

  public SecondWakePublishes() {
    dispatcher.spawn(
        cx -> {
          seen = event;
          waker = cx.waker("the next event");
          return Poll.pending();
        });
    dispatcher.runUntilStalled();
    waker.wake(); // the first: from here on the task is linked in the inbox
  }

  @Actor
  public void secondSource() {
    meetAsFirst();
    event = 1;
    waker.wake();
  }

  @Actor
  public void driver() {
    meetAsSecond();
    seen = 0; // takes the cache line of event away, so that its store waits in the source's buffer
    dispatcher.runUntilStalled();
  }

  @Arbiter
  public void settle(I_Result r) {
    dispatcher.runUntilStalled();
    r.r1 = seen;
  }
}
