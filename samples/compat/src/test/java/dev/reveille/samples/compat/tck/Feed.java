package dev.reveille.samples.compat.tck;

import dev.reveille.callback.EmitResult;
import dev.reveille.callback.Emitter;
import dev.reveille.callback.Overflow;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.sync.PollStream;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A callback API that knows no demand: it calls its listeners on threads of its own. */
final class Feed implements AutoCloseable {
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          runnable -> {
            Thread thread = new Thread(runnable, "feed");
            thread.setDaemon(true);
            return thread;
          });

  /** The numbers from zero, from a thread that waits for room. */
  PollStream<Long> blocking(long count) {
    return numbers(count, Overflow.block(16), new Valve());
  }

  /** The same from a thread that is told to pause and to go on. */
  PollStream<Long> pausing(long count) {
    Valve valve = new Valve();
    return numbers(count, Overflow.watermark(4, 16, valve::shut, valve::open), valve);
  }

  private PollStream<Long> numbers(long count, Overflow overflow, Valve valve) {
    return Callbacks.stream(
        "numbers of the feed",
        overflow,
        emitter -> {
          threads.execute(() -> call(emitter, count, valve));
          return valve::open; // and it finds that nobody listens
        });
  }

  private static void call(Emitter<Long> emitter, long count, Valve valve) {
    for (long n = 0; n < count; n++) {
      valve.pass();
      if (emitter.next(n) instanceof EmitResult.Terminated) {
        return;
      }
    }
    emitter.complete();
  }

  @Override
  public void close() throws InterruptedException {
    threads.shutdown();
    if (!threads.awaitTermination(20, TimeUnit.SECONDS)) {
      throw new AssertionError("a feed goes on though nobody listens");
    }
  }

  /** Lets the thread of the feed pass, or not. */
  private static final class Valve {
    private boolean shut;

    synchronized void shut() {
      shut = true;
    }

    synchronized void open() {
      shut = false;
      notifyAll();
    }

    synchronized void pass() {
      boolean interrupted = false;
      while (shut) {
        try {
          wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
