package dev.reveille.callbacks.grpc;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.sync.AbstractPollStream;
import dev.reveille.sync.PollStream;
import org.jspecify.annotations.Nullable;

/**
 * {@link GrpcCalls#bidi}: sends while it waits for responses. Each direction comes first in every
 * other poll: else an endless one would spend each budget before the other one has its turn.
 */
final class BidiStream<Q, R> extends AbstractPollStream<R> {
  private final ClientInbound<Q, R> responses;
  private final PollStream<? extends Q> messages;

  /** Null before the call has begun, and when everything was sent. */
  private @Nullable Pollable<Complete> sending;

  private boolean begun;
  private boolean sendsFirst;

  BidiStream(ClientInbound<Q, R> responses, PollStream<? extends Q> messages) {
    super(responses.name());
    this.responses = responses;
    this.messages = messages;
  }

  @Override
  @SuppressWarnings(
      "NullAway") // javac 17 does not read the base's Poll<@Nullable T> from its class
  protected Poll<@Nullable R> doPollNext(Context cx) throws Exception {
    if (!begun) {
      responses.begin(cx);
      sending = responses.requests().sendAll(messages);
      begun = true;
    }
    sendsFirst = !sendsFirst;
    if (sendsFirst) {
      send(cx);
    }
    Poll<@Nullable R> poll = responses.pollNext(cx);
    if (!sendsFirst && poll.isPending()) {
      send(cx);
    }
    return poll;
  }

  private void send(Context cx) throws Exception {
    Pollable<Complete> s = sending;
    if (s == null) {
      return;
    }
    try {
      if (s.poll(cx).isReady()) {
        sending = null;
      }
    } catch (Throwable t) {
      sending = null;
      responses.cancelCall("the requests of '" + name() + "' failed", t);
      throw t;
    }
  }

  @Override
  protected void release() {
    try {
      if (!begun) {
        messages.cancel();
      } else if (sending != null) {
        sending.cancel();
      }
    } finally {
      responses.cancel();
    }
  }
}
