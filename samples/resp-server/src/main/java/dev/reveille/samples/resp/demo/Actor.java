package dev.reveille.samples.resp.demo;

import redis.clients.jedis.Jedis;

/** One client: what it does with its connection. */
abstract class Actor {
  private final String name;

  Actor(String name) {
    this.name = name;
  }

  /** For messages and as the thread's name. */
  final String name() {
    return name;
  }

  /** Works until {@code stage} says that the time is over, then cleans up. */
  abstract void play(Jedis jedis, Stage stage) throws InterruptedException;
}
