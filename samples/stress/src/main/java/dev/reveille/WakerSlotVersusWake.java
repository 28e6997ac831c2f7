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
 * An event, then a wake of the slot, against a task that registers there and looks again. The event
 * is a plain field: the slot orders it.
 */
public final class WakerSlotVersusWake {
  private WakerSlotVersusWake() {}

  /** One task. */
  @JCStressTest
  @State
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "The event was seen.")
  @Outcome(id = "0", expect = FORBIDDEN, desc = "The task sleeps, and the event is there.")
  public static class Register extends Meeting {
    private final BasicDispatcher dispatcher = Rig.dispatcher();
    private final WakerSlot slot = new WakerSlot();
    private int event;
    private int seen;

    public Register() {
      dispatcher.spawn(
          cx -> {
            slot.register(cx, "an event");
            seen = event;
            return seen == 0 ? Poll.pending() : Poll.ready();
          });
    }

    @Actor
    public void source() {
      meetAsFirst();
      event = 1;
      slot.wake();
    }

    @Actor
    public void driver() {
      meetAsSecond();
      dispatcher.runUntilStalled();
    }

    @Arbiter
    public void settle(I_Result r) {
      dispatcher.runUntilStalled();
      r.r1 = seen;
    }
  }

  /**
   * Two tasks that do what they must not: wait in one slot. The one that is evicted and comes back
   * is refused; the other one did nothing wrong and gets the event, also if it comes just then.
   */
  @JCStressTest
  @State
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "The rightful waiter saw the event.")
  @Outcome(
      id = "0",
      expect = FORBIDDEN,
      desc = "The rightful waiter sleeps, and the event is there.")
  public static class Refusal extends Meeting {
    private final BasicDispatcher dispatcher = Rig.dispatcher();
    private final WakerSlot slot = new WakerSlot();
    private int event;
    private int seen;

    public Refusal() {
      dispatcher.spawn(
          cx -> { // registers first, is evicted and woken, comes back and is refused
            slot.register(cx, "an event");
            return Poll.pending();
          });
      dispatcher.spawn(
          cx -> {
            slot.register(cx, "an event");
            seen = event;
            return seen == 0 ? Poll.pending() : Poll.ready();
          });
      dispatcher.runUntilStalled(2); // the second poll of the first task is next
    }

    @Actor
    public void source() {
      meetAsFirst();
      event = 1;
      slot.wake();
    }

    @Actor
    public void driver() {
      meetAsSecond();
      dispatcher.runUntilStalled();
    }

    @Arbiter
    public void settle(I_Result r) {
      dispatcher.runUntilStalled();
      r.r1 = seen;
    }
  }
}
