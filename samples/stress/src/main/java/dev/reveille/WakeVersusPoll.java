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
 * No wake is lost: two events, each followed by a wake, against a loop that takes the first wake
 * and polls. Whatever the interleaving, some poll sees the second event.
 *
 * <p>The field is plain, because the contract of {@link Waker#wake} is all that is needed.
 */
@JCStressTest
@State
@Outcome(id = "2", expect = ACCEPTABLE, desc = "The last event was seen.")
@Outcome(id = "0", expect = FORBIDDEN, desc = "Both wakes were lost.")
@Outcome(id = "1", expect = FORBIDDEN, desc = "The second wake was lost.")
public class WakeVersusPoll extends Meeting {
  private final BasicDispatcher dispatcher = Rig.dispatcher();
  private Waker waker = Waker.none();
  private int event;
  private int seen;

  public WakeVersusPoll() {
    dispatcher.spawn(
        cx -> {
          seen = event;
          waker = cx.waker("the next event");
          return Poll.pending();
        });
    dispatcher.runUntilStalled();
  }

  @Actor
  public void source() {
    meetAsFirst();
    event = 1;
    waker.wake();
    event = 2;
    waker.wake();
  }

  @Actor
  public void driver() {
    meetAsSecond();
    dispatcher.runUntilStalled();
    dispatcher.runUntilStalled();
  }

  @Arbiter
  public void settle(I_Result r) {
    dispatcher.runUntilStalled();
    r.r1 = seen;
  }
}
