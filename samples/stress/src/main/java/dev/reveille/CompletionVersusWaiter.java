package dev.reveille;

import static java.util.Objects.requireNonNull;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.reveille.callback.CallOptions;
import dev.reveille.callback.Completer;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** A callback on a foreign thread, against the one who waits for it. */
public final class CompletionVersusWaiter {
  private CompletionVersusWaiter() {}

  /** While the one who waits registers, in the very poll that begins the call. */
  @JCStressTest
  @State
  @Outcome(id = "42, 1", expect = ACCEPTABLE, desc = "Seen, with what was written before.")
  @Outcome(expect = FORBIDDEN, desc = "The task sleeps, or sees less than was completed.")
  public static class FirstPoll extends Meeting {
    private final BasicDispatcher dispatcher = Rig.dispatcher();
    private final JoinHandle<int[]> task =
        dispatcher.spawn(Completer.<int[]>pollable("race", this::start));
    private @Nullable Completer<int[]> completer;

    /** In the first poll. The meeting publishes the completer. */
    private void start(Completer<int[]> begun) {
      completer = begun;
      meetAsFirst();
    }

    @Actor
    public void callback() {
      meetAsSecond();
      callBack();
    }

    @Actor
    public void driver() {
      dispatcher.runUntilStalled();
    }

    /** If the call has begun. */
    private void callBack() {
      Completer<int[]> begun = completer;
      if (begun != null) {
        completer = null;
        int[] value = new int[1];
        value[0] = 42;
        begun.complete(value);
      }
    }

    @Arbiter
    public void settle(II_Result r) {
      callBack(); // if the two have not met
      dispatcher.runUntilStalled();
      r.r1 = task.isDone() ? task.outcome().value()[0] : 0;
      r.r2 = task.isDone() ? 1 : 0;
    }
  }

  /** While the one who waits gives up. Nobody takes the value, so it is disposed of. */
  @JCStressTest
  @State
  @Outcome(id = "1, 1, 0", expect = ACCEPTABLE, desc = "It came first, and was not polled for.")
  @Outcome(id = "0, 1, 1", expect = ACCEPTABLE, desc = "It came late; the call was aborted.")
  @Outcome(expect = FORBIDDEN, desc = "Lost, or disposed of twice; or the wrong one was told.")
  public static class Cancel extends Meeting {
    private final BasicDispatcher dispatcher = Rig.dispatcher();
    private int disposed;
    private int aborted;
    private @Nullable Completer<String> completer;
    private final Pollable<String> call =
        Completer.pollable(
            "race",
            CallOptions.<String>defaults().onLateValue(value -> disposed++),
            begun -> {
              completer = begun;
              begun.onCancel(() -> aborted++);
            });

    public Cancel() {
      dispatcher.spawn(call);
      dispatcher.runUntilStalled();
    }

    @Actor
    public void callback(III_Result r) {
      meetAsFirst();
      r.r1 = requireNonNull(completer).complete("value") ? 1 : 0;
    }

    @Actor
    public void canceller() {
      meetAsSecond();
      Rig.onLoop(dispatcher, call::cancel);
    }

    @Arbiter
    public void settle(III_Result r) {
      dispatcher.runUntilStalled();
      r.r2 = disposed;
      r.r3 = aborted;
    }
  }

  /** While its time runs out. */
  @JCStressTest
  @State
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "It came in time.")
  @Outcome(id = "0, 2", expect = ACCEPTABLE, desc = "It came too late, and was told so.")
  @Outcome(expect = FORBIDDEN, desc = "One was told what the other did not see.")
  public static class TimeOut extends Meeting {
    private static final CallOptions<String> OPTIONS =
        CallOptions.<String>defaults().withTimeout(Duration.ofNanos(1));

    private long now;
    private final BasicDispatcher dispatcher =
        new BasicDispatcher(Rig.OPTIONS.withTicker(() -> now));
    private @Nullable Completer<String> completer;
    private final JoinHandle<String> task =
        dispatcher.spawn(Completer.pollable("race", OPTIONS, begun -> completer = begun));

    public TimeOut() {
      dispatcher.runUntilStalled();
    }

    @Actor
    public void callback(II_Result r) {
      meetAsFirst();
      r.r1 = requireNonNull(completer).fail(new ArithmeticException()) ? 1 : 0;
    }

    @Actor
    public void driver() {
      now = 2;
      meetAsSecond();
      dispatcher.runUntilStalled();
    }

    @Arbiter
    public void settle(II_Result r) {
      dispatcher.runUntilStalled();
      Throwable failure = task.failure();
      r.r2 =
          failure instanceof ArithmeticException ? 1 : failure instanceof TimeoutException ? 2 : 0;
    }
  }
}
