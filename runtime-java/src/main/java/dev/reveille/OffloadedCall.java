package dev.reveille;

import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * {@link Dispatcher#offload}. The worker's side is a {@link FutureTask}, which knows how to
 * interrupt a call without hitting the next one on the same thread, and which of a cancel and an
 * end came first. What the call threw is told by the one who comes second: by the worker, if the
 * call was cancelled before it ended; by the loop, if it had ended and nobody has looked.
 */
final class OffloadedCall<T extends @Nullable Object> extends Operation<T> {

  /** The call on its way through the executor. */
  private final class Work extends FutureTask<T> {
    private final MockTime.@Nullable Hold hold;
    private final LateFailures late;

    /** Plain: written before the future's state, which whoever reads this has read. */
    private @Nullable Throwable thrown;

    Work(Callable<T> call, MockTime.@Nullable Hold hold, LateFailures late) {
      super(call);
      this.hold = hold;
      this.late = late;
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
      thrown = t;
      super.setException(t);
      if (isCancelled() && !(t instanceof InterruptedException)) { // that was the cancel's doing
        late.report(name(), t);
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
    super("offload of '" + Names.of(callable) + "'");
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
    Work w =
        new Work(
            callable,
            loop.ticker instanceof MockTime mock ? mock.hold() : null,
            LateFailures.of(loop.dispatcher));
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
    } catch (CancellationException e) {
      throw new CancellationException("'" + name() + "' was cancelled by its executor");
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause == null || cause instanceof InterruptedException) {
        throw e; // the worker's interrupt, not the loop's
      }
      throw JoinHandle.<RuntimeException>asItIs(cause);
    }
  }

  @Override
  protected void doCancel() {
    Work w = work;
    if (w != null) {
      slot.clear();
      boolean ended = !w.cancel(true);
      Throwable thrown = w.thrown;
      if (ended && thrown != null) {
        loop.uncaught(name(), thrown); // it was there, and nobody polled for it any more
      }
    }
  }
}
