package dev.reveille;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import dev.reveille.spi.Host;
import dev.reveille.spi.HostedDispatcher;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/**
 * What asks a hosted dispatcher for a drain, against a drain that ends: there is another one if
 * something is left to do, and never two at a time. First number: how often what was posted ran;
 * second: how many drains were queued at most.
 */
public final class HostedDrains {

  /** Keeps what it is given. */
  private static final class Kept implements Host {
    private final ConcurrentLinkedQueue<Runnable> drains = new ConcurrentLinkedQueue<>();
    private final AtomicReference<@Nullable Runnable> wakeup = new AtomicReference<>();
    private volatile int most;

    @Override
    public void execute(Runnable drain) {
      drains.add(drain);
      if (drains.size() > most) {
        most = drains.size();
      }
    }

    @Override
    public void wakeAfter(long nanos, Runnable drain) {
      wakeup.set(nanos == Long.MAX_VALUE ? null : drain);
    }

    @Override
    public boolean inHost() {
      return true;
    }

    void runOne() {
      Runnable drain = drains.poll();
      if (drain != null) {
        drain.run();
      }
    }

    void runAll() {
      for (Runnable drain = drains.poll(); drain != null; drain = drains.poll()) {
        drain.run();
      }
    }

    /** Its clock has struck. Returns false if it was not asked to look at it. */
    boolean wakeUp() {
      Runnable drain = wakeup.getAndSet(null);
      if (drain != null) {
        drain.run();
      }
      return drain != null;
    }
  }

  private HostedDrains() {}

  /** A post against a drain. */
  @JCStressTest
  @State
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "It ran.")
  @Outcome(expect = FORBIDDEN, desc = "Lost, run twice, or two drains at a time.")
  public static class Post extends Meeting {
    private final Kept host = new Kept();
    private final HostedDispatcher dispatcher = HostedDispatcher.on(host, Rig.OPTIONS);
    private int ran;

    @Actor
    public void poster() {
      meetAsFirst();
      dispatcher.post(() -> ran++);
    }

    @Actor
    public void pool() {
      meetAsSecond();
      host.runOne();
    }

    @Arbiter
    public void end(II_Result r) {
      host.runAll();
      r.r1 = ran;
      r.r2 = host.most;
    }
  }

  /**
   * The host's wake-up, when a timer is due, against a drain that may have read the clock before.
   */
  @JCStressTest
  @State
  @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "The timer fired.")
  @Outcome(expect = FORBIDDEN, desc = "The timer is due, and nobody will ever look.")
  public static class Wakeup extends Meeting {
    private final Kept host = new Kept();

    /** Volatile: written by the clock, read by drains. */
    private volatile long time;

    private final HostedDispatcher dispatcher =
        HostedDispatcher.on(host, Rig.OPTIONS.withTicker(() -> time));
    private int ran;

    public Wakeup() {
      dispatcher.postAt(1, () -> ran++);
      host.runAll();
      dispatcher.post(() -> {});
    }

    @Actor
    public void pool() {
      meetAsFirst();
      host.runOne();
    }

    @Actor
    public void clock() {
      meetAsSecond();
      time = 2;
      host.wakeUp();
    }

    @Arbiter
    public void end(II_Result r) {
      do {
        host.runAll();
      } while (host.wakeUp());
      r.r1 = ran;
      r.r2 = host.most;
    }
  }
}
