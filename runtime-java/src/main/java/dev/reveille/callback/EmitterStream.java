package dev.reveille.callback;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.callback.Emission.Ending;
import dev.reveille.sync.AbstractPollStream;
import java.lang.ref.Reference;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * {@link Emitter#stream}: the side that polls. It refers to what lies between it and its emitter,
 * and not to the emitter, so that the legacy side alone decides how long that lives.
 */
final class EmitterStream<T> extends AbstractPollStream<T> {
  final Overflow overflow;
  final @Nullable Consumer<? super T> onDrop;

  /** Null once it was called, or never will be. */
  private @Nullable Registrar<T> registrar;

  /** Null before the first poll. */
  private @Nullable Emissions<T> emissions;

  /** Null before the registrar has returned it, and once it was called. */
  private @Nullable AutoCloseable unregister;

  /** What the ledger is told at the end; null once it was. */
  private LedgerSink.@Nullable End how = LedgerSink.End.CANCELLED;

  private @Nullable Throwable failure;

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
    boolean waits = false;
    for (; ; ) {
      if (e.hasElement()) {
        if (!cx.tryProceed()) {
          return Poll.pending();
        }
        return element(e.take());
      }
      Ending ending = e.ending();
      if (ending != null) {
        return ended(ending.failure);
      }
      if (waits) {
        return Poll.pending();
      }
      e.consumer.register(cx, name()); // and look again: see Emissions
      waits = true;
    }
  }

  private Emissions<T> register(Context cx) throws Exception {
    Registrar<T> r = requireNonNull(registrar);
    registrar = null;
    Emitter<T> emitter = new Emitter<>(this, cx);
    Emissions<T> e = emitter.emissions;
    emissions = e;
    try {
      unregister = r.register(emitter);
    } catch (Throwable t) {
      if (!e.terminate(t)) {
        // The callback came first, and wins. What the registrar says after that still is news.
        e.tooLate(t);
        if (t instanceof InterruptedException) {
          Thread.currentThread().interrupt(); // the loop takes note of it
        }
      }
      return e;
    } finally {
      e.registered();
      Reference.reachabilityFence(emitter); // else it might be lost before it is given away
    }
    if (unregister == null) { // by code that is not null-checked
      ended(
          new NullPointerException(
              "the registrar of '"
                  + name()
                  + "' returned null, so its listener would never be taken back; return the action"
                  + " that does it, or () -> {} if there is nothing to take back"));
    }
    return e;
  }

  private Poll<@Nullable T> ended(@Nullable Throwable cause) throws Exception {
    if (cause == null) {
      how = LedgerSink.End.COMPLETED;
      return end();
    }
    how = LedgerSink.End.FAILED;
    if (cause instanceof Error error) {
      failure = error;
      throw error;
    }
    Exception exception =
        cause instanceof Exception e
            ? e
            : new IllegalStateException("'" + name() + "' failed with a bare Throwable", cause);
    failure = exception;
    throw exception;
  }

  /** Twice if the registrar cancels its own stream: the second time takes the listener back. */
  @Override
  protected void release() {
    registrar = null;
    Emissions<T> e = emissions;
    if (e == null) {
      return;
    }
    e.close(); // first: what the legacy side says when it is left comes too late
    try {
      LedgerSink.End end = how;
      how = null;
      if (e.entry != null && end != null) {
        e.entry.ended(end, failure);
      }
    } finally {
      unregister();
    }
  }

  private void unregister() {
    AutoCloseable action = unregister;
    unregister = null;
    if (action == null) {
      return;
    }
    try {
      action.close();
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
