package dev.reveille.spi;

import java.awt.EventQueue;
import java.util.concurrent.TimeUnit;
import javax.swing.Timer;
import org.jspecify.annotations.Nullable;

/**
 * The event dispatch thread of AWT and Swing as a {@link Host}: tasks, callbacks and coroutines may
 * touch components. Works in a headless JVM too. Needs the module {@code java.desktop}, which the
 * rest of the library does not.
 *
 * <pre>{@code
 * HostedDispatcher dispatcher = HostedDispatcher.on(SwingHost.create());
 * JoinHandle<Complete> shown =
 *     dispatcher.spawn(
 *         "show the answer",
 *         Pollable.owning(
 *             List.of(answer),
 *             cx -> {
 *               Poll<String> text = answer.poll(cx);
 *               if (text.isPending()) {
 *                 return Poll.pending(); // the event thread goes on with its events
 *               }
 *               label.setText(text.value()); // on the event thread
 *               return Poll.ready();
 *             }));
 * }</pre>
 *
 * <p>Timers are as late as Swing's, which count milliseconds, and never early.
 *
 * <p><b>Threading.</b> As {@link Host} says.
 */
public final class SwingHost implements Host {
  private static final long NANOS_PER_MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  /** By one thread at a time: see {@link Host#wakeAfter}. */
  private @Nullable Timer wakeup;

  private SwingHost() {}

  /**
   * Makes a host, for one dispatcher.
   *
   * @return a new host
   */
  public static SwingHost create() {
    return new SwingHost();
  }

  @Override
  public void execute(Runnable drain) {
    EventQueue.invokeLater(drain);
  }

  @Override
  public void wakeAfter(long nanos, Runnable drain) {
    Timer before = wakeup;
    wakeup = null;
    if (before != null) {
      before.stop();
    }
    if (nanos != Long.MAX_VALUE) {
      // Rounded up: an early one would only be asked for again. Too far for Swing: so will this be.
      long millis = (nanos - 1) / NANOS_PER_MILLI + 1;
      Timer timer = new Timer((int) Math.min(Integer.MAX_VALUE, millis), event -> drain.run());
      timer.setRepeats(false);
      wakeup = timer;
      timer.start();
    }
  }

  @Override
  public boolean inHost() {
    return EventQueue.isDispatchThread();
  }

  @Override
  public String toString() {
    return "SwingHost";
  }
}
