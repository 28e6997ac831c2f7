package dev.reveille;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** A foreign thread spawns a child while the loop cancels the group, or fails it. */
public final class GroupSpawnVersusCancel {
  private GroupSpawnVersusCancel() {}

  /** What both races share: a loop with one entry that ends the group, and one more child. */
  abstract static class Race extends Meeting {
    final BasicDispatcher dispatcher = Rig.dispatcher();
    final TaskGroup group = TaskGroup.failFast(dispatcher, "group");
    private JoinHandle<?> child = JoinHandle.refused("nobody", "nobody", "not spawned");
    private volatile boolean broken;

    final void spawn() {
      meetAsFirst();
      child = group.spawn("child", Context::park);
    }

    final void run() {
      meetAsSecond();
      settle();
    }

    private void settle() {
      try {
        dispatcher.runUntilStalled(1_000);
      } catch (Throwable t) { // the loop survives all user code, so this is a defect of its own
        broken = true;
      }
    }

    final void settle(II_Result r) {
      settle();
      boolean over = child.isDone() && group.size() == 0 && dispatcher.snapshot().tasks().isEmpty();
      r.r1 = over ? 1 : 0;
      r.r2 = broken ? 1 : 0;
    }
  }

  /** The loop cancels the group. */
  @JCStressTest
  @State
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "The child was refused, or cancelled, once.")
  @Outcome(expect = FORBIDDEN, desc = "The child lives on, or was put on the loop twice.")
  public static class Cancel extends Race {
    public Cancel() {
      group.spawn("elder", Context::park);
      dispatcher.runUntilStalled();
      dispatcher.post(group::cancel);
    }

    @Actor
    public void spawner() {
      spawn();
    }

    @Actor
    public void driver() {
      run();
    }

    @Arbiter
    public void arbiter(II_Result r) {
      settle(r);
    }
  }

  /** A child fails. */
  @JCStressTest
  @State
  @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "The child was refused, or cancelled, once.")
  @Outcome(expect = FORBIDDEN, desc = "The child lives on, or was put on the loop twice.")
  public static class Failure extends Race {
    public Failure() {
      group.spawn(
          "fails",
          cx -> {
            throw new IllegalStateException("expected");
          });
    }

    @Actor
    public void spawner() {
      spawn();
    }

    @Actor
    public void driver() {
      run();
    }

    @Arbiter
    public void arbiter(II_Result r) {
      settle(r);
    }
  }
}
