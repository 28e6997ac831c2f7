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
 * A message against the end of a run on a loop of somebody else: either the run finds it, or the
 * platform is asked for another run. First and only number: whether the message was heeded.
 */
public final class HostedHandshake {

  /** A platform that remembers that it was asked. */
  private static final class Asked extends Dispatcher {
    private volatile boolean asked;
    private int heeded;

    Asked() {
      super(Rig.OPTIONS);
    }

    @Override
    protected void wakeLoop() {
      asked = true;
    }

    void run() {
      runPending(100);
    }

    void borrowAndPost(Runnable callback) {
      boolean taken = enterLoop("borrowAndPost");
      try {
        post(callback);
      } finally {
        exitLoop(taken);
      }
    }

    void runIfAsked() {
      while (asked) {
        asked = false;
        run();
      }
    }
  }

  private HostedHandshake() {}

  /** A callback that is posted. */
  @JCStressTest
  @State
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "It ran.")
  @Outcome(expect = FORBIDDEN, desc = "It is in the inbox, and nobody was asked to run it.")
  public static class Post extends Meeting {
    private final Asked dispatcher = new Asked();

    @Actor
    public void messenger() {
      meetAsFirst();
      dispatcher.post(() -> dispatcher.heeded = 1);
    }

    @Actor
    public void host() {
      meetAsSecond();
      dispatcher.run();
    }

    @Arbiter
    public void end(I_Result r) {
      dispatcher.runIfAsked();
      r.r1 = dispatcher.heeded;
    }
  }

  /** A thread that borrows the role and leaves something in the run queue, against a run. */
  @JCStressTest
  @State
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "It ran.")
  @Outcome(expect = FORBIDDEN, desc = "It is in the queue, and nobody was asked to run it.")
  public static class Loan extends Meeting {
    private final Asked dispatcher = new Asked();

    @Actor
    public void borrower() {
      meetAsFirst();
      dispatcher.borrowAndPost(() -> dispatcher.heeded = 1);
    }

    @Actor
    public void host() {
      meetAsSecond();
      dispatcher.run();
    }

    @Arbiter
    public void end(I_Result r) {
      dispatcher.runIfAsked();
      r.r1 = dispatcher.heeded;
    }
  }

  /** The orderly end, against a run that ends. */
  @JCStressTest
  @State
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "It is closed.")
  @Outcome(
      expect = FORBIDDEN,
      desc = "It is shut down, has no work, and nobody was asked to end it.")
  public static class Shutdown extends Meeting {
    private final Asked dispatcher = new Asked();

    @Actor
    public void messenger() {
      meetAsFirst();
      dispatcher.shutdown();
    }

    @Actor
    public void host() {
      meetAsSecond();
      dispatcher.run();
    }

    @Arbiter
    public void end(I_Result r) {
      dispatcher.runIfAsked();
      r.r1 = dispatcher.isClosed() ? 1 : 0;
    }
  }

  /** The last guard of a dispatcher that is shut down. */
  @JCStressTest
  @State
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "It is closed.")
  @Outcome(expect = FORBIDDEN, desc = "No guard is left, and nobody was asked to end it.")
  public static class GuardClose extends Meeting {
    private final Asked dispatcher = new Asked();
    private final WorkGuard guard = dispatcher.workGuard();

    public GuardClose() {
      dispatcher.shutdown();
      dispatcher.runIfAsked();
    }

    @Actor
    public void messenger() {
      meetAsFirst();
      guard.close();
    }

    @Actor
    public void host() {
      meetAsSecond();
      dispatcher.run();
    }

    @Arbiter
    public void end(I_Result r) {
      dispatcher.runIfAsked();
      r.r1 = dispatcher.isClosed() ? 1 : 0;
    }
  }
}
