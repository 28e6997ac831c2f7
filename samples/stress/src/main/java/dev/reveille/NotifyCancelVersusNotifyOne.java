package dev.reveille;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.reveille.sync.Notify;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A notification for one, while that one gives up: the next has it, or it is stored. */
public final class NotifyCancelVersusNotifyOne {
  private NotifyCancelVersusNotifyOne() {}

  /** Somebody else waits. */
  @JCStressTest
  @State
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "The second was notified.")
  @Outcome(id = "0, 0", expect = FORBIDDEN, desc = "The notification was lost.")
  @Outcome(expect = FORBIDDEN, desc = "It was stored although somebody waits, or doubled.")
  public static class Waiting extends Meeting {
    private final Notify notify = new Notify();
    private final Notify.Listener first = notify.listener();
    private final Notify.Listener second = notify.listener();

    public Waiting() {
      first.enable();
      second.enable();
    }

    @Actor
    public void notifier() {
      meetAsFirst();
      notify.notifyOne();
    }

    @Actor
    public void canceller() {
      meetAsSecond();
      first.close();
    }

    @Arbiter
    public void settle(II_Result r) {
      r.r1 = second.enable() ? 1 : 0;
      r.r2 = notify.listener().enable() ? 1 : 0;
    }
  }

  /** Nobody else waits. */
  @JCStressTest
  @State
  @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "Stored for the next.")
  @Outcome(expect = FORBIDDEN, desc = "Lost, or left with the one who gave up.")
  public static class Stored extends Meeting {
    private final Notify notify = new Notify();
    private final Notify.Listener only = notify.listener();

    public Stored() {
      only.enable();
    }

    @Actor
    public void notifier() {
      meetAsFirst();
      notify.notifyOne();
    }

    @Actor
    public void canceller() {
      meetAsSecond();
      only.close();
    }

    @Arbiter
    public void settle(II_Result r) {
      r.r1 = notify.waiting();
      r.r2 = notify.listener().enable() ? 1 : 0;
    }
  }

  /**
   * A consumer that listens and then looks, against one who changes something and then notifies.
   */
  @JCStressTest
  @State
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "It saw the change.")
  @Outcome(expect = FORBIDDEN, desc = "It sleeps, and the change is there.")
  public static class ListenThenLook extends Meeting {
    private final BasicDispatcher dispatcher = Rig.dispatcher();
    private final Notify notify = new Notify();
    private final Notify.Listener listener = notify.listener();
    private int change; // plain: the notification orders it
    private int seen;
    private final JoinHandle<Complete> consumer =
        dispatcher.spawn(
            cx -> {
              for (; ; ) {
                boolean notified = listener.pollNotified(cx).isReady();
                seen = change;
                if (seen == 1) {
                  return Poll.ready();
                }
                if (!notified) {
                  return Poll.pending();
                }
              }
            });

    @Actor
    public void notifier() {
      meetAsFirst();
      change = 1;
      notify.notifyWaiters(); // which is not stored: it reaches the one who listens
    }

    @Actor
    public void driver() {
      meetAsSecond();
      dispatcher.runUntilStalled();
    }

    @Arbiter
    public void settle(II_Result r) {
      dispatcher.runUntilStalled();
      r.r1 = seen;
      r.r2 = consumer.isDone() ? 1 : 0;
    }
  }
}
