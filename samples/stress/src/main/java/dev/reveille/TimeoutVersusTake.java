package dev.reveille;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * The time of a {@code blockingAwait} is over just when a poll takes a value: it is returned, or it
 * was not taken.
 */
@JCStressTest
@State
@Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "Given up, and nothing taken.")
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Taken and returned.")
@Outcome(id = "0, 1", expect = FORBIDDEN, desc = "Taken and lost.")
public class TimeoutVersusTake extends Meeting {
  private final BasicDispatcher dispatcher = Rig.dispatcher();
  private int taken;
  private int returned;

  /** The one who waits. */
  @Actor
  public void waiter() {
    meetAsFirst();
    try {
      returned =
          dispatcher.blockingAwait(
              cx -> {
                taken++;
                return Poll.ready(1);
              },
              Duration.ZERO);
    } catch (TimeoutException e) {
      returned = 0;
    } catch (Exception e) {
      returned = -1;
    }
  }

  /** The loop, for as long as the waiter needs to get there. */
  @Actor
  public void driver() {
    meetAsSecond();
    for (int i = 0; i < 20; i++) {
      dispatcher.runUntilStalled();
    }
  }

  /** What it came to. */
  @Arbiter
  public void settle(II_Result r) {
    dispatcher.runUntilStalled();
    r.r1 = returned;
    r.r2 = taken;
  }
}
