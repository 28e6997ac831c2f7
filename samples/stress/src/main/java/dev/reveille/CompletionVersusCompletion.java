package dev.reveille;

import static java.util.Objects.requireNonNull;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.reveille.callback.CallOptions;
import dev.reveille.callback.CallbackDiagnostics;
import dev.reveille.callback.Completer;
import dev.reveille.callback.MisusePolicy;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;

/** A library that calls back twice, from two threads: one of them is the first. */
public final class CompletionVersusCompletion {
  private CompletionVersusCompletion() {}

  /** Counted, but neither logged nor with a stack, which would take most of the time. */
  private static final CallOptions<Integer> QUIETLY =
      CallOptions.<Integer>defaults().withMisusePolicy(MisusePolicy.IGNORE);

  private static int told(Dispatcher dispatcher) {
    return (int) CallbackDiagnostics.of(dispatcher).misuses("race");
  }

  /** Of a call that is waited for. */
  @JCStressTest
  @State
  @Outcome(id = "1, 0, 1, 1", expect = ACCEPTABLE, desc = "The one; the other was told of.")
  @Outcome(id = "0, 1, 2, 1", expect = ACCEPTABLE, desc = "The other; the one was told of.")
  @Outcome(expect = FORBIDDEN, desc = "Both, or neither; or not told of, or twice.")
  public static class Waiting extends Meeting {
    private final BasicDispatcher dispatcher = Rig.dispatcher();
    private @Nullable Completer<Integer> completer;
    private final JoinHandle<Integer> task =
        dispatcher.spawn(Completer.pollable("race", QUIETLY, begun -> completer = begun));

    public Waiting() {
      dispatcher.runUntilStalled();
    }

    @Actor
    public void one(IIII_Result r) {
      meetAsFirst();
      r.r1 = requireNonNull(completer).complete(1) ? 1 : 0;
    }

    @Actor
    public void other(IIII_Result r) {
      meetAsSecond();
      r.r2 = requireNonNull(completer).complete(2) ? 1 : 0;
    }

    @Arbiter
    public void settle(IIII_Result r) {
      dispatcher.runUntilStalled();
      r.r3 = task.isDone() ? task.outcome().value() : 0;
      r.r4 = told(dispatcher);
    }
  }

  /** Of a call that was given up: the first of the two is late, the second breaks the rules. */
  @JCStressTest
  @State
  @Outcome(id = "0, 0, 2, 1", expect = ACCEPTABLE, desc = "Both disposed of, one of them told of.")
  @Outcome(expect = FORBIDDEN, desc = "Lost, or disposed of twice; or not told of, or twice.")
  public static class GivenUp extends Meeting {
    private final BasicDispatcher dispatcher = Rig.dispatcher();
    private int disposed;
    private @Nullable Completer<Integer> completer;

    public GivenUp() {
      JoinHandle<Integer> task =
          dispatcher.spawn(
              Completer.pollable(
                  "race", QUIETLY.onLateValue(value -> disposed++), begun -> completer = begun));
      dispatcher.runUntilStalled();
      task.cancel();
      dispatcher.runUntilStalled();
    }

    @Actor
    public void one(IIII_Result r) {
      meetAsFirst();
      r.r1 = requireNonNull(completer).complete(1) ? 1 : 0;
    }

    @Actor
    public void other(IIII_Result r) {
      meetAsSecond();
      r.r2 = requireNonNull(completer).complete(2) ? 1 : 0;
    }

    @Arbiter
    public void settle(IIII_Result r) {
      dispatcher.runUntilStalled();
      r.r3 = disposed;
      r.r4 = told(dispatcher);
    }
  }
}
