package dev.reveille.benchmarks.loop;

import io.vertx.core.Handler;

/** A runnable, and what Vert.x takes for one: so it costs no object there either. */
public abstract class LoopRunnable implements Runnable, Handler<Void> {
  /** By subclasses. */
  protected LoopRunnable() {}

  @Override
  public final void handle(Void nothing) {
    run();
  }
}
