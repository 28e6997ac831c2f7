package dev.reveille;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A task that was woken on the loop is polled while a foreign wake has it linked in the inbox; then
 * a second foreign wake comes. The task is not linked twice: what stands before it in the inbox is
 * not cut off, and no wake is lost.
 */
@JCStressTest
@State
@Outcome(id = "2, 2", expect = ACCEPTABLE, desc = "Both wakes and both callbacks arrived.")
@Outcome(id = "2, .*", expect = FORBIDDEN, desc = "A callback was cut off: linked twice.")
@Outcome(expect = FORBIDDEN, desc = "A wake was lost.")
public class PolledWhileLinked extends Meeting {
  private final BasicDispatcher dispatcher = Rig.dispatcher();
  private Waker waker = Waker.none();
  private int event;
  private int seen;
  private int callbacks;

  public PolledWhileLinked() {
    dispatcher.spawn(
        cx -> {
          seen = event;
          waker = cx.waker("the next event");
          return Poll.pending();
        });
    dispatcher.runUntilStalled();
    Rig.onLoop(dispatcher, waker::wake); // in the run queue now, and not in the inbox
  }

  @Actor
  public void source() {
    meetAsFirst();
    dispatcher.post(() -> callbacks++);
    event = 1;
    waker.wake();
    dispatcher.post(() -> callbacks++);
    event = 2;
    waker.wake();
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
    r.r2 = callbacks;
  }
}
