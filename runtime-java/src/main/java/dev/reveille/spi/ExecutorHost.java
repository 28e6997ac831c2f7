package dev.reveille.spi;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A {@link ScheduledExecutorService} as a {@link Host}: a pool of one thread or of several. The
 * dispatcher's drains are ordinary commands of it, one at a time, on whichever thread is free.
 *
 * <pre>{@code
 * ScheduledExecutorService pool = Executors.newScheduledThreadPool(3);
 * HostedDispatcher dispatcher = HostedDispatcher.on(ExecutorHost.of(pool));
 * Map<String, Integer> words = new HashMap<>(); // a plain one: one drain runs at a time
 * for (String word : text.split(" ")) {
 *   dispatcher.post(() -> words.merge(word, 1, Integer::sum));
 * }
 * dispatcher.shutdown(); // what was posted still runs
 * boolean done = dispatcher.awaitClosed(Duration.ofSeconds(10));
 * pool.shutdown();
 * }</pre>
 *
 * <p>An executor does not tell which threads are its own, so {@link #inHost} is false. A command of
 * a pool with a single thread must not close the dispatcher that lives on it: it would wait for
 * itself.
 *
 * <p><b>Threading.</b> As {@link Host} says.
 */
public final class ExecutorHost implements Host {
  private final ScheduledExecutorService executor;

  /** By one thread at a time: see {@link Host#wakeAfter}. */
  private @Nullable Future<?> wakeup;

  private ExecutorHost(ScheduledExecutorService executor) {
    this.executor = executor;
  }

  /**
   * Makes a host of an executor, for one dispatcher. Who made the executor shuts it down, after the
   * dispatcher.
   *
   * @param executor runs the drains
   * @return a new host
   */
  public static ExecutorHost of(ScheduledExecutorService executor) {
    return new ExecutorHost(requireNonNull(executor, "executor"));
  }

  @Override
  public void execute(Runnable drain) {
    executor.execute(drain);
  }

  @Override
  public void wakeAfter(long nanos, Runnable drain) {
    Future<?> before = wakeup;
    wakeup = null;
    if (before != null) {
      before.cancel(false);
    }
    if (nanos != Long.MAX_VALUE) {
      wakeup = executor.schedule(drain, nanos, TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public boolean inHost() {
    return false;
  }

  @Override
  public String toString() {
    return "ExecutorHost[" + executor + "]";
  }
}
