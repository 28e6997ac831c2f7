package dev.reveille.callbacks;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * The views of one dispatcher: its service that tells them that it was closed, so that those who
 * wait for the termination of a view need not ask again and again.
 *
 * <p>They are held weakly: a view that has something on the loop is held by that.
 */
final class Views implements AutoCloseable {
  /** Guarded by itself. */
  private final Set<DispatcherExecutorService> views =
      Collections.newSetFromMap(new WeakHashMap<>());

  void add(DispatcherExecutorService view) {
    synchronized (views) {
      views.add(view);
    }
  }

  /** On the thread that closes, after blocks were given back. */
  @Override
  public void close() {
    List<DispatcherExecutorService> open;
    synchronized (views) {
      open = List.copyOf(views);
      views.clear();
    }
    for (DispatcherExecutorService view : open) {
      view.dispatcherClosed();
    }
  }
}
