package dev.reveille.callbacks;

import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Names;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.sync.PollStream;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * {@link Callbacks#onEach}: hands each element over in the poll that brings it, and queues the word
 * about the end, as {@link CompletionTask} does.
 */
final class EachTask<T> extends Operation<Complete> {
  private final PollStream<? extends T> stream;
  private final ElementCallback<? super T> callback;
  private final CallbackTurns turns;

  private EachTask(
      CallbackTurns turns, PollStream<? extends T> stream, ElementCallback<? super T> callback) {
    super(Names.of(stream));
    this.stream = stream;
    this.callback = callback;
    this.turns = turns;
  }

  static <T> JoinHandle<Complete> spawn(
      Dispatcher dispatcher, PollStream<? extends T> stream, ElementCallback<? super T> callback) {
    requireNonNull(callback, "callback");
    EachTask<T> task = new EachTask<>(CallbackTurns.of(dispatcher), stream, callback);
    JoinHandle<Complete> handle = dispatcher.spawn(task.name(), task);
    if (handle.isDone() && !task.isFinished()) { // a refused one is untouched
      task.turns.addRefused(task.name(), callback::failed);
    }
    return handle;
  }

  @Override
  protected Poll<Complete> doPoll(Context cx) {
    do {
      T element;
      try {
        Poll<? extends @Nullable T> poll = stream.pollNext(cx);
        if (poll.isPending()) {
          return Poll.pending();
        }
        element = poll.value();
      } catch (Throwable t) { // not swallowed: it is the outcome
        Ends.cancelAfter(t, stream::cancel);
        tellFailure(t);
        return Poll.ready();
      }
      if (element == null) {
        turns.add(name(), callback::completed);
        return Poll.ready();
      }
      try {
        callback.next(element);
      } catch (Throwable t) { // to the uncaught handler
        turns.report(name(), t);
      }
      if (cx.stopToken().isStopped()) { // by a cancel of the handle, whose turn is on its way
        return cx.park();
      }
    } while (cx.tryProceed());
    return Poll.pending();
  }

  private void tellFailure(Throwable failure) {
    turns.add(name(), () -> Ends.tell(failure, callback::failed, callback::cancelled));
  }

  @Override
  protected void doCancel() {
    try {
      stream.cancel();
    } finally {
      tellFailure(new CancellationException("'" + name() + "' was cancelled"));
    }
  }
}
