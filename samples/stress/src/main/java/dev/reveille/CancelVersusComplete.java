package dev.reveille;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.CancellationException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** A cancel against a loop that polls: exactly one end. */
public final class CancelVersusComplete {
  private static final int RUNNING = 0;
  private static final int COMPLETED = 1;
  private static final int CANCELLED = 2;
  private static final int FAILED = 3;

  private CancelVersusComplete() {}

  /** Ready in its second poll, or never. */
  private static final class Subject extends Task {
    private final int readyIn;
    private int polls;
    int ends;
    Waker waker = Waker.none();

    Subject(int readyIn) {
      this.readyIn = readyIn;
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      waker = cx.waker("its end");
      return ++polls == readyIn ? Poll.ready() : Poll.pending();
    }

    @Override
    protected void cleanup() {
      ends++;
    }
  }

  private static int outcome(JoinHandle<?> handle) {
    if (!handle.isDone()) {
      return RUNNING;
    }
    try {
      handle.outcome();
      return COMPLETED;
    } catch (CancellationException e) {
      return CANCELLED;
    } catch (Exception e) {
      return FAILED;
    }
  }

  /** Of a task whose next poll is due and will be ready. */
  @JCStressTest
  @State
  @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "Requested, but the result came first.")
  @Outcome(id = "1, 2, 1", expect = ACCEPTABLE, desc = "Cancelled.")
  @Outcome(id = "0, 1, 1", expect = ACCEPTABLE, desc = "Completed before the request.")
  @Outcome(expect = FORBIDDEN, desc = "No end, two ends, or cancelled without a request.")
  public static class Due extends Meeting {
    private final BasicDispatcher dispatcher = Rig.dispatcher();
    private final Subject subject = new Subject(2);
    private final JoinHandle<Complete> handle = dispatcher.spawn(subject);

    public Due() {
      dispatcher.runUntilStalled();
      subject.waker.wake();
    }

    @Actor
    public void canceller(III_Result r) {
      meetAsFirst();
      try {
        r.r1 = handle.cancel() ? 1 : 0;
      } catch (AssertionError e) {
        r.r1 = -1; // of a handle that was completed twice
      }
    }

    @Actor
    public void driver() {
      meetAsSecond();
      try {
        dispatcher.runUntilStalled();
      } catch (AssertionError e) {
        subject.ends = -1;
      }
    }

    @Arbiter
    public void settle(III_Result r) {
      dispatcher.runUntilStalled();
      r.r2 = outcome(handle);
      r.r3 = subject.ends;
    }
  }

  /** Of a task that would go on for ever and is polled just then: the request is obeyed. */
  @JCStressTest
  @State
  @Outcome(id = "1, 2, 1", expect = ACCEPTABLE, desc = "Cancelled.")
  @Outcome(id = "1, 0, 0", expect = FORBIDDEN, desc = "The request was lost.")
  @Outcome(expect = FORBIDDEN, desc = "Two ends, or the wrong one.")
  public static class Endless extends Meeting {
    private final BasicDispatcher dispatcher = Rig.dispatcher();
    private final Subject subject = new Subject(Integer.MAX_VALUE);
    private final JoinHandle<Complete> handle = dispatcher.spawn(subject);

    public Endless() {
      dispatcher.runUntilStalled();
    }

    @Actor
    public void canceller(III_Result r) {
      meetAsFirst();
      r.r1 = handle.cancel() ? 1 : 0;
    }

    @Actor
    public void driver() {
      meetAsSecond();
      dispatcher.runUntilStalled();
    }

    @Arbiter
    public void settle(III_Result r) {
      dispatcher.runUntilStalled();
      r.r2 = outcome(handle);
      r.r3 = subject.ends;
    }
  }

  /** Two requests: one of them is the first. */
  @JCStressTest
  @State
  @Outcome(
      id = {"1, 0", "0, 1"},
      expect = ACCEPTABLE,
      desc = "One was the first to ask.")
  @Outcome(expect = FORBIDDEN, desc = "Both were told that they were the first, or neither.")
  public static class Twice extends Meeting {
    private final BasicDispatcher dispatcher = Rig.dispatcher();
    private final JoinHandle<Complete> handle = dispatcher.spawn(new Subject(2));

    @Actor
    public void one(II_Result r) {
      meetAsFirst();
      r.r1 = handle.cancel() ? 1 : 0;
    }

    @Actor
    public void other(II_Result r) {
      meetAsSecond();
      r.r2 = handle.cancel() ? 1 : 0;
    }
  }
}
