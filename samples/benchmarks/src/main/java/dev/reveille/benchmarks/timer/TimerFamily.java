package dev.reveille.benchmarks.timer;

import dev.reveille.benchmarks.Case;
import dev.reveille.benchmarks.Family;
import dev.reveille.benchmarks.Growth;
import dev.reveille.benchmarks.JmhCase;
import dev.reveille.benchmarks.ProcessCase;
import dev.reveille.benchmarks.Target;
import java.util.List;
import java.util.Map;

/** What is to be reached in the family {@code timer}. */
public final class TimerFamily {
  /** Not the other way to use ours, which is shown beside. */
  private static final String[] PEERS = {
    "agronaWheel",
    "hashedWheelTimer",
    "nettyNio",
    "scheduledThreadPoolExecutor",
    "vertx",
    "kotlinRunBlocking"
  };

  private static final List<String> SPARSE =
      List.of(
          Case.REVEILLE,
          Case.FLOOR,
          "hashedWheelTimer",
          "agronaWheel",
          "nettyNio",
          "scheduledThreadPoolExecutor",
          "vertx",
          "kotlinRunBlocking");

  private TimerFamily() {}

  /** The family. */
  public static Family family() {
    Target faster = Target.ratio(1.2).against(PEERS);
    Target some = Target.NONE.against(PEERS);
    return Family.of(
            "timer",
            armCancel("armcancel", "1000000", faster),
            armCancel("armcancel-1000", "1000", some),
            armCancel("armcancel-1", "1", some),
            rearm("rearm", "1000000", faster.bytes(0)),
            rearm("rearm-1000", "1000", some.bytes(0)),
            rearm("rearm-1", "1", some.bytes(0)),
            new JmhCase(
                "fire",
                TimerFireBenchmark.class,
                Target.ratio(2).against("nettyNio", "scheduledThreadPoolExecutor")),
            // 8000 ns of CPU time for a timer are 8 % of a core
            sparse("sparse", List.of(), 8000),
            sparse("sparse-slack", List.of("--slack"), 5000))
        .growing(
            Growth.of(
                "to arm a timer and take it back",
                "others that are armed",
                Map.of(1, "armcancel-1", 1000, "armcancel-1000", 1_000_000, "armcancel")))
        .growing(
            Growth.of(
                "to move a timer",
                "others that are armed",
                Map.of(1, "rearm-1", 1000, "rearm-1000", 1_000_000, "rearm")));
  }

  private static Case armCancel(String name, String armed, Target target) {
    return new JmhCase(name, TimerArmCancelBenchmark.class, Map.of("armed", armed), target);
  }

  private static Case rearm(String name, String armed, Target target) {
    return new JmhCase(name, TimerRearmBenchmark.class, Map.of("armed", armed), target);
  }

  private static Case sparse(String name, List<String> args, double nanos) {
    List<String> jvm = List.of("-XX:+UseSerialGC", "-Xms256m", "-Xmx256m");
    return new ProcessCase(
        name, SparseTimers.class, SPARSE, args, jvm, Target.NONE.against(PEERS).nanos(nanos));
  }
}
