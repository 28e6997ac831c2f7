package dev.reveille.callbacks;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.WakerSlot;
import dev.reveille.callback.Emitter;
import dev.reveille.callback.Overflow;
import dev.reveille.sync.AbstractPollStream;
import dev.reveille.sync.PollStream;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * {@link Callbacks#watch}: a stream of what an emitter gets, and in its polls the watch is set
 * again. It does not hold the emitter, which comes back with the setting that has fired: so an
 * emitter that the legacy side has dropped is found to be lost.
 */
final class WatchStream<T> extends AbstractPollStream<T> {
  private final Watch<T> watch;
  private final PollStream<T> told;
  private final WakerSlot waiter = new WakerSlot();

  /**
   * The setting that has fired, until it is replaced. Volatile: written by any thread before it
   * wakes, read by the loop after it has registered.
   */
  private volatile @Nullable Setting fired;

  /** Withdraws the watch that is set, or has just fired. On the loop. */
  private @Nullable AutoCloseable withdraw;

  WatchStream(String name, Overflow overflow, Watch<T> watch) {
    super(name);
    this.watch = requireNonNull(watch, "watch");
    this.told =
        Emitter.stream(
            name,
            overflow,
            emitter -> {
              set(emitter);
              return this::withdraw;
            });
  }

  @Override
  @SuppressWarnings(
      "NullAway") // javac 17 does not read the base's Poll<@Nullable T> from its class
  protected Poll<@Nullable T> doPollNext(Context cx) throws Exception {
    for (boolean waits = false; ; waits = true) {
      Setting gone = fired;
      if (gone != null && !gone.emitter.isTerminated()) {
        if (!cx.tryProceed()) { // a watch that fires at once each time must not hold the loop
          return Poll.pending();
        }
        setAgain(gone.emitter);
      }
      Poll<@Nullable T> poll = told.pollNext(cx);
      if (poll.isReady() || (waits && fired == null)) {
        return poll;
      }
      waiter.register(cx, name());
    }
  }

  private void setAgain(Emitter<T> emitter) throws Exception {
    fired = null;
    withdraw = null;
    try {
      set(emitter);
    } catch (Throwable t) {
      if (!emitter.fail(t)) {
        throw t; // it had ended, and nobody else would hear of it
      }
    }
  }

  private void set(Emitter<T> emitter) throws Exception {
    withdraw =
        requireNonNull(
            watch.set(emitter, new Setting(emitter)),
            () ->
                "the watch '"
                    + name()
                    + "' returned null; return the action that withdraws it, or () -> {} if there"
                    + " is none");
  }

  private void withdraw() throws Exception {
    AutoCloseable action = withdraw;
    withdraw = null;
    if (action != null && fired == null) {
      action.close();
    }
  }

  @Override
  protected void release() {
    waiter.clear();
    told.cancel(); // which withdraws
  }

  /** What the legacy side calls when one watch has fired. */
  private final class Setting implements Runnable {
    final Emitter<T> emitter;
    private final AtomicBoolean once = new AtomicBoolean();

    Setting(Emitter<T> emitter) {
      this.emitter = emitter;
    }

    @Override
    public void run() {
      if (once.compareAndSet(false, true)) {
        fired = this;
        waiter.wake();
      }
    }
  }
}
