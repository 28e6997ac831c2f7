package dev.reveille.callbacks;

import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Names;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import java.util.concurrent.CancellationException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * {@link Callbacks#onComplete}: polls to the end, and queues the callback from its last poll, or
 * from its cancel. So the callback runs in a later turn, when the task has ended.
 *
 * <p>The task itself completes also when what it polls has failed: the callback is the one who is
 * told, so nobody else is to take the failure for one that nobody waits for.
 */
final class CompletionTask<T extends @Nullable Object> extends Operation<Complete> {
  private final Pollable<? extends T> inner;
  private final BiConsumer<? super @Nullable T, ? super @Nullable Throwable> callback;
  private final CallbackTurns turns;

  private CompletionTask(
      CallbackTurns turns,
      Pollable<? extends T> inner,
      BiConsumer<? super @Nullable T, ? super @Nullable Throwable> callback) {
    super(Names.of(inner));
    this.inner = inner;
    this.callback = callback;
    this.turns = turns;
  }

  static <T extends @Nullable Object> JoinHandle<Complete> spawn(
      Dispatcher dispatcher,
      Pollable<? extends T> pollable,
      BiConsumer<? super @Nullable T, ? super @Nullable Throwable> callback) {
    requireNonNull(pollable, "pollable");
    requireNonNull(callback, "callback");
    CompletionTask<T> task = new CompletionTask<>(CallbackTurns.of(dispatcher), pollable, callback);
    JoinHandle<Complete> handle = dispatcher.spawn(task.name(), task);
    if (handle.isDone() && !task.isFinished()) { // a refused one is untouched
      task.turns.addRefused(task.name(), refusal -> callback.accept(null, refusal));
    }
    return handle;
  }

  @Override
  protected Poll<Complete> doPoll(Context cx) {
    Poll<? extends T> poll;
    try {
      poll = cx.pollChild(inner);
    } catch (Throwable t) { // not swallowed: it is the outcome
      Ends.cancelAfter(t, inner::cancel);
      tellFailure(t);
      return Poll.ready();
    }
    if (poll.isPending()) {
      return Poll.pending();
    }
    T value = poll.value();
    turns.add(name(), () -> callback.accept(value, null));
    return Poll.ready();
  }

  private void tellFailure(Throwable failure) {
    turns.add(name(), () -> callback.accept(null, failure));
  }

  @Override
  protected void doCancel() {
    try {
      inner.cancel();
    } finally {
      tellFailure(new CancellationException("'" + name() + "' was cancelled"));
    }
  }
}
