package dev.reveille.callback;

import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.WakerSlot;
import dev.reveille.callback.Emission.Ending;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What lies between an emitter and its stream: elements in their order, and then the ending.
 *
 * <p>Two kinds, since there are two problems. Where an element that was accepted stays, there are
 * many who put and one who takes: {@link LinkedEmissions}, without a lock. Where it may have to
 * make room for a newer one, those who put take as well: {@link NewestEmissions}, with one.
 *
 * <p>Each element that is given to {@link #next} goes one way, once: to the consumer by {@link
 * #take}, or to the disposer.
 *
 * <h2>Waking</h2>
 *
 * One who puts publishes the element first and then looks whether the consumer is registered; the
 * consumer registers first and then looks for an element again. All four are volatile accesses, so
 * at least one of the two sees the other. The look costs a load; only a consumer that sleeps is
 * woken, and {@link WakerSlot#wake} empties the slot, so it is woken once.
 *
 * <h2>Losing</h2>
 *
 * The stream holds this, and this holds the emitter as a phantom only: when the legacy side has
 * dropped it, the {@link Reaper} ends the stream.
 */
abstract class Emissions<T> extends Reaper.Watched {
  final String name;
  final Dispatcher dispatcher;
  final WakerSlot consumer = new WakerSlot();

  /** What hears how the stream fares; null if nobody asked. */
  final LedgerSink.@Nullable Entry entry;

  private final CallbackDiagnostics diagnostics;
  private final @Nullable Consumer<? super T> onDrop;

  /** Where it was begun, if all stacks are captured. */
  private final @Nullable Site begun;

  /** While the registrar runs. On the loop. */
  private boolean registering = true;

  /** In the first poll. */
  Emissions(Emitter<T> emitter, EmitterStream<T> stream, Context cx) {
    super(emitter);
    name = stream.name();
    onDrop = stream.onDrop;
    dispatcher = cx.dispatcher();
    diagnostics = CallbackDiagnostics.of(dispatcher);
    LedgerSink sink = diagnostics.ledger();
    entry = sink == null ? null : sink.begin(dispatcher, name);
    begun = diagnostics.capturesStacks() ? new Site("'" + name + "' was begun") : null;
  }

  // ------------------------------------------------------------------ any thread

  abstract EmitResult next(T element);

  /** Puts the end behind what is there. Returns false if there is one. */
  abstract boolean terminate(@Nullable Throwable failure);

  abstract boolean isTerminated();

  /** To be called after something was published. */
  final void wake() {
    if (consumer.isRegistered()) {
      consumer.wake();
    }
  }

  /** Tells the ledger that an element was brought. */
  final void brought() {
    LedgerSink.Entry e = entry;
    if (e != null) {
      e.event();
      if (dispatcher.onLoop() && registering) {
        registering = false;
        e.reentrant();
      }
    }
  }

  /** There was no room for an element. Not under a lock. */
  final EmitResult dropped(Object element) {
    dispose(element); // first: a sink may throw
    if (entry != null) {
      entry.dropped();
    }
    return EmitResult.Dropped.RESULT;
  }

  /** An element came after the end. */
  final EmitResult refused(T element) {
    dispose(element); // first: a sink may throw
    if (entry != null) {
      entry.late();
    }
    return EmitResult.Terminated.RESULT;
  }

  /** The end of an element that the consumer does not get. Not under a lock. */
  @SuppressWarnings("unchecked") // what is disposed of is a T
  final void dispose(Object element) {
    if (onDrop != null) {
      diagnostics.disposeQuietly(name, onDrop, (T) element);
    }
  }

  /** The emitter is garbage. On the reaper's thread. */
  @Override
  final void lost() {
    if (isTerminated()) {
      return;
    }
    String what = "'" + name + "' cannot go on: its emitter became garbage without an end";
    if (terminate(new LostCallbackException(what, begun))) {
      diagnostics.report(
          new CallbackMisuse(CallbackMisuse.Kind.LOST, name, begun, null, null), entry, false);
    }
  }

  // ------------------------------------------------------------------ on the loop

  /** The registrar has returned, or thrown. */
  final void registered() {
    registering = false;
  }

  /** The registrar threw after the end. */
  final void tooLate(Throwable failure) {
    diagnostics.report(
        new CallbackMisuse(CallbackMisuse.Kind.THREW_AFTER_COMPLETION, name, begun, null, failure),
        entry,
        false);
  }

  abstract boolean hasElement();

  /** The oldest element; to be called after {@link #hasElement}. */
  abstract T take();

  /** The end, if it was found, and nothing is before it any more. */
  abstract @Nullable Ending ending();

  /** The consumer goes: nothing is accepted after it, and what is left is dropped. Idempotent. */
  abstract void close();
}
