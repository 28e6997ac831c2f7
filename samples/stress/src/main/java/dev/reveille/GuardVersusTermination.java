package dev.reveille;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * A thread posts and then closes its guard, against a run that ends without work: the run does not
 * end before it has run the callback.
 */
@JCStressTest
@State
@Outcome(id = "1", expect = ACCEPTABLE, desc = "The callback ran before the run ended.")
@Outcome(id = "-1", expect = ACCEPTABLE, desc = "The guard was not closed in time.")
@Outcome(id = "0", expect = FORBIDDEN, desc = "The run ended; the callback is still in the inbox.")
public class GuardVersusTermination extends Meeting {
  private final Restless dispatcher = new Restless();
  private final WorkGuard guard = dispatcher.workGuard();
  private int callbacks;

  /** Never sleeps, and stops by itself after a while, so that no actor waits for the other. */
  private static final class Restless extends RunnableDispatcher {
    private int patience = 200;

    Restless() {
      super(Rig.OPTIONS);
    }

    @Override
    protected void park(long nanos) {
      if (--patience == 0) {
        stop();
      }
    }

    @Override
    protected void wakeLoop() {}
  }

  @Actor
  public void worker() {
    meetAsFirst();
    dispatcher.post(() -> callbacks++);
    guard.close();
  }

  @Actor
  public void driver(I_Result r) {
    meetAsSecond();
    r.r1 = dispatcher.runToCompletion() == RunOutcome.IDLE ? callbacks : -1;
  }
}
