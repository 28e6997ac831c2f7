package dev.reveille.callback;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.callback.Emission.Ending;
import dev.reveille.sync.AbstractPollStream;
import java.lang.System.Logger;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * {@link Emitter#stream}: the side that polls.
 *
 * <p>It refers to what lies between it and its emitter, and not to the emitter: an emitter that the
 * legacy side has forgotten is garbage, though somebody waits for it.
 */
final class EmitterStream<T> extends AbstractPollStream<T> {
  private static final Logger LOGGER = System.getLogger("dev.reveille.callback");

  private final Overflow overflow;
  private final @Nullable Consumer<? super T> onDrop;

  /** Null once it was called, or never will be. */
  private @Nullable Registrar<T> registrar;

  /** Null before the first poll. */
  private @Nullable Emissions<T> emissions;

  /** Null before the registrar has returned it, and once it was called. */
  private @Nullable AutoCloseable unregister;

  EmitterStream(
      String name,
      Overflow overflow,
      @Nullable Consumer<? super T> onDrop,
      Registrar<T> registrar) {
    super(name);
    this.overflow = requireNonNull(overflow, "overflow");
    this.onDrop = onDrop;
    this.registrar = requireNonNull(registrar, "registrar");
  }

  @Override
  protected Poll<@Nullable T> doPollNext(Context cx) throws Exception {
    Emissions<T> e = emissions;
    if (e == null) {
      e = register(cx);
      if (isFinished()) {
        throw new CancellationException("'" + name() + "' was cancelled by its own registrar");
      }
    }
    boolean registered = false;
    for (; ; ) {
      if (e.hasElement()) {
        return cx.tryProceed() ? element(e.take()) : Poll.pending();
      }
      Ending ending = e.ending();
      if (ending != null) {
        return ended(ending);
      }
      if (registered) {
        return Poll.pending();
      }
      e.consumer.register(cx, name()); // and look again: see Emissions
      registered = true;
    }
  }

  private Emissions<T> register(Context cx) {
    Registrar<T> r = requireNonNull(registrar);
    registrar = null;
    Emissions<T> e = Emissions.of(name(), overflow, cx.dispatcher(), onDrop);
    emissions = e;
    try {
      unregister = r.register(new Emitter<>(e));
    } catch (Throwable t) {
      if (!e.terminate(t)) {
        // The callback came first, and wins. What the registrar says after that still is news.
        LOGGER.log(Logger.Level.WARNING, "'" + name() + "' had ended, and its registrar threw", t);
        if (t instanceof InterruptedException) {
          Thread.currentThread().interrupt(); // the loop takes note of it
        }
      }
      return e;
    }
    if (unregister == null) { // by code that is not null-checked
      throw new NullPointerException(
          "the registrar of '"
              + name()
              + "' returned null, so its listener would never be taken back; return the action that"
              + " does it, or () -> {} if there is nothing to take back");
    }
    return e;
  }

  private Poll<@Nullable T> ended(Ending ending) throws Exception {
    Throwable failure = ending.failure;
    if (failure == null) {
      return end();
    }
    if (failure instanceof Exception exception) {
      throw exception;
    }
    if (failure instanceof Error error) {
      throw error;
    }
    throw new IllegalStateException("'" + name() + "' failed with a bare Throwable", failure);
  }

  /** Twice if the registrar cancels its own stream: the second time takes the listener back. */
  @Override
  protected void release() {
    registrar = null;
    if (emissions != null) {
      emissions.close(); // first: what the legacy side says when it is left comes too late
    }
    AutoCloseable u = unregister;
    unregister = null;
    if (u == null) {
      return;
    }
    try {
      u.close();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt(); // the loop takes note of it
      }
      throw new IllegalStateException("the listener of '" + name() + "' was not taken back", e);
    }
  }
}
