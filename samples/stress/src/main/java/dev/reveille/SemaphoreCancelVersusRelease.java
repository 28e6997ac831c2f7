package dev.reveille;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.reveille.sync.Semaphore;
import java.util.concurrent.CancellationException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * A permit that is released while the first who waits for it gives up: the second has it, or it.
 */
public final class SemaphoreCancelVersusRelease {
  private SemaphoreCancelVersusRelease() {}

  /** By handles, on two threads. */
  @JCStressTest
  @State
  @Outcome(id = "1, 0, 0", expect = ACCEPTABLE, desc = "The second holds the permit.")
  @Outcome(expect = FORBIDDEN, desc = "The permit was lost, doubled, or freed past the second.")
  public static class Handles extends Meeting {
    private final BasicDispatcher dispatcher = Rig.dispatcher();
    private final Semaphore semaphore = new Semaphore(0);
    private final Semaphore.Permit first = semaphore.permit(1);
    private final Semaphore.Permit second = semaphore.permit(1);

    public Handles() {
      dispatcher.spawn(
          cx -> {
            first.pollAcquire(cx);
            second.pollAcquire(cx);
            return Poll.pending();
          });
      dispatcher.runUntilStalled();
    }

    @Actor
    public void releaser() {
      meetAsFirst();
      semaphore.release(1);
    }

    @Actor
    public void canceller() {
      meetAsSecond();
      first.close();
    }

    @Arbiter
    public void settle(III_Result r) {
      r.r1 = second.isHeld() ? 1 : 0;
      r.r2 = semaphore.availablePermits();
      r.r3 = semaphore.waiting();
    }
  }

  /** By tasks: one is woken for the permit, and asked to end. */
  @JCStressTest
  @State
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "The first had it before it was cancelled.")
  @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "The first was cancelled, the second has it.")
  @Outcome(expect = FORBIDDEN, desc = "Nobody has it, or both.")
  public static class Tasks extends Meeting {
    private final BasicDispatcher dispatcher = Rig.dispatcher();
    private final Semaphore semaphore = new Semaphore(0);
    private final Semaphore.Permit first = semaphore.permit(1);
    private final Semaphore.Permit second = semaphore.permit(1);
    private final JoinHandle<Complete> firstTask = dispatcher.spawn(holding(first));

    public Tasks() {
      dispatcher.spawn(holding(second));
      dispatcher.runUntilStalled();
    }

    private static Pollable<Complete> holding(Semaphore.Permit permit) {
      return new Pollable<>() {
        @Override
        public Poll<Complete> poll(Context cx) {
          return permit.pollAcquire(cx);
        }

        @Override
        public void cancel() {
          permit.close();
        }
      };
    }

    @Actor
    public void releaser() {
      meetAsFirst();
      semaphore.release(1);
    }

    @Actor
    public void driver() {
      meetAsSecond();
      firstTask.cancel();
      dispatcher.runUntilStalled();
    }

    @Arbiter
    public void settle(II_Result r) {
      dispatcher.runUntilStalled();
      r.r1 = completed(firstTask) ? 1 : 0;
      r.r2 = second.isHeld() ? 1 : 0;
    }

    private static boolean completed(JoinHandle<?> handle) {
      try {
        return handle.outcome().isReady();
      } catch (CancellationException e) {
        return false;
      }
    }
  }
}
