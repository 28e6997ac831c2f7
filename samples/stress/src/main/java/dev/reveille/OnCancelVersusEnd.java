package dev.reveille;

import static java.util.Objects.requireNonNull;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.reveille.callback.CallOptions;
import dev.reveille.callback.CancelMode;
import dev.reveille.callback.Completer;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * A foreign thread says how the call is aborted, just when that is wanted, or not any more. It does
 * so late if it is the library's thread that learns what there is to abort.
 */
public final class OnCancelVersusEnd {
  private OnCancelVersusEnd() {}

  /** A call that is under way. */
  private abstract static class UnderWay extends Meeting {
    final BasicDispatcher dispatcher = Rig.dispatcher();
    final Pollable<String> call;
    int aborted;
    @Nullable Completer<String> completer;

    UnderWay(CallOptions<String> options) {
      call = Completer.pollable("race", options, begun -> completer = begun);
      dispatcher.spawn(call);
      dispatcher.runUntilStalled();
    }

    final void setAction() {
      requireNonNull(completer).onCancel(() -> aborted++);
    }

    final void cancel() {
      Rig.onLoop(dispatcher, call::cancel);
    }
  }

  /** Against the one who waits, who gives up and goes on. */
  @JCStressTest
  @State
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "Aborted, by one of the two.")
  @Outcome(expect = FORBIDDEN, desc = "Not aborted, or twice.")
  public static class Abandon extends UnderWay {
    public Abandon() {
      super(CallOptions.defaults());
    }

    @Actor
    public void library() {
      meetAsFirst();
      setAction();
    }

    @Actor
    public void canceller() {
      meetAsSecond();
      cancel();
    }

    @Arbiter
    public void settle(I_Result r) {
      r.r1 = aborted;
    }
  }

  /** Against the one who waits, who gives up but awaits the last word. */
  @JCStressTest
  @State
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "Aborted, by one of the two.")
  @Outcome(expect = FORBIDDEN, desc = "Not aborted, or twice.")
  public static class AwaitCallback extends UnderWay {
    private static final CallOptions<String> OPTIONS =
        CallOptions.<String>defaults().withCancelMode(CancelMode.AWAIT_CALLBACK);

    public AwaitCallback() {
      super(OPTIONS);
    }

    @Actor
    public void library() {
      meetAsFirst();
      setAction();
    }

    @Actor
    public void canceller() {
      meetAsSecond();
      cancel();
    }

    @Arbiter
    public void settle(I_Result r) {
      r.r1 = aborted;
    }
  }

  /** Against a completion, after which there is nothing to abort. */
  @JCStressTest
  @State
  @Outcome(id = "0", expect = ACCEPTABLE, desc = "Completed, and not aborted.")
  @Outcome(expect = FORBIDDEN, desc = "Aborted what was complete.")
  public static class Completion extends UnderWay {
    public Completion() {
      super(CallOptions.defaults());
    }

    @Actor
    public void library() {
      meetAsFirst();
      setAction();
    }

    @Actor
    public void callback() {
      meetAsSecond();
      requireNonNull(completer).complete("value");
    }

    @Arbiter
    public void settle(I_Result r) {
      cancel();
      r.r1 = aborted;
    }
  }
}
