package dev.reveille.benchmarks;

import dev.reveille.benchmarks.bridge.BridgeBenchmark;
import dev.reveille.benchmarks.bridge.BridgeStreamBenchmark;
import dev.reveille.benchmarks.callback.CallbackBenchmark;
import dev.reveille.benchmarks.chain.ChainBenchmark;
import dev.reveille.benchmarks.cross.CrossFamily;
import dev.reveille.benchmarks.hop.HopBenchmark;
import dev.reveille.benchmarks.kotlin.CrossThreadBenchmark;
import dev.reveille.benchmarks.kotlin.DelayBenchmark;
import dev.reveille.benchmarks.kotlin.LaunchBenchmark;
import dev.reveille.benchmarks.kotlin.YieldBenchmark;
import dev.reveille.benchmarks.kotlin.YieldNowBenchmark;
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
          bridge(),
          kotlin(),
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

  private static Family bridge() {
    // A future on our own loop is shown beside.
    Target call =
        Target.ratio(2)
            .against(
                "coroutineRunBlocking",
                "coroutineSingleThreadContext",
                "coroutineExecutor",
                "futureExecutor");
    return Family.of(
        "bridge",
        new JmhCase("onloop", BridgeBenchmark.class, Map.of("bridge", "onloop"), call),
        new JmhCase("foreign", BridgeBenchmark.class, Map.of("bridge", "foreign"), Target.NONE),
        new JmhCase("early", BridgeBenchmark.class, Map.of("bridge", "early"), Target.NONE),
        new JmhCase("stream", BridgeStreamBenchmark.class, Map.of("burst", "1"), Target.NONE),
        new JmhCase("stream-16", BridgeStreamBenchmark.class, Map.of("burst", "16"), Target.NONE));
  }

  private static Family kotlin() {
    Target yield = Target.ratio(1).bytes(0);
    Target yieldNow = // against yield() of others
        Target.ratio(3)
            .against("runBlocking", "newSingleThreadContext", "executor", "limitedParallelism");
    return Family.of(
        "kotlin",
        new JmhCase("yield", YieldBenchmark.class, Map.of("coroutines", "1"), yield),
        new JmhCase("yield-1000", YieldBenchmark.class, Map.of("coroutines", "1000"), yield),
        new JmhCase("yieldnow", YieldNowBenchmark.class, Map.of("coroutines", "1"), yieldNow),
        new JmhCase(
            "yieldnow-1000", YieldNowBenchmark.class, Map.of("coroutines", "1000"), yieldNow),
        new JmhCase("launch", LaunchBenchmark.class, Target.ratio(1).bytes(272)),
        new JmhCase(
            "pingpong",
            dev.reveille.benchmarks.kotlin.PingPongBenchmark.class,
            Target.NONE.bytes(55)),
        new JmhCase("delay", DelayBenchmark.class, Map.of("timers", "true"), Target.ratio(1)),
        new JmhCase("cross", CrossThreadBenchmark.class, Target.ratio(1)));
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
