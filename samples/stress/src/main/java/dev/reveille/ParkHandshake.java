package dev.reveille;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * A message against a loop that goes to sleep: either the loop finds it and does not sleep, or it
 * is woken. A message is anything a foreign thread leaves before it looks at the announcement of
 * the sleep.
 *
 * <p>A thread that slept for ever would be no test result, so the dispatcher here does not park:
 * for a moment it watches what comes. If the messenger has finished by then, with no wake-up and
 * its message unheeded, then a real loop would sleep for ever.
 */
public final class ParkHandshake {
  private static final int NO_SLEEP = 0;
  private static final int WOKEN = 1;
  private static final int MISSED = 2;
  private static final int NOTHING_CAME = 3;

  /** A dispatcher that sleeps once, and never for long, and then ends the run by its clock. */
  private static final class Dozing extends RunnableDispatcher {
    /** Some microseconds: about as long as the messenger takes. */
    private static final int PATIENCE = 60;

    private static final class Clock implements Ticker {
      long time;

      @Override
      public long read() {
        return time;
      }
    }

    private final Clock clock;

    /** Volatile: written by the messenger, in {@code wakeLoop} and after everything. */
    private volatile boolean woken;

    private volatile boolean finished;

    /** Whether the message had its effect. On the loop. */
    private boolean heeded;

    private int result = NO_SLEEP;

    Dozing() {
      this(new Clock());
    }

    private Dozing(Clock clock) {
      super(Rig.OPTIONS.withTicker(clock));
      this.clock = clock;
    }

    @Override
    protected void park(long nanos) {
      boolean over = finished;
      for (int i = 0; i < PATIENCE && !over && !woken; i++) {
        Thread.onSpinWait();
        over = finished;
      }
      if (woken) { // looked at after finished
        result = WOKEN;
      } else if (over && !heeded) {
        result = MISSED;
      } else {
        result = NOTHING_CAME;
      }
      clock.time = 1;
    }

    @Override
    protected void wakeLoop() {
      woken = true;
    }

    int runAndDoze(Loop.Until until) {
      loop.run("runAndDoze", until, 1, Long.MAX_VALUE, null);
      return result;
    }
  }

  private ParkHandshake() {}

  /** A callback that is posted. */
  @JCStressTest
  @State
  @Outcome(id = "0", expect = ACCEPTABLE, desc = "It was found; no sleep.")
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "The loop was woken.")
  @Outcome(id = "3", expect = ACCEPTABLE, desc = "It had come before, or did not come in time.")
  @Outcome(expect = FORBIDDEN, desc = "The loop sleeps, with a callback in the inbox.")
  public static class Post extends Meeting {
    private final Dozing dispatcher = new Dozing();

    @Actor
    public void messenger() {
      meetAsFirst();
      dispatcher.post(() -> dispatcher.heeded = true);
      dispatcher.finished = true;
    }

    @Actor
    public void driver(I_Result r) {
      meetAsSecond();
      r.r1 = dispatcher.runAndDoze(Loop.Until.STOPPED);
    }
  }

  /** A stop. */
  @JCStressTest
  @State
  @Outcome(id = "0", expect = ACCEPTABLE, desc = "It was found; no sleep.")
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "The loop was woken.")
  @Outcome(id = "3", expect = ACCEPTABLE, desc = "It did not come in time.")
  @Outcome(expect = FORBIDDEN, desc = "The loop sleeps and was told to stop.")
  public static class Stop extends Meeting {
    private final Dozing dispatcher = new Dozing();

    @Actor
    public void messenger() {
      meetAsFirst();
      dispatcher.stop();
      dispatcher.finished = true;
    }

    @Actor
    public void driver(I_Result r) {
      meetAsSecond();
      r.r1 = dispatcher.runAndDoze(Loop.Until.STOPPED);
    }
  }

  /** The last guard is closed under a run that ends without work. */
  @JCStressTest
  @State
  @Outcome(id = "0", expect = ACCEPTABLE, desc = "It was found; the run ended.")
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "The loop was woken.")
  @Outcome(id = "3", expect = ACCEPTABLE, desc = "It did not come in time.")
  @Outcome(expect = FORBIDDEN, desc = "The loop sleeps, for a guard that is closed.")
  public static class GuardClose extends Meeting {
    private final Dozing dispatcher = new Dozing();
    private final WorkGuard guard = dispatcher.workGuard();

    @Actor
    public void messenger() {
      meetAsFirst();
      guard.close();
      dispatcher.finished = true;
    }

    @Actor
    public void driver(I_Result r) {
      meetAsSecond();
      r.r1 = dispatcher.runAndDoze(Loop.Until.NO_WORK);
    }
  }
}
