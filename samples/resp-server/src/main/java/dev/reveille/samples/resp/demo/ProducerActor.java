package dev.reveille.samples.resp.demo;

import java.util.Random;
import redis.clients.jedis.Jedis;

/** Pushes numbered elements that {@link ConsumerActor}s wait for, and an end for each of them. */
final class ProducerActor extends Actor {
  private final Handover handover;
  private final int consumers;
  private final Random random;

  ProducerActor(Handover handover, int consumers, long seed) {
    super("producer");
    this.handover = handover;
    this.consumers = consumers;
    this.random = new Random(seed);
  }

  @Override
  void play(Jedis jedis, Stage stage) throws InterruptedException {
    String queue = ConsumerActor.queue(stage);
    while (!stage.isOver()) {
      String[] elements = new String[1 + random.nextInt(3)];
      for (int i = 0; i < elements.length; i++) {
        int number = handover.nextNumber(10_000);
        if (number < 0) {
          stage.tally().complain(name(), "RPUSH", "consumers that keep up", "ten seconds of rest");
          return;
        }
        elements[i] = Integer.toString(number);
      }
      long length = jedis.rpush(queue, elements);
      stage.tally().check(length >= 1, name(), "RPUSH", "a length", length);
    }
    for (int i = 0; i < consumers; i++) {
      jedis.rpush(queue, ConsumerActor.END);
    }
  }
}
