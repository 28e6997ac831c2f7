package dev.reveille;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.RejectedExecutionException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A post against the end of acceptance. What was accepted is run or handed back, once; what was
 * refused is neither. First number: accepted; second: how often it was run or handed back.
 */
public final class PostVersusSeal {
  private PostVersusSeal() {}

  /** Callbacks, some of them, against {@code shutdownNow()}. */
  @JCStressTest
  @State
  @Outcome(
      id = {"0, 0", "1, 1", "2, 2", "3, 3", "4, 4"},
      expect = ACCEPTABLE,
      desc = "What was accepted was handed back.")
  @Outcome(expect = FORBIDDEN, desc = "Accepted and lost; or refused and handed back; or twice.")
  public static class Callback extends Meeting {
    private final BasicDispatcher dispatcher = Rig.dispatcher();
    private int fates;

    @Actor
    public void poster(II_Result r) {
      meetAsFirst();
      int accepted = 0;
      try {
        while (accepted < 4) {
          dispatcher.post(() -> fates++);
          accepted++;
        }
      } catch (RejectedExecutionException e) {
        // All that follow would be refused as well.
      }
      r.r1 = accepted;
    }

    @Actor
    public void closer() {
      meetAsSecond();
      Unstarted unstarted = dispatcher.shutdownNow();
      fates += unstarted.runnables().size();
    }

    @Arbiter
    public void settle(II_Result r) {
      r.r2 = fates;
    }
  }

  /** A task against a run and then {@code shutdownNow()}. */
  @JCStressTest
  @State
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Accepted; then it ended or was handed back.")
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "Refused, and not posted.")
  @Outcome(id = "1, 0", expect = FORBIDDEN, desc = "Accepted and lost.")
  @Outcome(expect = FORBIDDEN, desc = "Refused and begun; or ended twice; or posted for ever.")
  public static class Tasks extends Meeting {
    private final BasicDispatcher dispatcher = Rig.dispatcher();
    private final Sleeper sleeper = new Sleeper();

    /** Ends only by the close. */
    private static final class Sleeper extends Task {
      int fates;

      @Override
      protected Poll<Complete> doPoll(Context cx) {
        return cx.park();
      }

      @Override
      protected void cleanup() {
        fates++;
      }
    }

    @Actor
    public void poster(II_Result r) {
      meetAsFirst();
      try {
        dispatcher.post(sleeper);
        r.r1 = 1;
      } catch (RejectedExecutionException e) {
        r.r1 = 0;
      }
    }

    @Actor
    public void closer() {
      meetAsSecond();
      dispatcher.runUntilStalled();
      Unstarted unstarted = dispatcher.shutdownNow(); // runs cleanup(), so it comes before the sum
      sleeper.fates += unstarted.tasks().size();
    }

    @Arbiter
    public void settle(II_Result r) {
      r.r2 = sleeper.isPosted() ? -1 : sleeper.fates;
    }
  }

  /** A block of an adapter, which is accepted while draining, against the end of the draining. */
  @JCStressTest
  @State
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Accepted; then it was run or given back.")
  @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "Refused.")
  @Outcome(id = "1, 0", expect = FORBIDDEN, desc = "Accepted and lost.")
  @Outcome(expect = FORBIDDEN, desc = "Refused, and run or given back all the same; or twice.")
  public static class DrainedBlock extends Meeting {
    private final BasicDispatcher dispatcher = Rig.dispatcher();
    private final Adapter adapter = new Adapter();

    private static final class Adapter extends BlockOwner {
      int fates;

      Adapter() {
        super("block");
      }

      @Override
      protected void giveBack(Runnable block) {
        fates++;
      }
    }

    @Actor
    public void poster(II_Result r) {
      meetAsFirst();
      try {
        dispatcher.post(adapter, () -> adapter.fates++);
        r.r1 = 1;
      } catch (RejectedExecutionException e) {
        r.r1 = 0;
      }
    }

    @Actor
    public void drainer() {
      meetAsSecond();
      dispatcher.shutdown();
      dispatcher.runUntilStalled();
    }

    @Arbiter
    public void settle(II_Result r) {
      dispatcher.runUntilStalled();
      r.r2 = adapter.fates;
    }
  }
}
