package dev.reveille.benchmarks.memory;

import com.sun.management.OperatingSystemMXBean;
import dev.reveille.benchmarks.loop.VirtualThreads;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.util.List;

/**
 * {@code memory.sleeping}: the heap that one who sleeps for a time needs, of a million of them. A
 * process of its own; with the serial collector, which gives back all that can be given back.
 */
public final class MemoryOfSleep {
  private static final int SLEEPERS = 1_000_000;

  /** More than one, for what references and cleaners let go. */
  private static final int COLLECTIONS = 4;

  private MemoryOfSleep() {}

  /**
   * Prints the bytes for a sleeper, and the CPU time that it took to put it to sleep.
   *
   * @param args the competitor
   * @throws Exception if somebody does not sleep
   */
  public static void main(String[] args) throws Exception {
    String competitor = args[0];
    if (competitor.equals("virtualThreads")
        && Runtime.version().feature() < VirtualThreads.FIRST_RELEASE) {
      return; // which says so
    }
    System.err.printf("%s %s%n", competitor, List.of(args).subList(1, args.length));
    new Bedroom(1).fill(competitor); // classes, threads and pools that all share
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long before = usedHeap();
    long cpu = system.getProcessCpuTime();
    Bedroom bedroom = new Bedroom(SLEEPERS);
    bedroom.fill(competitor);
    cpu = system.getProcessCpuTime() - cpu;
    long after = usedHeap();
    bedroom.check();
    System.out.printf(
        "time=%.1f bytes=%.1f%n", (double) cpu / SLEEPERS, (double) (after - before) / SLEEPERS);
    System.exit(0); // the sleepers' loops do not end
  }

  private static long usedHeap() {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    for (int i = 0; i < COLLECTIONS; i++) {
      memory.gc();
    }
    return memory.getHeapMemoryUsage().getUsed();
  }
}
