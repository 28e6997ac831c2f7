package dev.reveille;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** A tree of stop sources that grows, and loses nodes, while it is stopped: nobody is missed. */
public final class StopVersusChild {
  private StopVersusChild() {}

  private static int stopped(StopSource source) {
    return source.isStopped() ? 1 : 0;
  }

  /** A child is hung on a source while the source above that is stopped. */
  @JCStressTest
  @State
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "The child is stopped.")
  @Outcome(id = "0", expect = FORBIDDEN, desc = "The child was missed.")
  public static class Adopt extends Meeting {
    private final StopSource root = new StopSource();
    private final StopSource middle = StopSource.childOf(root.token());
    private StopSource child = root;

    @Actor
    public void stopper() {
      meetAsFirst();
      root.stop();
    }

    @Actor
    public void parent() {
      meetAsSecond();
      child = StopSource.childOf(middle.token());
    }

    @Arbiter
    public void settle(I_Result r) {
      r.r1 = stopped(child);
    }
  }

  /** A child is hung on the source of a task just when the task ends: the root still reaches it. */
  @JCStressTest
  @State
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "The root reaches the child.")
  @Outcome(id = "0", expect = FORBIDDEN, desc = "The child hangs on nothing.")
  public static class Retire extends Meeting {
    private final StopSource root = new StopSource();
    private final StopSource task = StopSource.childOf(root.token());
    private StopSource child = root;

    @Actor
    public void end() {
      meetAsFirst();
      task.retire();
    }

    @Actor
    public void parent() {
      meetAsSecond();
      child = StopSource.childOf(task.token());
    }

    @Arbiter
    public void settle(I_Result r) {
      root.stop();
      r.r1 = stopped(child);
    }
  }

  /** Somebody begins to wait just when the stop comes from above. */
  @JCStressTest
  @State
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "Ready, or woken.")
  @Outcome(id = "0", expect = FORBIDDEN, desc = "The waiter sleeps for ever.")
  public static class Wait extends Meeting {
    private final BasicDispatcher dispatcher = Rig.dispatcher();
    private final StopSource root = new StopSource();
    private final StopSource child = StopSource.childOf(root.token());
    private final JoinHandle<Complete> waiter = dispatcher.spawn(child.token().stopped());

    @Actor
    public void stopper() {
      meetAsFirst();
      root.stop();
    }

    @Actor
    public void driver() {
      meetAsSecond();
      dispatcher.runUntilStalled();
    }

    @Arbiter
    public void settle(I_Result r) {
      dispatcher.runUntilStalled();
      r.r1 = waiter.isDone() ? 1 : 0;
    }
  }
}
