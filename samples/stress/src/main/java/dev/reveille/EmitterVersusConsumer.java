package dev.reveille;

import static java.util.Objects.requireNonNull;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.reveille.callback.EmitResult;
import dev.reveille.callback.Emitter;
import dev.reveille.callback.Overflow;
import dev.reveille.sync.PollStream;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIII_Result;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;

/** Foreign threads that emit, against each other and against the one who polls. */
public final class EmitterVersusConsumer {
  private static final int ENQUEUED = 1;
  private static final int DROPPED = 2;
  private static final int TERMINATED = 3;

  /** Threw, as the mutants may: jcstress would give up on a test that throws. */
  private static final int BROKEN = -1;

  private EmitterVersusConsumer() {}

  /** A stream whose listener is registered, and a task that polls it once for each wake. */
  private abstract static class Registered extends Meeting {
    final BasicDispatcher dispatcher = Rig.dispatcher();
    final PollStream<Integer> stream;
    @Nullable Emitter<Integer> emitter;
    Waker waker = Waker.none();
    int disposed;
    int unregistered;
    int taken;

    Registered(Overflow overflow) {
      stream =
          Emitter.stream(
              "race",
              overflow,
              element -> disposed += element,
              registered -> {
                emitter = registered;
                return () -> unregistered++;
              });
      dispatcher.spawn(
          cx -> {
            waker = cx.waker("a command");
            Poll<@Nullable Integer> poll = stream.pollNext(cx);
            if (poll.isReady()) {
              taken += requireNonNull(poll.value());
            }
            return Poll.pending();
          });
      dispatcher.runUntilStalled();
    }

    final int emit(int element) {
      EmitResult result;
      try {
        result = requireNonNull(emitter).next(element);
      } catch (RuntimeException e) {
        return BROKEN;
      }
      return result instanceof EmitResult.Enqueued
          ? ENQUEUED
          : result instanceof EmitResult.Dropped ? DROPPED : TERMINATED;
    }
  }

  /** The consumer gives up: an element that was accepted is disposed of, and one that was not. */
  @JCStressTest
  @State
  @Outcome(id = "1, 1, 1", expect = ACCEPTABLE, desc = "Accepted, and disposed of by the cancel.")
  @Outcome(id = "3, 1, 1", expect = ACCEPTABLE, desc = "Too late, and disposed of.")
  @Outcome(expect = FORBIDDEN, desc = "Lost, or disposed of twice; or the listener was not.")
  public static class Cancel extends Registered {
    public Cancel() {
      super(Overflow.unbounded());
    }

    @Actor
    public void listener(III_Result r) {
      meetAsFirst();
      r.r1 = emit(1);
    }

    @Actor
    public void canceller() {
      meetAsSecond();
      Rig.onLoop(dispatcher, stream::cancel);
    }

    @Arbiter
    public void settle(III_Result r) {
      dispatcher.runUntilStalled();
      r.r2 = disposed;
      r.r3 = unregistered;
    }
  }

  /** Two elements where there is room for one: the second replaces the first. */
  @JCStressTest
  @State
  @Outcome(id = "1, 2, 1, 2", expect = ACCEPTABLE, desc = "The other replaced the one.")
  @Outcome(id = "2, 1, 2, 1", expect = ACCEPTABLE, desc = "The one replaced the other.")
  @Outcome(expect = FORBIDDEN, desc = "Lost, doubled, or told otherwise.")
  public static class Newest extends Registered {
    public Newest() {
      super(Overflow.latest());
    }

    @Actor
    public void one(IIII_Result r) {
      meetAsFirst();
      r.r1 = emit(1);
    }

    @Actor
    public void other(IIII_Result r) {
      meetAsSecond();
      r.r2 = emit(2);
    }

    @Arbiter
    public void settle(IIII_Result r) {
      dispatcher.runUntilStalled();
      r.r3 = disposed;
      r.r4 = taken;
    }
  }

  /**
   * The mark was reached, and an element was taken before the loop came to ask for the pause. It
   * comes to it just when one more element comes.
   */
  @JCStressTest
  @State
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Paused, and gone on when it was empty.")
  @Outcome(expect = FORBIDDEN, desc = "A mark was overlooked, or the two did not alternate.")
  public static class Watermark extends Registered {
    private final Marks marks;

    private static final class Marks {
      int pauses;
      int resumes;
    }

    public Watermark() {
      this(new Marks());
    }

    private Watermark(Marks marks) {
      super(Overflow.watermark(0, 2, () -> marks.pauses++, () -> marks.resumes++));
      this.marks = marks;
      emit(1);
      emit(1);
      dispatcher.runUntilStalled(1); // the task takes one
    }

    @Actor
    public void listener() {
      meetAsFirst();
      emit(1);
    }

    @Actor
    public void driver() {
      meetAsSecond();
      dispatcher.runUntilStalled();
    }

    @Arbiter
    public void settle(II_Result r) {
      dispatcher.runUntilStalled();
      r.r1 = marks.pauses;
      for (int i = 0; i < 2; i++) {
        waker.wake();
        dispatcher.runUntilStalled();
      }
      r.r2 = marks.resumes;
    }
  }
}
