package dev.reveille;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.reveille.callback.EmitResult;
import dev.reveille.callback.Emitter;
import dev.reveille.callback.Overflow;
import dev.reveille.sync.PollStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** A callback against the one who consumes what it brings, or who ends it. */
public final class EmitterVersusPoll {
  private EmitterVersusPoll() {}

  /** A stream of two overflows, each in its own way of keeping elements. */
  static class Streams extends Meeting {
    final BasicDispatcher dispatcher = Rig.dispatcher();
    final AtomicInteger dropped = new AtomicInteger();
    final List<Emitter<int[]>> emitters = new ArrayList<>();
    int delivered;
    int ends;

    private PollStream<int[]> stream(Overflow overflow) {
      return Emitter.stream(
          "elements",
          overflow,
          element -> dropped.getAndAdd(element[0]),
          emitter -> {
            emitters.add(emitter);
            return () -> {};
          });
    }

    /** A task that consumes both. */
    final JoinHandle<Complete> consumer =
        dispatcher.spawn(
            new Pollable<Complete>() {
              private final PollStream<int[]> linked = stream(Overflow.unbounded());
              private final PollStream<int[]> newest = stream(Overflow.latest());
              private boolean linkedEnded;
              private boolean newestEnded;

              @Override
              public Poll<Complete> poll(Context cx) throws Exception {
                linkedEnded = linkedEnded || consume(cx, linked);
                newestEnded = newestEnded || consume(cx, newest);
                return linkedEnded && newestEnded ? Poll.ready() : Poll.pending();
              }

              private boolean consume(Context cx, PollStream<int[]> stream) throws Exception {
                for (; ; ) {
                  Poll<int @Nullable []> poll = stream.pollNext(cx);
                  if (poll.isPending()) {
                    return false;
                  }
                  int[] element = poll.value();
                  if (element == null) {
                    ends++;
                    return true;
                  }
                  delivered += element[0]; // a plain field: the emitter orders it
                }
              }

              @Override
              public void cancel() {
                linked.cancel();
                newest.cancel();
              }
            });

    /** One element, written before it is given, to each. Returns how many were taken. */
    final int emit() {
      int taken = 0;
      for (Emitter<int[]> emitter : emitters) {
        int[] element = new int[1];
        element[0] = 1;
        if (emitter.next(element) instanceof EmitResult.Enqueued) {
          taken++;
        }
      }
      return taken;
    }
  }

  /** An element just when the consumer finds nothing and begins to wait. */
  @JCStressTest
  @State
  @Outcome(id = "2, 0", expect = ACCEPTABLE, desc = "Both elements were delivered.")
  @Outcome(expect = FORBIDDEN, desc = "An element is there, and its consumer sleeps.")
  public static class Waiting extends Streams {
    public Waiting() {
      dispatcher.runUntilStalled(); // registers
      for (Emitter<int[]> emitter : emitters) {
        emitter.next(new int[1]); // so that it has to begin to wait once more
      }
    }

    @Actor
    public void source() {
      meetAsFirst();
      emit();
    }

    @Actor
    public void driver() {
      meetAsSecond();
      dispatcher.runUntilStalled();
    }

    @Arbiter
    public void settle(II_Result r) {
      dispatcher.runUntilStalled();
      r.r1 = delivered + dropped.get();
      r.r2 = dropped.get();
    }
  }

  /** An element just when another thread ends the stream. */
  @JCStressTest
  @State
  @Outcome(
      id = {"2, 2, 2", "1, 2, 2", "0, 2, 2"},
      expect = ACCEPTABLE,
      desc = "What was taken was delivered, the rest dropped, and then came the end.")
  @Outcome(expect = FORBIDDEN, desc = "An element is lost or has two fates, or the end is missing.")
  public static class Ending extends Streams {
    private int taken;

    public Ending() {
      dispatcher.runUntilStalled();
    }

    @Actor
    public void source() {
      meetAsFirst();
      taken = emit();
    }

    @Actor
    public void ending() {
      meetAsSecond();
      for (Emitter<int[]> emitter : emitters) {
        emitter.complete();
      }
    }

    @Arbiter
    public void settle(III_Result r) {
      dispatcher.runUntilStalled();
      r.r1 = taken;
      r.r2 = delivered == taken ? delivered + dropped.get() : -1;
      r.r3 = ends;
    }
  }

  /** An element just when the consumer is cancelled. */
  @JCStressTest
  @State
  @Outcome(id = "2", expect = ACCEPTABLE, desc = "Each was delivered or dropped.")
  @Outcome(id = "1", expect = FORBIDDEN, desc = "An element was lost.")
  @Outcome(expect = FORBIDDEN, desc = "An element has two fates, or none.")
  public static class Cancelling extends Streams {
    public Cancelling() {
      dispatcher.runUntilStalled();
      consumer.cancel();
    }

    @Actor
    public void source() {
      meetAsFirst();
      emit();
    }

    @Actor
    public void driver() {
      meetAsSecond();
      dispatcher.runUntilStalled();
    }

    @Arbiter
    public void settle(I_Result r) {
      dispatcher.runUntilStalled(); // what is dropped
      r.r1 = delivered + dropped.get();
    }
  }
}
