package dev.reveille.benchmarks.memory;

import dev.reveille.benchmarks.Case;
import dev.reveille.benchmarks.Family;
import dev.reveille.benchmarks.ProcessCase;
import dev.reveille.benchmarks.Target;
import java.util.ArrayList;
import java.util.List;

/** What is to be reached in the family {@code memory}. */
public final class MemoryFamily {
  private static final int FIRST_WITH_COMPACT_HEADERS = 25;

  private MemoryFamily() {}

  /** The family. What this JDK has no flag for is left out. */
  public static Family family() {
    Case sleeping = sleeping("sleeping", List.of(), Target.NONE.bytes(128));
    return Runtime.version().feature() < FIRST_WITH_COMPACT_HEADERS
        ? Family.of("memory", sleeping)
        : Family.of(
            "memory",
            sleeping,
            sleeping("sleeping-compact", List.of("-XX:+UseCompactObjectHeaders"), Target.NONE));
  }

  private static Case sleeping(String name, List<String> flags, Target target) {
    List<String> jvm = new ArrayList<>(flags);
    jvm.addAll(List.of("-XX:+UseSerialGC", "-Xms4g", "-Xmx4g"));
    // What a thread has set aside for itself counts as used: else 22 MB, in so large a heap.
    jvm.addAll(List.of("-XX:TLABSize=64k", "-XX:-ResizeTLAB"));
    List<String> competitors =
        List.of(Case.REVEILLE, "kotlinRunBlocking", "completableFuture", "virtualThreads");
    return new ProcessCase(name, MemoryOfSleep.class, competitors, List.of(), jvm, target);
  }
}
