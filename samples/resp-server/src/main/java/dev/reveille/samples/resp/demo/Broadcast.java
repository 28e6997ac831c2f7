package dev.reveille.samples.resp.demo;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * What a publisher and its subscribers agree on: nothing is sent before all listen, and not too
 * much before all have heard it. Thread-safe.
 */
final class Broadcast {
  private static final int AHEAD = 500;

  private final int subscribers;
  private final CountDownLatch listening;
  private final Semaphore room;

  Broadcast(int subscribers) {
    this.subscribers = subscribers;
    listening = new CountDownLatch(subscribers);
    room = new Semaphore(AHEAD * subscribers);
  }

  int subscribers() {
    return subscribers;
  }

  void listens() {
    listening.countDown();
  }

  void heard() {
    room.release();
  }

  boolean awaitListeners() throws InterruptedException {
    return listening.await(10, TimeUnit.SECONDS);
  }

  boolean awaitRoom() throws InterruptedException {
    return room.tryAcquire(subscribers, 10, TimeUnit.SECONDS);
  }
}
