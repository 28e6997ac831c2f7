package dev.reveille.samples.resp.demo;

import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisPubSub;

/** Listens to a {@link PublisherActor}, and checks that all messages come, once and in order. */
final class SubscriberActor extends Actor {
  static final String KIND = "messages delivered";
  static final String END = "end";

  private final Broadcast broadcast;

  SubscriberActor(int number, Broadcast broadcast) {
    super("subscriber-" + number);
    this.broadcast = broadcast;
  }

  static String channel(Stage stage) {
    return stage.prefix() + "channel";
  }

  @Override
  void play(Jedis jedis, Stage stage) {
    String channel = channel(stage);
    jedis.subscribe(new Listener(stage), channel, channel + "-quiet");
    stage.tally().check(name(), "PING after UNSUBSCRIBE", "PONG", jedis.ping());
  }

  private final class Listener extends JedisPubSub {
    private final Stage stage;
    private int expected;
    private int subscriptions;

    Listener(Stage stage) {
      this.stage = stage;
    }

    @Override
    public void onSubscribe(String channel, int count) {
      stage.tally().check(name(), "SUBSCRIBE", ++subscriptions, count);
      if (subscriptions == 2) {
        broadcast.listens();
      }
    }

    @Override
    public void onUnsubscribe(String channel, int count) {
      stage.tally().check(name(), "UNSUBSCRIBE", --subscriptions, count);
    }

    @Override
    public void onMessage(String channel, String message) {
      stage.tally().check(name(), "SUBSCRIBE", channel(stage), channel);
      if (message.equals(END)) {
        unsubscribe();
        return;
      }
      stage.tally().check(name(), "SUBSCRIBE", Integer.toString(expected++), message);
      stage.tally().count(KIND, 1);
      broadcast.heard();
    }
  }
}
