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
 * A task ends and is posted again while late wakes link its old posting. They neither poll nor end
 * the new stay, which is polled once for its post and once for its own wake; and they throw
 * nothing.
 */
@JCStressTest
@State
@Outcome(id = "1, 2, 0", expect = ACCEPTABLE, desc = "The old wakes left the new posting alone.")
@Outcome(expect = FORBIDDEN, desc = "An old wake polled or ended the new posting, or threw.")
public class RepostWhileLinked extends Meeting {
  private final BasicDispatcher dispatcher = Rig.dispatcher();
  private final Visitor visitor = new Visitor();
  private final Waker old;
  private boolean thrown;

  public RepostWhileLinked() {
    dispatcher.post(visitor);
    dispatcher.runUntilStalled();
    old = visitor.waker;
    old.wake(); // linked when the race begins; it leads to the end of the first stay
  }

  /** Ends its first stay in its second poll; stays for ever after that. */
  private static final class Visitor extends Task {
    Waker waker = Waker.none();
    int stays;
    int pollsOfThisStay;
    int ends;

    @Override
    protected void init() {
      stays++;
      pollsOfThisStay = 0;
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      waker = cx.waker("the next visit");
      return ++pollsOfThisStay == 2 && stays == 1 ? Poll.ready() : Poll.pending();
    }

    @Override
    protected void cleanup() {
      ends++;
    }
  }

  @Actor
  public void lateSource() {
    meetAsFirst();
    try {
      old.wake();
      old.wake();
    } catch (RuntimeException e) {
      thrown = true; // Waker.wake() promises that it never throws
    }
  }

  @Actor
  public void driver() {
    meetAsSecond();
    dispatcher.runUntilStalled();
    dispatcher.post(visitor);
    dispatcher.runUntilStalled();
  }

  @Arbiter
  public void settle(III_Result r) {
    dispatcher.runUntilStalled();
    visitor.waker.wake();
    dispatcher.runUntilStalled();
    r.r1 = visitor.ends;
    r.r2 = visitor.pollsOfThisStay;
    r.r3 = thrown ? 1 : 0;
  }
}
