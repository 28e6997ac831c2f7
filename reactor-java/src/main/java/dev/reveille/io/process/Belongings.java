package dev.reveille.io.process;

import dev.reveille.Dispatcher;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * What a dispatcher takes along when it is closed: signal streams that nobody has cancelled,
 * children that still run. A service of the dispatcher, so it is closed after the last cleanup.
 */
final class Belongings implements AutoCloseable {
  private final Dispatcher dispatcher;

  /** Guarded by {@code this}. */
  private final IdentityHashMap<Object, Runnable> things = new IdentityHashMap<>();

  /** Guarded by {@code this}. */
  private boolean closed;

  private Belongings(Dispatcher dispatcher) {
    this.dispatcher = dispatcher;
  }

  static Belongings of(Dispatcher dispatcher) {
    return dispatcher.service(Belongings.class, Belongings::new);
  }

  /** Returns false, and has not kept it, if the dispatcher is closed. Any thread. */
  boolean add(Object thing, Runnable close) {
    synchronized (this) {
      if (closed) {
        return false;
      }
      things.put(thing, close);
    }
    // A service that is made when the services were closed is not closed any more. If the
    // dispatcher is not closed yet at this moment, they will be closed after it.
    if (dispatcher.isClosed()) {
      remove(thing);
      return false;
    }
    return true;
  }

  synchronized void remove(Object thing) {
    things.remove(thing);
  }

  /** Whether nothing is left to be closed. */
  synchronized boolean isEmpty() {
    return things.isEmpty();
  }

  @Override
  public void close() {
    List<Runnable> left;
    synchronized (this) {
      closed = true;
      left = List.copyOf(things.values());
      things.clear();
    }
    RuntimeException failure = null;
    for (Runnable close : left) {
      try {
        close.run();
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
