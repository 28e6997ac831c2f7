package dev.reveille;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * Several dispatchers, each driven by a thread of its own: for programs that need more than one
 * core. A task stays on the dispatcher that it was posted to; the group only says which one to
 * take.
 *
 * <pre>{@code
 * try (var group = DispatcherGroup.start("worker", 2, BasicDispatcher::new)) {
 *   JoinHandle<String> user = group.forKey("user 17").spawn("greet", cx -> Poll.ready("hello"));
 *   group.leastLoaded().post(() -> audit.add("whoever has time"));
 *   group.shutdown();
 *   group.awaitClosed(Duration.ofSeconds(10));
 *   return user.toCompletableFuture().get();
 * }
 * }</pre>
 *
 * <p><b>The end.</b> Each dispatcher drains by itself: while the group is shut down what one of
 * them posts to another is refused, as a post from outside is. A thread that dies, which takes a
 * defect of a platform or a second driver, is reported to the uncaught handler, and its dispatcher
 * is closed; {@link #next} and {@link #leastLoaded} pass it over then, {@link #forKey} does not.
 *
 * <p><b>Threading.</b> All methods may be called by any thread; those that wait throw {@link
 * IllegalStateException} on a loop of the group.
 */
public final class DispatcherGroup implements AutoCloseable {
  private final String name;
  private final List<RunnableDispatcher> dispatchers;

  /** Volatile: any thread counts; an overflow only turns it round. */
  private final AtomicInteger turn = new AtomicInteger();

  /** What was not begun where a thread has died. */
  private final Queue<Unstarted> leftByTheDead;

  private DispatcherGroup(
      String name, List<RunnableDispatcher> dispatchers, Queue<Unstarted> leftByTheDead) {
    this.name = name;
    this.dispatchers = dispatchers;
    this.leftByTheDead = leftByTheDead;
  }

  /**
   * Starts a group with daemon threads that are named after their dispatchers.
   *
   * @param name the dispatchers are called {@code name-0}, {@code name-1} and so on
   * @param size how many, at least 1
   * @param factory makes a dispatcher: {@code BasicDispatcher::new}
   * @return a running group
   * @throws IllegalArgumentException if the size is below 1
   */
  public static DispatcherGroup start(
      String name, int size, Function<DispatcherOptions, ? extends RunnableDispatcher> factory) {
    return start(
        DispatcherOptions.defaults().withName(name),
        size,
        factory,
        run -> {
          Thread thread = new Thread(run);
          thread.setDaemon(true);
          return thread;
        });
  }

  /**
   * Starts a group.
   *
   * @param options for each dispatcher, but for the name, to which {@code -0}, {@code -1} and so on
   *     is added
   * @param size how many, at least 1
   * @param factory makes a dispatcher
   * @param threads makes a thread for each; the thread is named after its dispatcher
   * @return a running group
   * @throws IllegalArgumentException if the size is below 1, or the factory gives the same
   *     dispatcher twice, or one that is shut down
   * @throws IllegalStateException if the thread factory makes no thread
   */
  public static DispatcherGroup start(
      DispatcherOptions options,
      int size,
      Function<DispatcherOptions, ? extends RunnableDispatcher> factory,
      ThreadFactory threads) {
    requireNonNull(threads, "threads");
    if (size < 1) {
      throw new IllegalArgumentException("a group has at least 1 dispatcher: " + size);
    }
    List<RunnableDispatcher> made = new ArrayList<>(size);
    List<Thread> drivers = new ArrayList<>(size);
    Queue<Unstarted> left = new ConcurrentLinkedQueue<>();
    try {
      for (int i = 0; i < size; i++) {
        RunnableDispatcher dispatcher = factory.apply(options.withName(options.name() + "-" + i));
        if (made.contains(dispatcher) || dispatcher.isShutdown()) {
          throw new IllegalArgumentException(
              "the factory of group '"
                  + options.name()
                  + "' has to make new dispatchers: "
                  + dispatcher);
        }
        made.add(dispatcher);
        Thread driver = threads.newThread(() -> drive(dispatcher, left));
        if (driver == null) { // as its contract allows
          throw new IllegalStateException(
              "the thread factory of group '"
                  + options.name()
                  + "' has made no thread: "
                  + threads);
        }
        driver.setName(dispatcher.name());
        drivers.add(driver);
      }
      drivers.forEach(Thread::start);
    } catch (Throwable t) {
      made.forEach(RunnableDispatcher::close);
      throw t;
    }
    return new DispatcherGroup(options.name(), List.copyOf(made), left);
  }

  /** A stop is not the end of the thread: what is left on the dispatcher still has to run. */
  private static void drive(RunnableDispatcher dispatcher, Queue<Unstarted> left) {
    RunOutcome outcome = RunOutcome.STOPPED;
    try {
      while (outcome != RunOutcome.CLOSED) {
        outcome = dispatcher.run();
      }
    } catch (Throwable t) { // not by user code: the loop survives that
      dispatcher.loop.uncaught("driver of " + dispatcher, t);
      left.add(dispatcher.shutdownNow()); // for the one who closes the group
    }
  }

  /**
   * The dispatchers.
   *
   * @return all of them, in the order of their making
   */
  public List<RunnableDispatcher> dispatchers() {
    return dispatchers;
  }

  /**
   * A dispatcher in turn.
   *
   * @return the one after the last that was returned here, or after that if it is shut down
   */
  public RunnableDispatcher next() {
    int size = dispatchers.size();
    int first = Math.floorMod(turn.getAndIncrement(), size);
    for (int i = 0; i < size; i++) {
      RunnableDispatcher dispatcher = dispatchers.get((first + i) % size);
      if (!dispatcher.isShutdown()) {
        return dispatcher;
      }
    }
    return dispatchers.get(first); // which refuses what it is given, and says why
  }

  /**
   * The dispatcher of a key: what has to be in order, or shares state without locks, goes to one.
   *
   * @param key anything with a good {@code hashCode()}
   * @return the same one for equal keys
   */
  public RunnableDispatcher forKey(Object key) {
    int hash =
        requireNonNull(key, "key").hashCode()
            * 0x9E3779B9; // Fibonacci hashing: Knuth, TAOCP 3, section 6.4
    return dispatchers.get((int) (((hash & 0xFFFFFFFFL) * dispatchers.size()) >>> 32));
  }

  /**
   * The dispatcher with the fewest tasks and ready callbacks at the moment, approximately: counts
   * are read while the loops run.
   *
   * @return the one with the least to do; of equals, one in turn
   */
  public RunnableDispatcher leastLoaded() {
    int size = dispatchers.size();
    int first = Math.floorMod(turn.getAndIncrement(), size);
    RunnableDispatcher best = dispatchers.get(first);
    int least = load(best);
    for (int i = 1; i < size && least > 0; i++) {
      RunnableDispatcher other = dispatchers.get((first + i) % size);
      int load = load(other);
      if (load < least) {
        best = other;
        least = load;
      }
    }
    return best;
  }

  private static int load(RunnableDispatcher dispatcher) {
    return dispatcher.isShutdown() ? Integer.MAX_VALUE : dispatcher.loop.load();
  }

  /** Begins the orderly end of each dispatcher: see {@link Dispatcher#shutdown}. */
  public void shutdown() {
    dispatchers.forEach(RunnableDispatcher::shutdown);
  }

  /**
   * Closes each dispatcher now: see {@link Dispatcher#shutdownNow}.
   *
   * @return what none of them had begun, one dispatcher's after the other's
   * @throws IllegalStateException on a loop of the group; then nothing was closed
   */
  public Unstarted shutdownNow() {
    checkOffLoops("shutdownNow");
    List<Task> tasks = new ArrayList<>();
    List<Runnable> runnables = new ArrayList<>();
    for (RunnableDispatcher dispatcher : dispatchers) {
      Unstarted unstarted = dispatcher.shutdownNow();
      tasks.addAll(unstarted.tasks());
      runnables.addAll(unstarted.runnables());
    }
    for (Unstarted dead = leftByTheDead.poll(); dead != null; dead = leftByTheDead.poll()) {
      tasks.addAll(dead.tasks());
      runnables.addAll(dead.runnables());
    }
    return new Unstarted(tasks, runnables);
  }

  /**
   * {@link #shutdownNow}, for those who do not want what was not begun.
   *
   * @throws IllegalStateException on a loop of the group; then nothing was closed
   */
  @Override
  public void close() {
    checkOffLoops("close");
    dispatchers.forEach(RunnableDispatcher::close);
  }

  /**
   * Waits until all dispatchers are closed.
   *
   * @param timeout how long at most
   * @return false if the time was over first
   * @throws InterruptedException if the calling thread was interrupted
   * @throws IllegalStateException on a loop of the group
   */
  public boolean awaitClosed(Duration timeout) throws InterruptedException {
    checkOffLoops("awaitClosed");
    long start = System.nanoTime();
    long nanos = Nanos.of(timeout);
    for (RunnableDispatcher dispatcher : dispatchers) {
      long left = nanos - (System.nanoTime() - start);
      if (!dispatcher.awaitClosed(Duration.ofNanos(Math.max(0, left)))) {
        return false;
      }
    }
    return true;
  }

  /** Before anything is closed, not at the third of four. */
  private void checkOffLoops(String operation) {
    for (RunnableDispatcher dispatcher : dispatchers) {
      if (dispatcher.onLoop()) {
        throw Misuse.fromItsOwnLoop(
            operation + " of group '" + name + "' and so",
            dispatcher.name(),
            dispatcher.loop.runningTask(),
            "it would wait for itself; call shutdown() instead");
      }
    }
  }

  @Override
  public String toString() {
    return "DispatcherGroup[" + name + ", " + dispatchers.size() + " dispatchers]";
  }
}
