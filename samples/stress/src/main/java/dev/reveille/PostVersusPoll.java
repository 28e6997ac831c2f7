package dev.reveille;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/** Two who would have a task, which knows neither yet: one of them gets it, the other is told. */
public final class PostVersusPoll {
  private PostVersusPoll() {}

  /** Ready in its first poll if it is to be, else never. */
  private static final class Subject extends Task {
    boolean ready;
    int stays;

    @Override
    protected void init() {
      stays++;
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      cx.waker("its end");
      return ready ? Poll.ready() : Poll.pending();
    }
  }

  /** Polls a task as its child, once. */
  private static final class Parent implements Pollable<Complete> {
    private final Task child;
    int polled;

    Parent(Task child) {
      this.child = child;
    }

    @Override
    public Poll<Complete> poll(Context cx) throws Exception {
      try {
        child.poll(cx);
        polled = 1;
      } catch (IllegalStateException e) {
        polled = 0;
      }
      return Poll.ready();
    }
  }

  private static int post(Dispatcher dispatcher, Task task) {
    try {
      dispatcher.post(task);
      return 1;
    } catch (IllegalStateException e) {
      return 0;
    }
  }

  /** A thread posts it, and a parent polls it for the first time. */
  @JCStressTest
  @State
  @Outcome(id = "1, 0, 1", expect = ACCEPTABLE, desc = "Posted, and the parent was told.")
  @Outcome(id = "0, 1, 1", expect = ACCEPTABLE, desc = "Polled, and the thread was told.")
  @Outcome(expect = FORBIDDEN, desc = "Both have it, or neither.")
  public static class Child extends Meeting {
    private final BasicDispatcher dispatcher = Rig.dispatcher();
    private final Subject subject = new Subject();
    private final Parent parent = new Parent(subject);

    {
      dispatcher.spawn(parent);
    }

    @Actor
    public void poster(III_Result r) {
      meetAsFirst();
      r.r1 = post(dispatcher, subject);
    }

    @Actor
    public void driver() {
      meetAsSecond();
      dispatcher.runUntilStalled();
    }

    @Arbiter
    public void settle(III_Result r) {
      dispatcher.runUntilStalled();
      r.r2 = parent.polled;
      r.r3 = subject.stays;
    }
  }

  /** Two threads post it after a parent has polled it to its end. */
  @JCStressTest
  @State
  @Outcome(
      id = {"1, 0, 1", "0, 1, 1"},
      expect = ACCEPTABLE,
      desc = "Posted once.")
  @Outcome(expect = FORBIDDEN, desc = "Posted twice, or not at all.")
  public static class Twice extends Meeting {
    private final BasicDispatcher dispatcher = Rig.dispatcher();
    private final Subject subject = new Subject();

    {
      subject.ready = true;
      dispatcher.spawn(new Parent(subject));
      dispatcher.runUntilStalled();
      subject.ready = false;
      subject.stays = 0;
    }

    @Actor
    public void one(III_Result r) {
      meetAsFirst();
      r.r1 = post(dispatcher, subject);
    }

    @Actor
    public void other(III_Result r) {
      meetAsSecond();
      r.r2 = post(dispatcher, subject);
    }

    @Arbiter
    public void settle(III_Result r) {
      dispatcher.runUntilStalled();
      r.r3 = subject.stays;
    }
  }
}
