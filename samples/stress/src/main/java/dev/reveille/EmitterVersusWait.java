package dev.reveille;

import static java.util.Objects.requireNonNull;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.reveille.callback.Emitter;
import dev.reveille.callback.Overflow;
import dev.reveille.sync.PollStream;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * The last element of a callback against a consumer that takes what is there, finds nothing more
 * and begins to wait. What an element says is a plain field: the emitter orders it.
 */
public final class EmitterVersusWait {
  private EmitterVersusWait() {}

  /** An element that counts, and before it some that do not. */
  private abstract static class Waiting extends Meeting {
    private final BasicDispatcher dispatcher = Rig.dispatcher();

    /** So that the two are about equally far when the last one comes. */
    private final int uncounted = ThreadLocalRandom.current().nextInt(8);

    private @Nullable Emitter<int[]> emitter;
    private int delivered;

    Waiting(Overflow overflow) {
      PollStream<int[]> stream =
          Emitter.stream(
              "elements",
              overflow,
              registered -> {
                emitter = registered;
                return () -> {};
              });
      dispatcher.spawn(
          cx -> {
            for (; ; ) {
              Poll<int @Nullable []> poll = stream.pollNext(cx);
              if (poll.isPending()) {
                return Poll.<String>pending();
              }
              int[] element = poll.value();
              delivered += element == null ? 100 : element[0];
            }
          });
      dispatcher.runUntilStalled();
      requireNonNull(emitter)
          .next(new int[1]); // so that it takes one, and has to begin to wait once more
    }

    final void emit() {
      meetAsFirst();
      for (int i = uncounted; i >= 0; i--) {
        int[] element = new int[1];
        element[0] = i == 0 ? 1 : 0;
        requireNonNull(emitter).next(element);
      }
    }

    final void consume() {
      meetAsSecond();
      dispatcher.runUntilStalled();
    }

    final int settled() {
      dispatcher.runUntilStalled();
      return delivered;
    }
  }

  /** Elements on the stack. */
  @JCStressTest
  @State
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "It was delivered.")
  @Outcome(expect = FORBIDDEN, desc = "It is there, and its consumer sleeps; or it is lost.")
  public static class Linked extends Waiting {
    public Linked() {
      super(Overflow.unbounded());
    }

    @Actor
    public void source() {
      emit();
    }

    @Actor
    public void driver() {
      consume();
    }

    @Arbiter
    public void settle(I_Result r) {
      r.r1 = settled();
    }
  }

  /** Elements that replace one another. */
  @JCStressTest
  @State
  @Outcome(id = "1", expect = ACCEPTABLE, desc = "It was delivered.")
  @Outcome(expect = FORBIDDEN, desc = "It is there, and its consumer sleeps; or it is lost.")
  public static class Latest extends Waiting {
    public Latest() {
      super(Overflow.latest());
    }

    @Actor
    public void source() {
      emit();
    }

    @Actor
    public void driver() {
      consume();
    }

    @Arbiter
    public void settle(I_Result r) {
      r.r1 = settled();
    }
  }
}
