package dev.reveille;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** {@link Dispatcher#asExecutor}. Views of one dispatcher are equal. */
final class DispatcherExecutor implements Executor {
  private final Dispatcher dispatcher;

  DispatcherExecutor(Dispatcher dispatcher) {
    this.dispatcher = dispatcher;
  }

  @Override
  public void execute(Runnable command) {
    dispatcher.post(command);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof DispatcherExecutor that && that.dispatcher == dispatcher;
  }

  @Override
  public int hashCode() {
    return System.identityHashCode(dispatcher);
  }

  @Override
  public String toString() {
    return dispatcher + ".asExecutor()";
  }
}
