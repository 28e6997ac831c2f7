package dev.reveille.io.process;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** {@link ChildProcess#run}: spawns, polls the body, kills what is left and waits for its end. */
final class RunOperation<T extends @Nullable Object> extends Operation<T> {
  private final Pollable<ChildProcess> spawn;
  private final Function<? super ChildProcess, ? extends Pollable<? extends T>> body;

  /** Null until it was spawned. */
  private @Nullable ChildProcess child;

  /** Null until then, and when it has ended. */
  private @Nullable Pollable<? extends T> running;

  /** Not null when the body has ended. */
  private @Nullable Pollable<Integer> leaving;

  /** Of the body: one of the two, when it has ended. */
  private @Nullable Poll<? extends T> result;

  private @Nullable Throwable failure;

  RunOperation(
      Pollable<ChildProcess> spawn,
      Function<? super ChildProcess, ? extends Pollable<? extends T>> body,
      ProcessBuilder builder) {
    super("run of '" + Spawn.program(builder) + "'");
    this.spawn = spawn;
    this.body = body;
  }

  @Override
  protected Poll<T> doPoll(Context cx) throws Exception {
    ChildProcess c = child;
    if (c == null) {
      Poll<ChildProcess> spawned = spawn.poll(cx);
      if (spawned.isPending()) {
        return Poll.pending();
      }
      c = spawned.value();
      child = c;
    }
    if (leaving == null) {
      if (!pollBody(cx, c)) {
        return Poll.pending();
      }
      c.close();
      leaving = c.exit();
    }
    return leaving.poll(cx).isReady() ? outcome() : Poll.pending();
  }

  /** Returns whether the body has ended. */
  private boolean pollBody(Context cx, ChildProcess c) {
    try {
      Pollable<? extends T> r = running;
      if (r == null) {
        r = requireNonNull(body.apply(c), "the body of a run made no pollable");
        running = r;
      }
      Poll<? extends T> polled = cx.pollChild(r);
      if (polled.isPending()) {
        return false;
      }
      result = polled;
    } catch (Throwable t) {
      failure = t; // thrown when the child has ended
    }
    running = null;
    return true;
  }

  private Poll<T> outcome() throws Exception {
    Throwable t = failure;
    if (t instanceof Error error) {
      throw error;
    }
    if (t != null) {
      throw (Exception) t; // a poll throws nothing else
    }
    Poll<? extends T> r = result;
    assert r != null : "an end without a result";
    return Poll.ready(r.value());
  }

  @Override
  protected void doCancel() {
    ChildProcess c = child;
    if (c == null) {
      spawn.cancel();
      return;
    }
    try {
      if (running != null) {
        running.cancel();
      }
    } finally {
      c.close();
      if (leaving != null) {
        leaving.cancel();
      }
    }
  }
}
