package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import org.jspecify.annotations.Nullable;

/**
 * {@link PollStream#sendTo}. A place in the channel comes first, and then the element that is to
 * take it: so an operation that is given up has no element in its hands.
 */
final class StreamSendTo<T> extends Operation<Complete> {
  private final Upstream<T> upstream;
  private final Sender<? super T> sender;

  /** The place for the next element. */
  private @Nullable SendPermit<? super T> place;

  StreamSendTo(PollStream<T> stream, Sender<? super T> sender) {
    super("sendTo");
    this.upstream = new Upstream<>(stream);
    this.sender = requireNonNull(sender, "sender");
  }

  @Override
  protected Poll<Complete> doPoll(Context cx) throws Exception {
    try {
      for (; ; ) {
        SendPermit<? super T> permit = place;
        if (permit == null) {
          permit = reserve(cx, sender);
          if (permit == null) {
            return Poll.pending();
          }
          place = permit;
        }
        Poll<@Nullable T> poll = upstream.poll(cx);
        if (poll.isPending()) {
          return Poll.pending();
        }
        T element = poll.value();
        if (element == null) {
          close();
          return Poll.ready();
        }
        place = null;
        permit.send(element);
      }
    } catch (Throwable t) {
      try {
        doCancel();
      } catch (Throwable second) {
        if (second != t) {
          t.addSuppressed(second);
        }
      }
      throw t;
    }
  }

  private static <S> @Nullable SendPermit<S> reserve(Context cx, Sender<S> sender) {
    Poll<SendPermit<S>> poll = sender.pollReserve(cx); // spends the budget
    return poll.isReady() ? poll.value() : null;
  }

  private void close() {
    SendPermit<? super T> permit = place;
    place = null;
    if (permit != null) {
      permit.close();
    }
    sender.close();
  }

  @Override
  protected void doCancel() {
    try {
      upstream.cancel();
    } finally {
      close();
    }
  }
}
