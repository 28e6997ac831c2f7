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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * {@link Callbacks#onEach}: hands each element over in the poll that brings it, and queues the word
 * about the end, as {@link CompletionTask} does.
 */
final class EachTask<T> extends Operation<Complete> {
  private final PollStream<? extends T> stream;
  private final Consumer<? super T> next;

  /** Gets null at the end of the stream, else what it came to instead. */
  private final Consumer<? super @Nullable Throwable> end;

  private final CallbackTurns turns;

  private EachTask(
      CallbackTurns turns,
      PollStream<? extends T> stream,
      Consumer<? super T> next,
      Consumer<? super @Nullable Throwable> end) {
    super(Names.of(stream));
    this.stream = stream;
    this.next = next;
    this.end = end;
    this.turns = turns;
  }

  static <T> JoinHandle<Complete> spawn(
      Dispatcher dispatcher,
      PollStream<? extends T> stream,
      Consumer<? super T> next,
      Consumer<? super @Nullable Throwable> end) {
    requireNonNull(stream, "stream");
    EachTask<T> task = new EachTask<>(CallbackTurns.of(dispatcher), stream, next, end);
    JoinHandle<Complete> handle = dispatcher.spawn(task.name(), task);
    if (handle.isDone() && !task.isFinished()) { // a refused one is untouched
      task.turns.addRefused(task.name(), end);
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
        turns.add(name(), () -> end.accept(null));
        return Poll.ready();
      }
      try {
        next.accept(element);
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
    turns.add(name(), () -> end.accept(failure));
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
