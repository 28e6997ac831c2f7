package dev.reveille.contract;

import dev.reveille.Dispatcher;
import dev.reveille.DispatcherOptions;
import dev.reveille.MockTime;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * The equipment of one test: dispatchers, their clock, threads that end, and a record of the
 * failures that nobody waited for. At the end everything is closed, and a failure that the test did
 * not {@linkplain #takeUncaught take} fails it.
 */
public final class Rig implements AutoCloseable {
  /** How long a test waits for what must happen. Long, since it is only used up by a defect. */
  public static final Duration PATIENCE = Duration.ofSeconds(20);

  /**
   * A call of the uncaught handler.
   *
   * @param dispatcher where it happened
   * @param name the task or callback
   * @param failure what was thrown
   */
  public record Uncaught(Dispatcher dispatcher, String name, Throwable failure) {}

  private final Function<DispatcherOptions, RunnableDispatcher> factory;
  private final MockTime time = new MockTime();
  private final List<RunnableDispatcher> dispatchers = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final ConcurrentLinkedQueue<Uncaught> uncaught = new ConcurrentLinkedQueue<>();

  /**
   * Creates the equipment.
   *
   * @param factory makes the dispatchers
   */
  public Rig(Function<DispatcherOptions, RunnableDispatcher> factory) {
    this.factory = factory;
  }

  // ------------------------------------------------------------------ dispatchers

  /**
   * The clock of the dispatchers.
   *
   * @return mock time, at zero at first
   */
  public MockTime time() {
    return time;
  }

  /**
   * Makes a dispatcher on mock time, named "loop".
   *
   * @return a new dispatcher
   */
  public RunnableDispatcher dispatcher() {
    return dispatcher(options -> options);
  }

  /**
   * Makes a dispatcher on the system's clock, named "loop".
   *
   * @return a new dispatcher
   */
  public RunnableDispatcher onSystemClock() {
    return dispatcher(options -> options.withTicker(Ticker.system()));
  }

  /**
   * Makes a dispatcher with other options.
   *
   * @param change changes the options of {@link #dispatcher()}
   * @return a new dispatcher
   */
  public RunnableDispatcher dispatcher(UnaryOperator<DispatcherOptions> change) {
    DispatcherOptions options =
        DispatcherOptions.defaults()
            .withName("loop")
            .withTicker(time)
            .withUncaughtHandler((d, name, t) -> uncaught.add(new Uncaught(d, name, t)));
    RunnableDispatcher dispatcher = factory.apply(change.apply(options));
    dispatchers.add(dispatcher);
    return dispatcher;
  }

  /**
   * Makes a dispatcher that the rig forgets, and does not close.
   *
   * @param options the options
   * @return a new dispatcher
   */
  public RunnableDispatcher unmanaged(DispatcherOptions options) {
    return factory.apply(options);
  }

  /**
   * The failures so far, which the test expected.
   *
   * @return the failures since the last call
   */
  public List<Uncaught> takeUncaught() {
    List<Uncaught> taken = new ArrayList<>();
    for (Uncaught u = uncaught.poll(); u != null; u = uncaught.poll()) {
      taken.add(u);
    }
    return taken;
  }

  // ------------------------------------------------------------------ threads

  /**
   * Calls something on a fresh thread named "elsewhere", and waits for it.
   *
   * @param <T> the type of the result
   * @param action what to call
   * @return what it returned
   * @throws Exception what it threw
   */
  public <T> T callElsewhere(Callable<T> action) throws Exception {
    return await(start("elsewhere", action));
  }

  /**
   * Runs something on a fresh thread named "elsewhere", and waits for it.
   *
   * @param action what to run
   */
  public void elsewhere(Runnable action) {
    try {
      await(start("elsewhere", () -> ran(action)));
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError("a Runnable threw a checked exception", e);
    }
  }

  private static boolean ran(Runnable action) {
    action.run();
    return true;
  }

  /**
   * Starts a thread that drives a dispatcher.
   *
   * @param dispatcher the dispatcher
   * @param run how: {@code RunnableDispatcher::run}, say
   * @return the running thread, named "driver"
   */
  public Driving drive(
      RunnableDispatcher dispatcher, Function<RunnableDispatcher, RunOutcome> run) {
    return new Driving(dispatcher, start("driver", () -> run.apply(dispatcher)));
  }

  /**
   * Calls something on a fresh thread.
   *
   * @param <T> the type of the result
   * @param name the thread's name
   * @param action what to call
   * @return for {@link #await(FutureTask)}
   */
  public <T> FutureTask<T> start(String name, Callable<T> action) {
    FutureTask<T> task = new FutureTask<>(action);
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
    return task;
  }

  /**
   * Waits for what {@link #start} started.
   *
   * @param <T> the type of the result
   * @param task the started one
   * @return what it returned
   * @throws Exception what it threw
   */
  public static <T> T await(FutureTask<T> task) throws Exception {
    try {
      return task.get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw (Exception) e.getCause();
    } catch (TimeoutException e) {
      throw new AssertionError("not done within " + PATIENCE, e);
    }
  }

  /**
   * Waits, by looking again and again, for a state that gives no signal.
   *
   * @param what the state, for the message
   * @param state whether it is there
   */
  public static void awaitState(String what, BooleanSupplier state) {
    long start = System.nanoTime();
    while (!state.getAsBoolean()) {
      if (System.nanoTime() - start > PATIENCE.toNanos()) {
        throw new AssertionError("within " + PATIENCE + " it did not come to this: " + what);
      }
      Thread.yield();
    }
  }

  /**
   * Collects garbage until something has happened because of it, or enough was tried.
   *
   * @param happened what a collection brings about
   * @return whether it happened
   */
  public static boolean collectGarbageUntil(BooleanSupplier happened) {
    for (int i = 0; i < 100; i++) {
      if (happened.getAsBoolean()) {
        return true;
      }
      System.gc();
      Thread.yield();
    }
    return happened.getAsBoolean();
  }

  // ------------------------------------------------------------------ the end

  @Override
  public void close() throws Exception {
    for (RunnableDispatcher dispatcher : dispatchers) {
      dispatcher.close();
    }
    for (Thread thread : threads) {
      thread.join(PATIENCE.toMillis());
      if (thread.isAlive()) {
        throw new AssertionError("thread '" + thread.getName() + "' did not end with the test");
      }
    }
    AssertionError unexpected = null;
    for (Uncaught u : takeUncaught()) {
      if (unexpected == null) {
        unexpected = new AssertionError("not expected by the test: " + u, u.failure());
      } else {
        unexpected.addSuppressed(u.failure());
      }
    }
    if (unexpected != null) {
      throw unexpected;
    }
  }
}
