package dev.reveille.io.process;

import dev.reveille.Dispatcher;
import dev.reveille.MockTime;
import dev.reveille.callback.Completer;
import dev.reveille.callback.Initiator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** {@link ChildProcess#spawn}: starts a process on a worker. */
final class Spawn implements Initiator<ChildProcess> {
  private final Dispatcher dispatcher;

  /** A copy: builders are used again for the next child, while a worker starts this one. */
  private final ProcessBuilder builder;

  private final Executor blocking;

  Spawn(Dispatcher dispatcher, ProcessBuilder builder, Executor blocking) {
    if (builder.command().isEmpty()) {
      throw new IllegalArgumentException("a ProcessBuilder without a program to start");
    }
    if (blocking.equals(dispatcher.asExecutor())) {
      throw new IllegalArgumentException(
          "a child process with the loop of '"
              + dispatcher.name()
              + "' as its executor would block it; give another executor");
    }
    this.dispatcher = dispatcher;
    this.builder = copyOf(builder);
    this.blocking = blocking;
  }

  static String program(ProcessBuilder builder) {
    return builder.command().get(0);
  }

  private static ProcessBuilder copyOf(ProcessBuilder builder) {
    ProcessBuilder copy = new ProcessBuilder(List.copyOf(builder.command()));
    Map<String, String> environment = copy.environment();
    environment.clear();
    environment.putAll(builder.environment());
    return copy.directory(builder.directory())
        .redirectInput(builder.redirectInput())
        .redirectOutput(builder.redirectOutput())
        .redirectError(builder.redirectError())
        .redirectErrorStream(builder.redirectErrorStream());
  }

  @Override
  public void start(Completer<ChildProcess> completer) {
    Start start =
        new Start(
            completer,
            Belongings.of(dispatcher),
            dispatcher.ticker() instanceof MockTime mock ? mock.hold() : null);
    try {
      blocking.execute(start);
    } catch (Throwable refused) {
      start.release();
      throw refused;
    }
  }

  @Override
  public String toString() {
    return "spawn of '" + program(builder) + "'";
  }

  /** On the worker. */
  private final class Start implements Runnable {
    private final Completer<ChildProcess> completer;
    private final Belongings belongings;

    /** The child's, once there is one. */
    private final MockTime.@Nullable Hold hold;

    Start(Completer<ChildProcess> completer, Belongings belongings, MockTime.@Nullable Hold hold) {
      this.completer = completer;
      this.belongings = belongings;
      this.hold = hold;
    }

    @Override
    public void run() {
      if (completer.isCancelled()) {
        release();
        return;
      }
      Process process = null;
      ChildProcess child;
      try {
        process = builder.start();
        child = ChildProcess.adopt(builder, process, dispatcher, blocking, belongings, hold);
      } catch (Throwable t) {
        if (process != null) { // memory has run out just then
          process.destroyForcibly();
        }
        completer.fail(t);
        release();
        return;
      }
      if (!completer.complete(child)) {
        child.close(); // at once, and not only when somebody runs the loop again
      }
    }

    void release() {
      if (hold != null) {
        hold.close();
      }
    }
  }
}
