package dev.reveille.benchmarks.echo;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The CPU time that another process has spent so far, as the system counts it.
 *
 * <p>Linux tells it in nanoseconds for each thread ({@code schedstat}), and in ticks of 10 ms for
 * the process ({@code stat}), which still knows the threads that have ended. So the nanoseconds are
 * taken if no thread has ended in between, else the ticks. Elsewhere the JDK tells what it can.
 *
 * <p>Where threads are told apart, those of the JIT compilers are left out: they go on for a long
 * time after the warm-up, in bursts, and what is measured is the compiled server.
 *
 * @param threads nanoseconds by thread; empty where the system does not tell
 * @param user user time of the process in ticks; -1 where the system does not tell
 * @param system system time of the process in ticks
 * @param total as the JDK has it
 */
record ServerCpu(Map<String, Long> threads, long user, long system, Duration total) {
  private static final long NANOS_PER_TICK = 10_000_000; // USER_HZ is 100 on every Linux

  /** Fields of {@code stat} after the name, which is in parentheses and may hold anything. */
  private static final int USER = 11;

  private static final int SYSTEM = 12;

  /** In the names of the compilers' threads, which the kernel cuts off after 15 bytes. */
  private static final String COMPILER = "CompilerThre";

  static ServerCpu of(long pid) throws IOException {
    Path process = Path.of("/proc", Long.toString(pid));
    Duration total =
        ProcessHandle.of(pid)
            .flatMap(handle -> handle.info().totalCpuDuration())
            .orElse(Duration.ZERO);
    Path stat = process.resolve("stat");
    if (!Files.exists(stat)) {
      return new ServerCpu(Map.of(), -1, -1, total);
    }
    String line = Files.readString(stat);
    List<String> fields = List.of(line.substring(line.lastIndexOf(')') + 2).split(" "));
    return new ServerCpu(
        threads(process),
        Long.parseLong(fields.get(USER)),
        Long.parseLong(fields.get(SYSTEM)),
        total);
  }

  private static Map<String, Long> threads(Path process) throws IOException {
    Map<String, Long> threads = new HashMap<>();
    try (DirectoryStream<Path> tasks = Files.newDirectoryStream(process.resolve("task"))) {
      for (Path task : tasks) {
        Path schedstat = task.resolve("schedstat");
        if (!Files.exists(schedstat)) {
          continue; // the thread has ended, or this kernel does not count
        }
        if (Files.readString(task.resolve("comm")).contains(COMPILER)) {
          continue;
        }
        String text = Files.readString(schedstat);
        threads.put(task.toString(), Long.parseLong(text.substring(0, text.indexOf(' '))));
      }
    }
    return threads;
  }

  /** Nanoseconds spent since an earlier reading. */
  long nanosSince(ServerCpu before) {
    if (!before.threads.isEmpty() && threads.keySet().containsAll(before.threads.keySet())) {
      return sum(threads) - sum(before.threads);
    }
    if (user >= 0) {
      return (user + system - before.user - before.system) * NANOS_PER_TICK;
    }
    return total.minus(before.total).toNanos();
  }

  /** The part of it that was spent in the kernel; sampled, so only roughly. 0 if not known. */
  double systemShareSince(ServerCpu before) {
    long ticks = user + system - before.user - before.system;
    return user < 0 || ticks == 0 ? 0 : (double) (system - before.system) / ticks;
  }

  private static long sum(Map<String, Long> threads) {
    return threads.values().stream().mapToLong(Long::longValue).sum();
  }
}
