package dev.reveille.benchmarks.memory;

import dev.reveille.BasicDispatcher;
import dev.reveille.benchmarks.loop.VirtualThreads;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Puts many to sleep for hours, each competitor in its own way, and keeps them there. */
final class Bedroom {
  private static final long LEAST_SECONDS = 10_000;
  private static final long MOST_SECONDS = 20_000;

  private final SplittableRandom random = new SplittableRandom(42);
  private final Sleepers sleepers = new Sleepers();
  private final int count;

  /** What would be collected else. */
  private Object keeps = this;

  Bedroom(int count) {
    this.count = count;
  }

  void fill(String competitor) throws InterruptedException {
    switch (competitor) {
      case "reveille" -> tasks();
      case "kotlinRunBlocking" -> keeps = new SleepingCoroutines(count, sleepers, this::seconds);
      case "completableFuture" -> futures();
      case "virtualThreads" -> virtualThreads();
      default -> throw new IllegalArgumentException("unknown competitor: " + competitor);
    }
    sleepers.await(count);
  }

  /** Whether all are still asleep; and it keeps them from the collector. */
  void check() {
    sleepers.check(count);
    if (keeps == this) {
      throw new IllegalStateException("nobody is in here");
    }
  }

  private long seconds() {
    return random.nextLong(LEAST_SECONDS, MOST_SECONDS);
  }

  /** A task, its posting, its timer. */
  private void tasks() {
    BasicDispatcher dispatcher = new BasicDispatcher();
    long now = dispatcher.ticker().read();
    dispatcher.post(
        () -> {
          for (int i = 0; i < count; i++) {
            long deadline = now + TimeUnit.SECONDS.toNanos(seconds());
            dispatcher.post(new SleepingTask(dispatcher, sleepers, deadline));
          }
        });
    dispatcher.runUntilStalled();
    keeps = dispatcher;
  }

  /** A future that completes by itself after a time, and one step after it. */
  private void futures() {
    for (int i = 0; i < count; i++) {
      new CompletableFuture<Void>()
          .completeOnTimeout(null, seconds(), TimeUnit.SECONDS)
          .thenRun(sleepers::woke);
      sleepers.sleeps();
    }
    keeps = sleepers; // the JDK's delayer keeps them
  }

  /** A virtual thread that parks for a time, with the frames of its own run method. */
  private void virtualThreads() {
    Thread[] all = new Thread[count];
    for (int i = 0; i < count; i++) {
      long nanos = Duration.ofSeconds(seconds()).toNanos();
      all[i] = VirtualThreads.start(() -> sleep(nanos));
    }
    keeps = all;
  }

  private void sleep(long nanos) {
    long deadline = System.nanoTime() + nanos;
    sleepers.sleeps();
    for (long left = nanos; left > 0; left = deadline - System.nanoTime()) {
      LockSupport.parkNanos(this, left);
    }
    sleepers.woke();
  }
}
