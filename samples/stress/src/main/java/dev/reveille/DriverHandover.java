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
 * Two threads want to drive: one at a time does, and the second sees all that the first wrote,
 * plain as it is.
 *
 * <p>That the role is given back with a volatile store and taken with a CAS is needed by the memory
 * model; x86 keeps stores in order by itself and would not tell a plain store from it.
 */
public final class DriverHandover {
  private DriverHandover() {}

  /** The role alone. */
  @JCStressTest
  @State
  @Outcome(
      id = {"1, 2", "2, 1"},
      expect = ACCEPTABLE,
      desc = "One after the other.")
  @Outcome(
      id = {"1, 0", "0, 1"},
      expect = ACCEPTABLE,
      desc = "One wins, the other is refused.")
  @Outcome(expect = FORBIDDEN, desc = "Both at once; or the second did not see the first's write.")
  public static class Role extends Meeting {
    private final Loop loop = Rig.dispatcher().loop;
    private int plain;

    private int increment() {
      if (!loop.tryEnter()) {
        return 0;
      }
      int seen = ++plain;
      loop.leave();
      return seen;
    }

    @Actor
    public void one(II_Result r) {
      meetAsFirst();
      r.r1 = increment();
    }

    @Actor
    public void other(II_Result r) {
      meetAsSecond();
      r.r2 = increment();
    }
  }

  /** Two runs of one step each, over a queue of two callbacks. */
  @JCStressTest
  @State
  @Outcome(id = "2, 0", expect = ACCEPTABLE, desc = "Two runs, a callback each; nothing is left.")
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "One run was refused, its callback is left.")
  @Outcome(expect = FORBIDDEN, desc = "A callback ran twice, or was lost.")
  public static class Runs extends Meeting {
    private final BasicDispatcher dispatcher = Rig.dispatcher();
    private int callbacks;
    private boolean broken;

    public Runs() {
      Runnable callback = () -> callbacks++;
      Rig.onLoop(
          dispatcher,
          () -> {
            dispatcher.loop.enqueue(null, callback);
            dispatcher.loop.enqueue(null, callback);
          });
    }

    private void step() {
      try {
        dispatcher.runUntilStalled(1);
      } catch (IllegalStateException e) {
        // The other one drove for longer than an attempt waits: this run is refused, as it should
        // be.
      } catch (RuntimeException e) {
        broken = true; // two at a time have torn the queue
      }
    }

    @Actor
    public void one() {
      meetAsFirst();
      step();
    }

    @Actor
    public void other() {
      meetAsSecond();
      step();
    }

    @Arbiter
    public void settle(II_Result r) {
      r.r1 = broken ? -1 : callbacks;
      r.r2 = dispatcher.loop.queue.size();
    }
  }
}
