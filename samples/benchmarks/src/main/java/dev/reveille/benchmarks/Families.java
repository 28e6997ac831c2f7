package dev.reveille.benchmarks;

import dev.reveille.benchmarks.callback.CallbackBenchmark;
import dev.reveille.benchmarks.chain.ChainBenchmark;
import dev.reveille.benchmarks.cross.CrossFamily;
import dev.reveille.benchmarks.hop.HopBenchmark;
import dev.reveille.benchmarks.memory.MemoryFamily;
import dev.reveille.benchmarks.pingpong.PingPongBenchmark;
import dev.reveille.benchmarks.spawn.SpawnBenchmark;
import dev.reveille.benchmarks.timer.TimerFamily;
import java.util.List;
import java.util.Map;

/** All families, and what is to be reached in them: a line each. */
final class Families {
  private static final Target NEAR_FLOOR_AND_NETTY = Target.ratio(1.25).floorRatio(1 / 0.95);

  private static final Target HOP = Target.ratio(2.2).floorRatio(1.5).bytes(0);

  static final List<Family> ALL =
      List.of(
          hop(),
          callback(),
          spawn(),
          pingpong(),
          chain(),
          CrossFamily.family(),
          TimerFamily.family(),
          MemoryFamily.family(),
          echo());

  private Families() {}

  private static Family hop() {
    return Family.of(
            "hop",
            new JmhCase("self", HopBenchmark.class, Map.of("tasks", "1"), HOP),
            new JmhCase("wide", HopBenchmark.class, Map.of("tasks", "1000"), HOP),
            new JmhCase("million", HopBenchmark.class, Map.of("tasks", "1000000"), Target.ratio(1)))
        .growing(
            Growth.of("a hop", "tasks", Map.of(1, "self", 1000, "wide", 1_000_000, "million")));
  }

  private static Family callback() {
    Target callback = Target.ratio(1.5).bytes(0);
    return Family.of(
        "callback",
        new JmhCase("hop", CallbackBenchmark.class, Map.of("tasks", "1"), callback),
        new JmhCase("hop-1000", CallbackBenchmark.class, Map.of("tasks", "1000"), Target.NONE));
  }

  private static Family spawn() {
    Target batch =
        Target.ratio(4)
            .against("kotlinRunBlocking", "virtualThreads")
            .bytes(112 + SpawnBenchmark.BYTES_OF_THE_CALLER);
    return Family.of("spawn", new JmhCase("batch", SpawnBenchmark.class, batch));
  }

  private static Family pingpong() {
    return Family.of(
        "pingpong",
        new JmhCase(
            "channel", PingPongBenchmark.class, Map.of("form", "POLLS"), Target.ratio(3).bytes(32)),
        new JmhCase(
            "channel-operations",
            PingPongBenchmark.class,
            Map.of("form", "OPERATIONS"),
            Target.ratio(3).bytes(128)));
  }

  private static Family chain() {
    return Family.of("chain", new JmhCase("ten", ChainBenchmark.class, Target.ratio(3).bytes(100)));
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
