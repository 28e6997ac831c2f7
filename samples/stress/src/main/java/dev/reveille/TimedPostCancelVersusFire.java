package dev.reveille;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A callback timer is cancelled by a foreign thread while the loop takes it from the inbox, arms it
 * and fires it. Either the cancel wins and says so, and the callback does not run; or it lost, and
 * the callback runs once. No timer is left behind in the loop's count of its work, either way.
 */
@JCStressTest
@State
@Outcome(id = "1, 0, 0", expect = ACCEPTABLE, desc = "Cancelled, and not run.")
@Outcome(id = "0, 1, 0", expect = ACCEPTABLE, desc = "Run; the cancel came too late.")
@Outcome(expect = FORBIDDEN, desc = "Both, or neither; or the loop still counts it as work.")
public class TimedPostCancelVersusFire extends Meeting {
  private final BasicDispatcher dispatcher = Rig.dispatcher();
  private int runs;

  /** The first timer of a loop makes the wheel's table, which takes longer than all the race. */
  private final Timer first = new Timer(dispatcher);

  {
    first.resetAt(Long.MAX_VALUE);
    first.cancel();
  }

  private final TimedPost timed = dispatcher.postAt(0, () -> runs++);

  @Actor
  public void canceller(III_Result r) {
    meetAsFirst();
    r.r1 = timed.cancel() ? 1 : 0;
  }

  @Actor
  public void driver() {
    meetAsSecond();
    dispatcher.runUntilStalled();
  }

  @Arbiter
  public void settle(III_Result r) {
    RunOutcome outcome = dispatcher.runUntilStalled();
    r.r2 = runs;
    r.r3 = outcome == RunOutcome.IDLE ? 0 : 1;
  }
}
