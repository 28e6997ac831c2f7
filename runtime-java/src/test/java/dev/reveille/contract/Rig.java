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
import java.util.concurrent.CountDownLatch;
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

  private final Function<? super DispatcherOptions, ? extends Driven> factory;
  private final MockTime time = new MockTime();
  private final List<Driven> dispatchers = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final ConcurrentLinkedQueue<Uncaught> uncaught = new ConcurrentLinkedQueue<>();

  private Rig(boolean unused, Function<? super DispatcherOptions, ? extends Driven> factory) {
    this.factory = factory;
  }

  /**
   * Creates the equipment.
   *
   * @param factory makes the dispatchers
   */
  public Rig(Function<DispatcherOptions, RunnableDispatcher> factory) {
    this(true, options -> new RunnableDriven(factory.apply(options)));
  }

  /**
   * Creates the equipment for dispatchers that are driven somehow.
   *
   * @param factory makes the dispatchers
   * @return the equipment
   */
  public static Rig of(Function<? super DispatcherOptions, ? extends Driven> factory) {
    return new Rig(true, factory);
  }

  /**
   * Makes a dispatcher, however it is driven.
   *
   * @param dispatcher one that has {@code run} methods
   * @return the dispatcher, and what drives it
   */
  public static Driven runnable(RunnableDispatcher dispatcher) {
    return new RunnableDriven(dispatcher);
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
    return (RunnableDispatcher) loop(change);
  }

  // ------------------------------------------------------------------ driven somehow

  /**
   * Makes a dispatcher on mock time, named "loop", to be driven by this rig.
   *
   * @return a new dispatcher
   */
  public Dispatcher loop() {
    return loop(options -> options);
  }

  /**
   * Makes a dispatcher on the system's clock, named "loop", to be driven by this rig.
   *
   * @return a new dispatcher
   */
  public Dispatcher loopOnSystemClock() {
    return loop(options -> options.withTicker(Ticker.system()));
  }

  /**
   * Runs what is ready on a dispatcher until nothing is.
   *
   * @param dispatcher one of this rig
   * @return IDLE, ASLEEP or CLOSED
   */
  public RunOutcome settle(Dispatcher dispatcher) {
    return driven(dispatcher).settle();
  }

  /**
   * Runs a dispatcher until no work is left.
   *
   * @param dispatcher one of this rig
   * @return IDLE or CLOSED
   */
  public RunOutcome runToCompletion(Dispatcher dispatcher) {
    return driven(dispatcher).runToCompletion();
  }

  /**
   * Lets a dispatcher run beside the test until it is closed.
   *
   * @param dispatcher one of this rig
   * @return to wait with
   */
  public Driving drive(Dispatcher dispatcher) {
    return driven(dispatcher).drive(this);
  }

  /**
   * Lets a dispatcher run beside the test until no work is left.
   *
   * @param dispatcher one of this rig
   * @return to wait with
   */
  public Driving driveToCompletion(Dispatcher dispatcher) {
    return driven(dispatcher).driveToCompletion(this);
  }

  /**
   * Moves the clock, and lets the dispatchers run at each deadline.
   *
   * @param duration how far
   */
  public void advance(Duration duration) {
    dispatchers.forEach(Driven::open);
    try {
      time.advance(duration);
    } finally {
      dispatchers.forEach(Driven::shut);
    }
  }

  private Driven driven(Dispatcher dispatcher) {
    for (Driven each : dispatchers) {
      if (each.dispatcher() == dispatcher) {
        return each;
      }
    }
    throw new IllegalArgumentException("not of this rig: " + dispatcher);
  }

  /**
   * Makes a dispatcher with other options, to be driven by this rig.
   *
   * @param change changes the options of {@link #loop()}
   * @return a new dispatcher
   */
  public Dispatcher loop(UnaryOperator<DispatcherOptions> change) {
    DispatcherOptions options =
        DispatcherOptions.defaults()
            .withName("loop")
            .withTicker(time)
            .withUncaughtHandler((d, name, t) -> uncaught.add(new Uncaught(d, name, t)));
    Driven made = factory.apply(change.apply(options));
    dispatchers.add(made);
    return made.dispatcher();
  }

  /**
   * Makes a dispatcher that the rig forgets, and does not close.
   *
   * @param options the options
   * @return a new dispatcher, and what drives it
   */
  public Driven unmanaged(DispatcherOptions options) {
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
    return new ThreadDriving(dispatcher, start("driver", () -> run.apply(dispatcher)));
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
   * Waits for something to happen.
   *
   * @param latch counted down by it
   * @throws InterruptedException if the thread was interrupted
   */
  public static void await(CountDownLatch latch) throws InterruptedException {
    if (!latch.await(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new AssertionError("it did not happen within " + PATIENCE);
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

  /** On a thread of its own: a platform that loses the wake of the close fails the test at once. */
  private void closeDispatchers() throws Exception {
    Driven[] closing = new Driven[1];
    FutureTask<Boolean> closer =
        start(
            "closer of the rig",
            () -> {
              for (Driven each : dispatchers) {
                synchronized (closing) {
                  closing[0] = each;
                }
                each.open();
                each.dispatcher().close();
              }
              return true;
            });
    try {
      await(closer);
    } catch (AssertionError e) {
      synchronized (closing) {
        if (!closer.isDone()) {
          throw new AssertionError("does not close: " + closing[0].dispatcher().snapshot(), e);
        }
      }
      throw e;
    }
  }

  @Override
  public void close() throws Exception {
    closeDispatchers();
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
