package dev.reveille.callbacks.executors;

import dev.reveille.Dispatcher;
import java.lang.reflect.UndeclaredThrowableException;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The views of one dispatcher: its service that tells them that it was closed, so that those who
 * wait for the termination of a view need not ask again and again.
 *
 * <p>They are held weakly: a view that has something on the loop is held by that. One that has
 * something which the closing loop did not take any more has to be {@linkplain #keep kept}.
 */
final class Views implements AutoCloseable {
  /** What is told. */
  interface View {
    /** On the thread that closes the dispatcher, after what it had was given back. */
    void dispatcherClosed();
  }

  /** Guarded by itself. */
  private final Set<View> views = Collections.newSetFromMap(new WeakHashMap<>());

  /** Guarded by {@link #views}. */
  private final Set<View> kept = new HashSet<>();

  /** Registers a new view. One of a closed dispatcher is told at once. */
  static Views register(View view, Dispatcher dispatcher) {
    Views all = dispatcher.service(Views.class, d -> new Views());
    synchronized (all.views) {
      all.views.add(view);
    }
    if (dispatcher.isClosed()) {
      view.dispatcherClosed(); // the service may have told its views before this one was there
    }
    return all;
  }

  /** Holds a view until it was told. Does nothing for one that is being told. */
  void keep(View view) {
    synchronized (views) {
      if (views.contains(view)) {
        kept.add(view);
      }
    }
  }

  /** On the thread that closes, after blocks were given back. */
  @Override
  public void close() {
    List<View> open;
    synchronized (views) {
      open = List.copyOf(views);
      views.clear();
      kept.clear();
    }
    Failures failures = new Failures();
    for (View view : open) {
      failures.catching(view::dispatcherClosed);
    }
    failures.rethrow();
  }

  /** What user code threw that must not keep others from being called. */
  static final class Failures {
    private @Nullable Throwable first;

    void catching(Runnable call) {
      try {
        call.run();
      } catch (Throwable t) { // rethrown below
        if (first == null) {
          first = t;
        } else if (first != t) {
          first.addSuppressed(t);
        }
      }
    }

    void rethrow() {
      if (first instanceof Error error) {
        throw error;
      }
      if (first instanceof RuntimeException failure) {
        throw failure;
      }
      if (first != null) { // by code of another language
        throw new UndeclaredThrowableException(first);
      }
    }
  }
}
