package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@link PollStream#generate}. */
final class StreamGenerate<T> extends AbstractPollStream<T> {
  private final Supplier<? extends Pollable<? extends @Nullable T>> supplier;

  /** The operation that brings the next element, or null between two. */
  private @Nullable Pollable<? extends @Nullable T> operation;

  StreamGenerate(Supplier<? extends Pollable<? extends @Nullable T>> supplier) {
    super("generate");
    this.supplier = requireNonNull(supplier, "supplier");
  }

  @Override
  protected Poll<@Nullable T> doPollNext(Context cx) throws Exception {
    Pollable<? extends @Nullable T> o = operation;
    if (o == null) {
      if (!cx.tryProceed()) {
        return Poll.pending();
      }
      o = StreamOperator.notNull("generate", supplier.get());
      operation = o;
    }
    Poll<? extends @Nullable T> poll;
    try {
      poll = o.poll(cx);
    } catch (Throwable t) {
      operation = null; // it has ended by that
      throw t;
    }
    if (poll.isPending()) {
      return Poll.pending();
    }
    operation = null;
    T element = poll.value();
    return element == null ? end() : element(element);
  }

  @Override
  protected void release() {
    if (operation != null) {
      operation.cancel();
    }
  }
}
