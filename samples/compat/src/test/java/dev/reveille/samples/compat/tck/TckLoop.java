package dev.reveille.samples.compat.tck;

import dev.reveille.BasicDispatcher;
import dev.reveille.DispatcherOptions;
import dev.reveille.RunnableDispatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.reactivestreams.tck.TestEnvironment;

/** A dispatcher with a thread of its own, and a record of the failures that nobody waited for. */
final class TckLoop implements AutoCloseable {
  /** How long the kit waits for what must come. Long, since only a defect uses it up. */
  private static final long PATIENCE_MILLIS = 2_000;

  /** How long the kit waits for what must not come: this is what the run takes its time for. */
  private static final long SILENCE_MILLIS = 40;

  /** How long the kit gives a publisher to drop its reference to a cancelled subscriber. */
  static final long GC_MILLIS = 300;

  private final Queue<Throwable> uncaught = new ConcurrentLinkedQueue<>();
  final RunnableDispatcher dispatcher;
  private final Thread driver;

  TckLoop(String name) {
    dispatcher =
        new BasicDispatcher(
            DispatcherOptions.defaults()
                .withName(name)
                .withUncaughtHandler((d, task, failure) -> uncaught.add(failure)));
    driver = new Thread(dispatcher::run, name);
    driver.setDaemon(true);
    driver.start();
  }

  static TestEnvironment environment() {
    return new TestEnvironment(PATIENCE_MILLIS, SILENCE_MILLIS, 10);
  }

  /** Fails if something was thrown that nobody waited for. */
  @Override
  public void close() throws InterruptedException {
    dispatcher.close();
    driver.join(10 * PATIENCE_MILLIS);
    if (driver.isAlive()) {
      throw new AssertionError("the driver did not end with its dispatcher");
    }
    List<Throwable> failures = new ArrayList<>(uncaught);
    if (!failures.isEmpty()) {
      AssertionError unexpected = new AssertionError("uncaught on the loop: " + failures);
      failures.forEach(unexpected::addSuppressed);
      throw unexpected;
    }
  }
}
