package dev.reveille.benchmarks.timer;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;

/**
 * {@code timer.sparse}: ten thousand timers at random moments of a second, and then of the next
 * one. Most are far enough from their neighbours that the thread could sleep in between. A process
 * of its own, since what is asked is how much of a core it takes; a hundred microseconds of CPU
 * time for a timer would be all of it.
 */
public final class SparseTimers {
  private static final int A_SECOND = 10_000;

  private SparseTimers() {}

  /**
   * Prints the CPU time for a timer, in nanoseconds.
   *
   * @param args the competitor, and {@code --quick} if a look is enough; {@code --slack} makes
   *     {@code reveille} the one with a slack of a millisecond
   * @throws Exception if timers do not come, or not in their time
   */
  public static void main(String[] args) throws Exception {
    List<String> options = List.of(args);
    boolean quick = options.contains("--quick");
    boolean slack = options.contains("--slack");
    int warmUps = quick ? 2 : 5;
    int seconds = quick ? 3 : 10;
    String competitor = slack && args[0].equals("reveille") ? "reveilleSlack" : args[0];
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    try (Timers timers = Timers.open(competitor, /* armed= */ 0)) {
      Expiries expiries = new Expiries(A_SECOND, 0);
      for (int i = 0; i < warmUps; i++) {
        second(timers, expiries);
      }
      long wall = System.nanoTime();
      long cpu = system.getProcessCpuTime();
      for (int i = 0; i < seconds; i++) {
        second(timers, expiries);
      }
      cpu = system.getProcessCpuTime() - cpu;
      wall = System.nanoTime() - wall;
      System.err.printf(
          "%s: %.1f %% of a core, %.0f us late on average%n",
          competitor, 100.0 * cpu / wall, expiries.meanLateness() / 1000);
      System.out.printf("time=%.1f bytes=NaN%n", (double) cpu / seconds / A_SECOND);
    }
    System.exit(0); // not all of them have threads that end
  }

  private static void second(Timers timers, Expiries expiries) throws Exception {
    expiries.begin();
    timers.fire(expiries);
    expiries.check(/* exactOrder= */ false);
  }
}
