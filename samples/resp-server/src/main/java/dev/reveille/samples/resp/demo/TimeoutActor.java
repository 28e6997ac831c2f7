package dev.reveille.samples.resp.demo;

import java.util.Random;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.util.KeyValue;

/** Waits with BRPOP for what never comes, and checks that it waits as long as it asked for. */
final class TimeoutActor extends Actor {
  static final String KIND = "pops that timed out";

  /** More than a busy machine keeps a thread waiting. */
  private static final int LATEST_MILLIS = 2_000;

  private final Random random;

  TimeoutActor(long seed) {
    super("timeout");
    random = new Random(seed);
  }

  @Override
  void play(Jedis jedis, Stage stage) {
    while (!stage.isOver()) {
      int millis = 1 + random.nextInt(80);
      long start = System.nanoTime();
      KeyValue<String, String> popped =
          jedis.brpop(millis / 1000.0, stage.prefix() + "never", stage.prefix() + "nothing");
      long waited = (System.nanoTime() - start) / 1_000_000;
      String sent = "BRPOP with a time-out of " + millis + " ms";
      stage.tally().check(name(), sent, null, popped);
      // The server's clock ticks in milliseconds.
      boolean inTime = waited >= millis - 1 && waited < millis + LATEST_MILLIS;
      stage.tally().check(inTime, name(), sent, "a reply then", "after " + waited + " ms");
      stage.tally().count(KIND, 1);
    }
  }
}
