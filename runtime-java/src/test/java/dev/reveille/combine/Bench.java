package dev.reveille.combine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.MockTime;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One loop on mock time, and what becomes of pollables on it. */
final class Bench {
  final Rig rig = new Rig(BasicDispatcher::new);
  final RunnableDispatcher loop = rig.dispatcher();

  MockTime time() {
    return rig.time();
  }

  void run() {
    loop.runUntilStalled();
  }

  void advance(Duration duration) {
    rig.time().advance(duration);
  }

  /** A running pollable. */
  static final class Running<T extends @Nullable Object> {
    final JoinHandle<T> handle;
    final CompletableFuture<T> future;

    Running(JoinHandle<T> handle) {
      this.handle = handle;
      this.future = handle.toCompletableFuture();
    }

    boolean isDone() {
      return handle.isDone();
    }

    /** The value; it has to be there. */
    T value() {
      assertThat(future).isDone();
      return future.join();
    }

    /** What it threw; it has to have failed. */
    Throwable failure() {
      assertThat(future).isDone();
      Throwable thrown = future.handle((value, t) -> t).join(); // join() itself may wrap it
      assertThat(thrown).as("a failure").isNotNull();
      return thrown;
    }
  }

  /** Spawns, and runs the loop until it stalls. */
  <T extends @Nullable Object> Running<T> start(Pollable<T> pollable) {
    Running<T> running = new Running<>(loop.spawn("under test", pollable));
    run();
    return running;
  }

  /** Not in a try-with-resources: it may be interrupted. */
  void close() throws Exception {
    rig.close();
  }
}
