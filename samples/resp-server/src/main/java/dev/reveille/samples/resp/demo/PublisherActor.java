package dev.reveille.samples.resp.demo;

import redis.clients.jedis.Jedis;

/** Publishes numbers, and checks each time how many got them. */
final class PublisherActor extends Actor {
  private final Broadcast broadcast;

  PublisherActor(Broadcast broadcast) {
    super("publisher");
    this.broadcast = broadcast;
  }

  @Override
  void play(Jedis jedis, Stage stage) throws InterruptedException {
    Tally tally = stage.tally();
    String channel = SubscriberActor.channel(stage);
    tally.check(name(), "PUBLISH to nobody", 0L, jedis.publish(channel + "-unheard", "x"));
    if (!broadcast.awaitListeners()) {
      tally.complain(name(), "SUBSCRIBE", "subscribers", "not all in ten seconds");
      return;
    }
    for (int number = 0; !stage.isOver(); number++) {
      if (!broadcast.awaitRoom()) {
        tally.complain(name(), "PUBLISH", "subscribers that keep up", "ten seconds of rest");
        break;
      }
      long receivers = jedis.publish(channel, Integer.toString(number));
      tally.check(name(), "PUBLISH", (long) broadcast.subscribers(), receivers);
    }
    jedis.publish(channel, SubscriberActor.END);
  }
}
