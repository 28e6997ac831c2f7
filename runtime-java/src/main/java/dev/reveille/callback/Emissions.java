package dev.reveille.callback;

import dev.reveille.Dispatcher;
import dev.reveille.WakerSlot;
import dev.reveille.callback.Emission.Ending;
import java.lang.System.Logger;
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
 * #take}, or to {@link #drop}.
 *
 * <h2>Waking</h2>
 *
 * One who puts publishes the element first and then looks whether the consumer is registered; the
 * consumer registers first and then looks for an element again. All four are volatile accesses (or
 * stronger), so at least one of the two sees the other. The look costs a load; only a consumer that
 * sleeps is woken, and {@link WakerSlot#wake} empties the slot, so it is woken once.
 */
abstract class Emissions<T> {
  private static final Logger LOGGER = System.getLogger("dev.reveille.callback");

  final String name;
  final Dispatcher dispatcher;
  final WakerSlot consumer = new WakerSlot();
  private final @Nullable Consumer<? super T> onDrop;

  /** Null if nobody wants what is dropped. */
  private final @Nullable LateValues disposal;

  Emissions(String name, Dispatcher dispatcher, @Nullable Consumer<? super T> onDrop) {
    this.name = name;
    this.dispatcher = dispatcher;
    this.onDrop = onDrop;
    this.disposal = onDrop == null ? null : LateValues.of(dispatcher);
  }

  static <T> Emissions<T> of(
      String name, Overflow overflow, Dispatcher dispatcher, @Nullable Consumer<? super T> onDrop) {
    return switch (overflow.kind) {
      case DROP_OLDEST, LATEST ->
          new NewestEmissions<>(name, overflow.capacity, dispatcher, onDrop);
      default -> new LinkedEmissions<>(name, overflow, dispatcher, onDrop);
    };
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

  final EmitResult refused(T element) {
    drop(element);
    return EmitResult.Terminated.RESULT;
  }

  /** The end of an element that the consumer does not get. Not under a lock. */
  @SuppressWarnings("unchecked") // what is disposed of is a T
  final void drop(Object element) {
    Consumer<? super T> disposer = onDrop;
    LateValues values = disposal;
    if (disposer != null && values != null) {
      try {
        values.dispose(name, (Consumer<Object>) disposer, element);
      } catch (
          Throwable t) { // here, since the dispatcher is closed; the callback is not to hear it
        LOGGER.log(
            Logger.Level.ERROR, "a dropped element of '" + name + "' was not disposed of", t);
      }
    }
  }

  // ------------------------------------------------------------------ on the loop

  abstract boolean hasElement();

  /** The oldest element; to be called after {@link #hasElement}. */
  abstract T take();

  /** The end, if it was found, and nothing is before it any more. */
  abstract @Nullable Ending ending();

  /** The consumer goes: nothing is accepted after it, and what is left is dropped. Idempotent. */
  abstract void close();
}
