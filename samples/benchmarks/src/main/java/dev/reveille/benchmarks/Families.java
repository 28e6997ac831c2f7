package dev.reveille.benchmarks;

import dev.reveille.benchmarks.hop.HopBenchmark;
import java.util.List;
import java.util.Map;

/** All families, and what is to be reached in them: a line each. */
final class Families {
  private static final Target NEAR_FLOOR_AND_NETTY = Target.ratio(1.25).floorRatio(1 / 0.95);

  private static final Target HOP = Target.ratio(2.2).floorRatio(1.5).bytes(0);

  static final List<Family> ALL = List.of(hop(), echo());

  private Families() {}

  private static Family hop() {
    return Family.of(
        "hop",
        new JmhCase("self", HopBenchmark.class, Map.of("tasks", "1"), HOP),
        new JmhCase("wide", HopBenchmark.class, Map.of("tasks", "1000"), HOP));
  }

  private static Family echo() {
    return Family.of(
            "echo",
            new EchoRounds(1, 1, Target.NONE),
            new EchoRounds(64, 1, NEAR_FLOOR_AND_NETTY),
            new EchoRounds(64, 16, NEAR_FLOOR_AND_NETTY),
            new EchoRounds(100, 1, Target.NONE),
            new EchoRounds(10_000, 1, Target.NONE))
        .growing(
            Growth.of(
                "echo, one request at a time",
                "connections",
                Map.of(1, "pingpong-1", 100, "pingpong-100", 10_000, "pingpong-10000")));
  }
}
