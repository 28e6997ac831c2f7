package dev.reveille;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * {@link Dispatcher#service}: one instance a type, made by whoever asks first, closed in reverse
 * order.
 *
 * <p>The lock is held while a factory runs, so that there is one instance; it is re-entrant, so a
 * factory may ask for other services, which are then older, and closed later. What is there is
 * found without the lock: adapters look theirs up for each call.
 */
final class Services {
  private final Dispatcher dispatcher;

  /** Written under the lock. */
  private final Map<Class<?>, Object> instances = new ConcurrentHashMap<>();

  /** This and the next guarded by {@code this}. */
  private final Set<Class<?>> inTheMaking = new HashSet<>();

  private final Deque<AutoCloseable> toClose = new ArrayDeque<>();

  Services(Dispatcher dispatcher) {
    this.dispatcher = dispatcher;
  }

  @SuppressWarnings("unchecked") // made by the factory for this type
  <T> T get(Class<T> type, Function<? super Dispatcher, ? extends T> factory) {
    Object known = instances.get(type);
    return known != null ? (T) known : make(type, factory);
  }

  private synchronized <T> T make(
      Class<T> type, Function<? super Dispatcher, ? extends T> factory) {
    Object known = instances.get(type);
    if (known != null) {
      return type.cast(known);
    }
    if (!inTheMaking.add(type)) {
      throw new IllegalStateException(
          "the factory of service " + type.getName() + " asks for itself");
    }
    T made;
    try {
      made = type.cast(factory.apply(dispatcher));
    } finally {
      inTheMaking.remove(type);
    }
    if (made == null) { // by code that is not null-checked
      throw new NullPointerException("the factory of service " + type.getName() + " returned null");
    }
    instances.put(type, made);
    if (made instanceof AutoCloseable closeable) {
      toClose.push(closeable);
    }
    return made;
  }

  /** Closes what there is, youngest first. A service that is asked for later is not closed. */
  void close(Loop loop) {
    for (; ; ) {
      AutoCloseable youngest = next();
      if (youngest == null) {
        return;
      }
      try {
        youngest.close();
      } catch (Throwable t) {
        loop.uncaught("close of service " + youngest.getClass().getName(), t);
      }
    }
  }

  private synchronized @Nullable AutoCloseable next() {
    return toClose.poll();
  }
}
