package dev.reveille;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.reveille.combine.PollableSet;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * The wakes of the children of a {@link PollableSet} against a loop that polls it. The events are
 * plain fields: the contract of a waker is all that orders them.
 */
public final class PollableSetWake {
  private PollableSetWake() {}

  /** A child whose waker the test calls, and what it saw of its event. */
  private static final class Child implements Pollable<Integer> {
    Waker waker = Waker.none();
    int event;
    int seen;

    @Override
    public Poll<Integer> poll(Context cx) {
      seen = event;
      waker = cx.waker("the next event");
      return Poll.pending();
    }
  }

  private static BasicDispatcher running(PollableSet<Integer> set, Child... children) {
    BasicDispatcher dispatcher = Rig.dispatcher();
    for (Child child : children) {
      set.add(child);
    }
    dispatcher.spawn(cx -> set.pollNext(cx).isReady() ? Poll.ready() : Poll.pending());
    dispatcher.runUntilStalled();
    return dispatcher;
  }

  /** Two wakes of one child: the second may find it linked, taken, or being polled. */
  @JCStressTest
  @State
  @Outcome(id = "2", expect = ACCEPTABLE, desc = "The last event was seen.")
  @Outcome(id = "0", expect = FORBIDDEN, desc = "Both wakes were lost.")
  @Outcome(id = "1", expect = FORBIDDEN, desc = "The second wake was lost.")
  public static class OneChild extends Meeting {
    private final Child child = new Child();
    private final BasicDispatcher dispatcher = running(new PollableSet<>(), child);

    @Actor
    public void source() {
      meetAsFirst();
      child.event = 1;
      child.waker.wake();
      child.event = 2;
      child.waker.wake();
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
      r.r1 = child.seen;
    }
  }

  /**
   * Two children, woken one after the other: the second push may find the first one in the stack,
   * taken, or gone, and the task asleep, awake, or in between.
   */
  @JCStressTest
  @State
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Both events were seen.")
  @Outcome(expect = FORBIDDEN, desc = "A child sleeps, and its event is there.")
  public static class TwoChildren extends Meeting {
    private final Child one = new Child();
    private final Child two = new Child();
    private final BasicDispatcher dispatcher = running(new PollableSet<>(), one, two);

    @Actor
    public void source() {
      meetAsFirst();
      one.event = 1;
      one.waker.wake();
      two.event = 1;
      two.waker.wake();
    }

    @Actor
    public void driver() {
      meetAsSecond();
      dispatcher.runUntilStalled();
    }

    @Arbiter
    public void settle(II_Result r) {
      dispatcher.runUntilStalled();
      r.r1 = one.seen;
      r.r2 = two.seen;
    }
  }
}
