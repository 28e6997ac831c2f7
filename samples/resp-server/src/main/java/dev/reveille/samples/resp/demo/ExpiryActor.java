package dev.reveille.samples.resp.demo;

import java.util.Random;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.params.SetParams;

/**
 * Sets keys that end soon and watches them go: there while they must be, gone when they must be. In
 * between neither is checked, as only the server knows when it got the command.
 */
final class ExpiryActor extends Actor {
  static final String KIND = "keys that expired";

  private final Random random;

  ExpiryActor(long seed) {
    super("expiry");
    random = new Random(seed);
  }

  @Override
  void play(Jedis jedis, Stage stage) throws InterruptedException {
    String key = stage.prefix() + "expiring";
    while (!stage.isOver()) {
      int millis = 20 + random.nextInt(60);
      long before = System.nanoTime();
      if (random.nextBoolean()) {
        jedis.set(key, "v", SetParams.setParams().px(millis));
      } else {
        jedis.set(key, "v");
        jedis.pexpire(key, millis);
      }
      long after = System.nanoTime();
      watch(jedis, stage, key, millis, before, after);
      stage.tally().count(KIND, 1);
    }
  }

  private void watch(Jedis jedis, Stage stage, String key, int millis, long before, long after)
      throws InterruptedException {
    Tally tally = stage.tally();
    while (true) {
      long asked = System.nanoTime();
      String value = jedis.get(key);
      long left = jedis.pttl(key);
      long answered = System.nanoTime();
      String sent = "GET and PTTL of a key with PX " + millis;
      // Its clock ticks in milliseconds, so one of them is neither here nor there.
      boolean mustBeThere = answered - before < (millis - 1) * 1_000_000L;
      boolean mustBeGone = asked - after > (millis + 2) * 1_000_000L;
      tally.check(!(mustBeThere && value == null), name(), sent, "a value", "none");
      tally.check(!(mustBeGone && value != null), name(), sent, "no value", value + " " + left);
      tally.check(left <= millis && left >= -2 && left != -1, name(), sent, "0 to " + millis, left);
      if (mustBeGone) {
        tally.check(name(), "EXISTS", false, jedis.exists(key));
        return;
      }
      Thread.sleep(5);
    }
  }
}
