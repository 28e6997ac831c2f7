package dev.reveille.samples.compat;

import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.StopToken;
import dev.reveille.contract.Rig;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Something on a loop whose end a test looks at later. A failure counts as seen from the start, so
 * that it is not uncaught if it comes before the test looks.
 *
 * @param <T> the type of the result
 */
public final class Ended<T> {
  private final RunnableDispatcher loop;
  private final JoinHandle<T> handle;
  private final CompletableFuture<T> future;

  private Ended(RunnableDispatcher loop, JoinHandle<T> handle) {
    this.loop = loop;
    this.handle = handle;
    this.future = handle.toCompletableFuture();
  }

  /** Spawns something and runs the loop until it stalls. */
  public static <T> Ended<T> begun(RunnableDispatcher loop, Pollable<T> pollable) {
    Ended<T> begun = new Ended<>(loop, loop.spawn(pollable));
    loop.runUntilStalled();
    return begun;
  }

  /** The same, under a stop token. */
  public static <T> Ended<T> begunUnder(
      RunnableDispatcher loop, StopToken parent, Pollable<T> pollable) {
    Ended<T> begun = new Ended<>(loop, loop.spawnUnder(parent, "under a token", pollable));
    loop.runUntilStalled();
    return begun;
  }

  /** Gives it up, and runs the loop until it stalls. */
  public void cancel() {
    handle.cancel();
    loop.runUntilStalled();
  }

  public boolean isDone() {
    return handle.isDone();
  }

  /** Runs the loop until it has ended, and gives its value. */
  public T value() throws Exception {
    return loop.runUntil(handle.join()).value();
  }

  /** Runs the loop until it has ended, and gives what it failed with. */
  public Throwable failure() throws Exception {
    Rig.awaitState(
        "'" + handle.name() + "' has ended",
        () -> {
          loop.runUntilStalled();
          return future.isDone();
        });
    try {
      throw new AssertionError("'" + handle.name() + "' did not fail: " + future.get());
    } catch (ExecutionException e) {
      return e.getCause();
    } catch (CancellationException e) {
      return e;
    }
  }
}
