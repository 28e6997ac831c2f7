package dev.reveille.io.file;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;

import dev.reveille.Complete;
import dev.reveille.Dispatcher;
import dev.reveille.MockTime;
import dev.reveille.callback.Completer;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import org.jspecify.annotations.Nullable;

/**
 * One call that is in flight outside the loop, from its begin to the word of the one who made it: a
 * read or write of the channel, or a blocking call on the executor.
 *
 * <p>The one who waits may have given up in between. The flight goes on all the same, since nothing
 * can call it back: until it has landed the channel may touch the buffer, and {@link MockTime} does
 * not move by itself.
 *
 * <p>It lands once: whoever sets {@link #landed} tells the completer, then those who wait for the
 * landing, and lets time move last, when all wakes are on their way. A second word (a channel that
 * calls its handler twice, or one that comes after the file was closed) changes nothing.
 *
 * @param <V> the type of the result
 */
final class Flight<V> implements CompletionHandler<V, Complete> {
  private static final VarHandle LANDED =
      fieldVarHandle(
          MethodHandles.lookup(), "landed", VarHandle.class, Flight.class, boolean.class);

  private final String name;
  private final Completer<V> completer;
  private final Dispatcher dispatcher;
  private final MockTime.@Nullable Hold hold;

  /** Where it is registered; null for what is not in a file yet. */
  private final @Nullable Flights flights;

  /** getAndSet (volatile): the first one lands it. */
  @SuppressWarnings("unused") // by way of LANDED
  private volatile boolean landed;

  /** Plain: written before the completer is failed, read by one who has seen that it was. */
  private @Nullable Throwable failure;

  /** In the order of their begin. All guarded by the lock of {@link Flights}. */
  long number;

  @Nullable Flight<?> previous;
  @Nullable Flight<?> next;

  Flight(String name, Completer<V> completer, Dispatcher dispatcher, @Nullable Flights flights) {
    this.name = name;
    this.completer = completer;
    this.dispatcher = dispatcher;
    this.flights = flights;
    this.hold = hold(dispatcher);
  }

  /** Keeps the time of a dispatcher from moving by itself, if it is one that can. */
  static MockTime.@Nullable Hold hold(Dispatcher dispatcher) {
    return dispatcher.ticker() instanceof MockTime time ? time.hold() : null;
  }

  /** On the loop, before the call. */
  void begin() throws ClosedChannelException {
    if (flights != null && !flights.add(this)) {
      land();
      throw new ClosedChannelException();
    }
  }

  /** The call was refused: there is nothing in flight. The one who refused tells the completer. */
  void refused() {
    if (!(boolean) LANDED.getAndSet(this, true)) {
      land();
    }
  }

  @Override
  public void completed(V value, Complete unused) {
    if (!(boolean) LANDED.getAndSet(this, true)) {
      completer.complete(value);
      land();
    }
  }

  @Override
  public void failed(Throwable cause, Complete unused) {
    if (!(boolean) LANDED.getAndSet(this, true)) {
      failure = cause;
      if (!completer.fail(cause) && completer.isCancelled()) {
        report(cause);
      }
      land();
    }
  }

  /** On the loop, after the one who waits has given up: a failure that it has not seen is told. */
  void givenUp() {
    if (!completer.isCancelled()) { // the outcome was there first
      Throwable unseen = failure;
      if (unseen != null) {
        report(unseen);
      }
    }
  }

  private void report(Throwable cause) {
    if (!(cause instanceof ClosedChannelException)) { // no news to the one who has closed it
      LateFailures.of(dispatcher).report(name, cause);
    }
  }

  private void land() {
    if (flights != null) {
      flights.remove(this);
    }
    if (hold != null) {
      hold.close();
    }
  }
}
