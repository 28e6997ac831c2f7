package dev.reveille.benchmarks.cross;

import dev.reveille.benchmarks.Family;
import dev.reveille.benchmarks.JmhCase;
import dev.reveille.benchmarks.Target;
import java.util.Map;

/** What is to be reached in the family {@code cross}. */
public final class CrossFamily {
  private static final String[] REUSABLE_CALLBACKS = {
    "netty", "nettyNio", "nettyEpoll", "vertx", "singleThreadExecutor", "forkJoinPool"
  };

  private CrossFamily() {}

  /** The family. */
  public static Family family() {
    Target level = Target.ratio(1);
    return Family.of(
        "cross",
        new JmhCase("wake", CrossWakeBenchmark.class, level.floorRatio(1.15)),
        new JmhCase("post1", CrossPostBenchmark.class, Map.of("senders", "1"), level),
        new JmhCase("post3", CrossPostBenchmark.class, Map.of("senders", "3"), level),
        new JmhCase("wake3", CrossTasksBenchmark.class, level.against(REUSABLE_CALLBACKS)));
  }
}
