package dev.reveille;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.CompletableFuture;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/** Somebody begins to wait for a task just when it ends: the end reaches those who wait. */
public final class JoinVersusCompletion {
  private JoinVersusCompletion() {}

  /** A task of another dispatcher, which polls {@link JoinHandle#join()}. */
  @JCStressTest
  @State
  @Outcome(id = "42", expect = ACCEPTABLE, desc = "The join was ready with the result.")
  @Outcome(id = "0", expect = FORBIDDEN, desc = "The joiner sleeps for ever.")
  public static class Join extends Meeting {
    private final BasicDispatcher dispatcher = Rig.dispatcher();
    private final BasicDispatcher elsewhere = Rig.dispatcher();
    private int result;

    public Join() {
      Pollable<Integer> join = dispatcher.<Integer>spawn(cx -> Poll.ready(42)).join();
      elsewhere.spawn(
          cx -> {
            Poll<Integer> poll = join.poll(cx);
            if (poll.isReady()) {
              result = poll.value();
            }
            return poll;
          });
    }

    @Actor
    public void joiner() {
      meetAsFirst();
      elsewhere.runUntilStalled();
    }

    @Actor
    public void driver() {
      meetAsSecond();
      dispatcher.runUntilStalled();
    }

    @Arbiter
    public void settle(I_Result r) {
      elsewhere.runUntilStalled();
      r.r1 = result;
    }
  }

  /** A future. */
  @JCStressTest
  @State
  @Outcome(id = "42", expect = ACCEPTABLE, desc = "The future was completed with the result.")
  @Outcome(id = "0", expect = FORBIDDEN, desc = "The future is never completed.")
  public static class Future extends Meeting {
    private final BasicDispatcher dispatcher = Rig.dispatcher();
    private final JoinHandle<Integer> handle = dispatcher.spawn(cx -> Poll.ready(42));
    private CompletableFuture<Integer> future = new CompletableFuture<>();

    @Actor
    public void joiner() {
      meetAsFirst();
      future = handle.toCompletableFuture();
    }

    @Actor
    public void driver() {
      meetAsSecond();
      dispatcher.runUntilStalled();
    }

    @Arbiter
    public void settle(I_Result r) {
      r.r1 = future.getNow(0);
    }
  }
}
