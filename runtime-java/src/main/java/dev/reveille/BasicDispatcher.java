package dev.reveille;

import java.util.concurrent.locks.LockSupport;

/**
 * A dispatcher whose driver parks when nothing is ready.
 *
 * <pre>{@code
 * try (var dispatcher = new BasicDispatcher()) {
 *   dispatcher.post(() -> log.add("a callback"));
 *   dispatcher.spawn("a task", cx -> Poll.ready(log.add("a task")));
 *   dispatcher.runToCompletion(); // parks while all of it waits
 * }
 * }</pre>
 */
public final class BasicDispatcher extends RunnableDispatcher {

  /** Creates a dispatcher with the {@linkplain DispatcherOptions#defaults default options}. */
  public BasicDispatcher() {
    this(DispatcherOptions.defaults());
  }

  /**
   * Creates a dispatcher.
   *
   * @param options name, clock and limits
   */
  public BasicDispatcher(DispatcherOptions options) {
    super(options);
  }

  @Override
  protected void park(long nanos) {
    if (nanos == Long.MAX_VALUE) {
      LockSupport.park(this);
    } else if (nanos > 0) {
      LockSupport.parkNanos(this, nanos);
    }
  }

  @Override
  protected void wakeLoop() {
    // Null if the driver woke by itself meanwhile and left. A driver that has taken the role since
    // has
    // looked at the inbox since, too.
    LockSupport.unpark(loop.driverThread());
  }
}
