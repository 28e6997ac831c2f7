package dev.reveille;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Keeps a dispatcher from running out of work while somebody outside still means to give it some:
 * {@code runToCompletion()} does not return, and {@code shutdown()} does not end, before it is
 * closed.
 *
 * <p><b>Threading.</b> {@link #close} may be called by any thread; closing twice does nothing.
 * <b>Memory effects.</b> What a thread posted before it closed the guard is seen by the loop before
 * it can find that no guard is left.
 *
 * <p>The loop waits for a thread that reads:
 *
 * <pre>{@code
 * WorkGuard guard = dispatcher.workGuard();
 * Thread reader =
 *     new Thread(
 *         () -> {
 *           try (guard) {
 *             in.lines().forEach(line -> dispatcher.post(() -> log.add(line)));
 *           }
 *         });
 * reader.start();
 * RunOutcome outcome = dispatcher.runToCompletion(); // IDLE, after the last line
 * }</pre>
 */
public final class WorkGuard implements AutoCloseable {
  private static final VarHandle OPEN =
      fieldVarHandle(
          MethodHandles.lookup(), "open", VarHandle.class, WorkGuard.class, boolean.class);

  private final Loop loop;

  @SuppressWarnings("unused") // by way of OPEN: one CAS decides who closes
  private volatile boolean open = true;

  WorkGuard(Loop loop) {
    this.loop = loop;
  }

  /** Gives the guard up. The last one wakes the loop. */
  @Override
  public void close() {
    if (OPEN.compareAndSet(this, true, false)) {
      loop.guardClosed();
    }
  }

  /**
   * Whether the guard was closed.
   *
   * @return true after {@link #close}
   */
  public boolean isClosed() {
    return !open;
  }
}
