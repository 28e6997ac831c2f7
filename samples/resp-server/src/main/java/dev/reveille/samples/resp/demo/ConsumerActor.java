package dev.reveille.samples.resp.demo;

import redis.clients.jedis.Jedis;
import redis.clients.jedis.util.KeyValue;

/**
 * Takes what a {@link ProducerActor} pushes, with BLPOP on that list and one that stays empty. As
 * the list is first in, first out, the numbers that one consumer sees only grow.
 */
final class ConsumerActor extends Actor {
  static final String KIND = "blocking pops";
  static final String END = "end";

  private static final double TIMEOUT_SECONDS = 10;

  private final Handover handover;

  ConsumerActor(int number, Handover handover) {
    super("consumer-" + number);
    this.handover = handover;
  }

  static String queue(Stage stage) {
    return stage.prefix() + "queue";
  }

  @Override
  void play(Jedis jedis, Stage stage) {
    String queue = queue(stage);
    Tally tally = stage.tally();
    int latest = -1;
    while (true) {
      KeyValue<String, String> popped =
          jedis.blpop(TIMEOUT_SECONDS, stage.prefix() + "empty", queue);
      if (popped == null) {
        tally.complain(name(), "BLPOP", "an element", "nothing in " + TIMEOUT_SECONDS + " s");
        return;
      }
      tally.check(name(), "BLPOP", queue, popped.getKey());
      if (popped.getValue().equals(END)) {
        return;
      }
      int number = Integer.parseInt(popped.getValue());
      tally.check(number > latest, name(), "BLPOP", "one behind " + latest, number);
      tally.check(handover.receive(number), name(), "BLPOP", "each once", number + " again");
      tally.count(KIND, 1);
      latest = number;
    }
  }
}
