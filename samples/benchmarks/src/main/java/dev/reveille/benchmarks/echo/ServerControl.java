package dev.reveille.benchmarks.echo;

import com.sun.management.ThreadMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;

/**
 * The other side of a server's standard input and output, the same for all servers. Says the port,
 * then answers each line with what the threads that serve have allocated, and how many collections
 * there were. Ends the process when its input ends, so that no server outlives the comparison.
 */
final class ServerControl {
  private ServerControl() {}

  /** Takes the main thread. */
  static void serve(int port) {
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    System.out.println("port " + port);
    try {
      while (in.readLine() != null) {
        System.out.println("so allocated " + allocated() + " collections " + collections());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      // Not exit(): how the peers shut down is not what is measured.
      Runtime.getRuntime().halt(0);
    }
  }

  /** Of all threads but this one. Virtual threads allocate in the name of their carriers. */
  private static long allocated() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long own = Thread.currentThread().getId();
    long sum = 0;
    for (long id : threads.getAllThreadIds()) {
      if (id != own) {
        sum += Math.max(0, threads.getThreadAllocatedBytes(id)); // -1: it has just ended
      }
    }
    return sum;
  }

  private static long collections() {
    return ManagementFactory.getGarbageCollectorMXBeans().stream()
        .mapToLong(GarbageCollectorMXBean::getCollectionCount)
        .sum();
  }
}
