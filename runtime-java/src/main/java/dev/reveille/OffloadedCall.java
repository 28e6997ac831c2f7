package dev.reveille;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * {@link Dispatcher#offload}. The worker's side is a {@link FutureTask}, which knows how to
 * interrupt a call without hitting the next one on the same thread.
 */
final class OffloadedCall<T extends @Nullable Object> extends Operation<T> {

  /** The call on its way through the executor. */
  private final class Work extends FutureTask<T> {
    private final MockTime.@Nullable Hold hold;

    Work(Callable<T> call, MockTime.@Nullable Hold hold) {
      super(call);
      this.hold = hold;
    }

    /** On the worker, or on the thread that cancels: the loop. */
    @Override
    protected void done() {
      slot.wake();
      release();
    }

    /** On the worker. The future drops a failure that comes after its cancel. */
    @Override
    protected void setException(Throwable t) {
      super.setException(t);
      if (isCancelled() && !(t instanceof InterruptedException)) {
        loop.uncaught(name(), t);
      }
    }

    void release() {
      if (hold != null) {
        hold.close();
      }
    }
  }

  private final Loop loop;
  private final Callable<T> callable;
  private final Executor executor;
  private final WakerSlot slot = new WakerSlot();
  private @Nullable Work work;

  OffloadedCall(Loop loop, Callable<T> callable, Executor executor) {
    super("offload of '" + Misuse.describe(callable) + "'");
    this.loop = loop;
    this.callable = callable;
    this.executor = executor;
  }

  @Override
  protected Poll<T> doPoll(Context cx) throws Exception {
    Work w = work;
    if (w == null) {
      w = begin();
    }
    if (!w.isDone()) {
      slot.register(cx, "an offloaded call");
      if (!w.isDone()) {
        return Poll.pending();
      }
    }
    return outcome(w);
  }

  private Work begin() {
    Work w = new Work(callable, loop.ticker instanceof MockTime mock ? mock.hold() : null);
    try {
      executor.execute(w);
    } catch (Throwable refused) {
      w.release();
      throw refused;
    }
    work = w;
    return w;
  }

  private Poll<T> outcome(Work w) throws Exception {
    try {
      return Poll.ready(w.get());
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof InterruptedException) {
        throw e; // the worker's interrupt, not the loop's
      }
      if (cause instanceof Exception exception) {
        throw exception;
      }
      if (cause instanceof Error error) {
        throw error;
      }
      throw e;
    }
  }

  @Override
  protected void doCancel() {
    Work w = work;
    if (w != null) {
      slot.clear();
      w.cancel(true);
    }
  }
}
