package dev.reveille.io;

import java.io.IOException;
import java.lang.System.Logger;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The selector of a dispatcher, and what is done when it fails.
 *
 * <p><b>A selector that spins</b> returns at once although nothing is selected, nobody has woken it
 * and its time is not over: a defect of a kernel or a JDK, of which there were several (JDK-6403933
 * and those after it). After 512 such returns in a row, the number that Netty has used for years, a
 * new selector takes the place of the old one. A sleep without a limit that ends so is premature,
 * that needs no clock; of the others, the clock is read only for those that follow an empty return,
 * so that a loop with work pays nothing.
 *
 * <p><b>A selector that throws</b> is replaced too. If that does not help, or is not possible since
 * descriptors have run out, the loop waits without a selector for a moment, which doubles up to a
 * second, and tries again: tasks, timers and wakes go on, and nothing spins. An episode is reported
 * once.
 *
 * <p><b>A channel that is closed by somebody else</b> who has it loses its key without a word. So
 * the number of keys is compared with what it should be after each select, and if there are too
 * few, the ones who wait for such channels are looked for.
 *
 * <p>On the loop only, but for {@link #wakeup}.
 */
final class ChannelSelector {
  private static final Logger LOGGER = System.getLogger("dev.reveille.io");

  /** As Netty's io.netty.selectorAutoRebuildThreshold. */
  static final int PREMATURE_RETURNS = 512;

  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long MAX_MILLIS_WITHOUT_SELECTOR = 1_024;

  /** Where selectors come from. */
  interface Source {
    Selector open() throws IOException;
  }

  private final SelectorDispatcher dispatcher;
  private final Source source;

  /**
   * One object for all selects: the selected keys are handled without a set and without garbage.
   */
  private final Consumer<SelectionKey> onSelected = ChannelSelector::selected;

  /**
   * Volatile: replaced by the loop, read by who wakes. A wake that finds the old one is meant for a
   * sleep that is over: the sleep of the new one is announced after it was put here.
   */
  private volatile Selector selector;

  /**
   * Whether there was a wake-up that no empty return was put down to. Volatile: set before the
   * selector is woken, read after it has returned; and set before {@link #sleeper} is read, read
   * after that was written.
   */
  private volatile boolean woken;

  /** The loop while it waits without a selector. Volatile: see {@link #woken}. */
  private volatile @Nullable Thread sleeper;

  /** How many keys there should be after a select. */
  private int registered;

  private int premature;

  /** Whether the last return was empty, so that the next sleep is measured. */
  private boolean suspicious;

  /** Failures in a row. */
  private int failures;

  ChannelSelector(SelectorDispatcher dispatcher, Source source) throws IOException {
    this.dispatcher = dispatcher;
    this.source = source;
    this.selector = source.open();
  }

  // ------------------------------------------------------------------ channels

  /** Registers a channel without interest. If it has a key, the registration takes it over. */
  SelectionKey register(SelectableChannel channel, Registration registration)
      throws ClosedChannelException {
    if (channel.keyFor(selector) == null) {
      SelectionKey key = channel.register(selector, 0, registration);
      registered++;
      return key;
    }
    return channel.register(selector, 0, registration);
  }

  @Nullable SelectionKey keyFor(SelectableChannel channel) {
    return channel.keyFor(selector);
  }

  /** A key was, or is about to be, cancelled by us: it is gone after the next select. */
  void released() {
    registered--;
  }

  // ------------------------------------------------------------------ selecting

  /** Any thread. */
  void wakeup() {
    woken = true;
    selector.wakeup();
    Thread thread = sleeper;
    if (thread != null) {
      LockSupport.unpark(thread);
    }
  }

  /** Looks at what is ready, without waiting. */
  void selectNow() {
    Selector s = selector;
    if (s.keys().isEmpty()) {
      return;
    }
    try {
      s.selectNow(onSelected);
      failures = 0;
    } catch (IOException e) {
      failed(e);
      rebuild();
    }
    wakeLost();
  }

  /**
   * Waits for events, a wake-up, or the time, which is rounded up to the millisecond.
   *
   * @param nanos positive; {@link Long#MAX_VALUE} is without limit
   */
  void select(long nanos) {
    // Rounded up, in a way that does not overflow: a sleep that ends too early would spin.
    long millis = nanos == Long.MAX_VALUE ? 0 : (nanos - 1) / NANOS_PER_MILLI + 1;
    boolean measured = suspicious && millis != 0;
    long start = measured ? System.nanoTime() : 0;
    try {
      int n = selector.select(onSelected, millis);
      failures = 0;
      if (n > 0) {
        premature = 0;
        suspicious = false;
      } else {
        nothingSelected(millis, measured, start);
      }
    } catch (IOException e) {
      failed(e);
      if (failures > 1) {
        sleepWithout(nanos);
      }
      rebuild();
    }
    wakeLost();
  }

  private static void selected(SelectionKey key) {
    if (key.isValid() && key.attachment() instanceof Registration registration) {
      int operations;
      try {
        operations = key.readyOps();
      } catch (CancelledKeyException e) {
        return; // closed by another thread at this moment: the next look finds that out
      }
      registration.selected(operations);
    }
  }

  private void nothingSelected(long millis, boolean measured, long start) {
    if (woken) {
      woken = false;
      premature = 0;
      suspicious = false;
      return;
    }
    if (Thread.currentThread().isInterrupted()) {
      return; // the loop clears it before it sleeps again
    }
    if (millis != 0) {
      suspicious = true;
      // Half of it, for clocks that do not agree: who spins returns in microseconds.
      if (!measured || System.nanoTime() - start >= millis * (NANOS_PER_MILLI / 2)) {
        premature = measured ? 0 : premature;
        return;
      }
    }
    if (++premature >= PREMATURE_RETURNS) {
      premature = 0;
      LOGGER.log(
          Logger.Level.WARNING,
          "the selector of dispatcher ''{0}'' spins: it returned {1} times in a row with nothing"
              + " selected, not woken, before its time; a new one takes its place",
          dispatcher.name(),
          PREMATURE_RETURNS);
      rebuild();
    }
  }

  private void wakeLost() {
    if (selector.keys().size() == registered) {
      return;
    }
    registered = selector.keys().size();
    for (Registration r : dispatcher.registrations.list()) {
      r.wakeIfLost();
    }
  }

  // ------------------------------------------------------------------ failures

  private void failed(IOException failure) {
    if (failures < Integer.MAX_VALUE) {
      failures++;
    }
    if (failures == 1) {
      dispatcher.selectorFailed(failure);
    }
  }

  /** Waits for a wake-up or a while, as the selector can not. */
  private void sleepWithout(long nanos) {
    long millis = Math.min(1L << Math.min(failures, 20), MAX_MILLIS_WITHOUT_SELECTOR);
    sleeper = Thread.currentThread();
    if (!woken) {
      LockSupport.parkNanos(this, Math.min(nanos, millis * NANOS_PER_MILLI));
    }
    sleeper = null;
    woken = false;
  }

  /**
   * Replaces the selector, and registers all channels anew. If there is none, the old one stays.
   */
  private void rebuild() {
    Selector old = selector;
    Selector other;
    try {
      other = source.open();
    } catch (IOException e) {
      if (failures <= 1) {
        dispatcher.selectorFailed(e);
      }
      return;
    }
    for (SelectionKey key : keysOf(old)) {
      if (key.isValid() && key.attachment() instanceof Registration registration) {
        registration.moveTo(other);
      }
    }
    registered = other.keys().size();
    selector = other;
    try {
      old.close();
    } catch (IOException e) {
      dispatcher.selectorFailed(e);
    }
  }

  private static List<SelectionKey> keysOf(Selector selector) {
    return new ArrayList<>(selector.keys()); // closing and waking may change the set
  }

  void close() throws IOException {
    selector.close();
  }
}
