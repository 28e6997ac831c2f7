package dev.reveille.callbacks.grpc;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.callback.CallOptions;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.sync.PollStream;
import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** {@link GrpcCalls#clientStreaming}: sends while it waits for the one response. */
final class ClientStreaming<Q, R> extends Operation<R> {
  private final PollStream<? extends Q> messages;
  private final Pollable<R> response;

  /** Null before the call has begun, and when everything was sent. */
  private @Nullable Pollable<Complete> sending;

  private boolean sent;

  ClientStreaming(
      String name,
      CallOptions<? super R> options,
      Consumer<? super StreamObserver<R>> method,
      PollStream<? extends Q> messages) {
    super(name);
    this.messages = messages;
    this.response =
        Callbacks.call(
            name,
            options,
            completer -> {
              UnaryObserver<Q, R> observer = new UnaryObserver<>(completer, true);
              var unused = observer.start(method);
              GrpcSink<Q> sink = observer.requests();
              sending = sink.sendAll(messages);
            });
  }

  @Override
  protected Poll<R> doPoll(Context cx) throws Exception {
    Poll<R> poll;
    try {
      poll = response.poll(cx);
    } catch (Throwable t) {
      stopSending();
      throw t;
    }
    if (poll.isReady()) {
      stopSending();
      return poll;
    }
    Pollable<Complete> s = sending;
    if (s != null) {
      send(s, cx);
    }
    return Poll.pending();
  }

  private void send(Pollable<Complete> s, Context cx) throws Exception {
    try {
      if (s.poll(cx).isReady()) {
        sent = true;
        sending = null;
      }
    } catch (Throwable t) {
      sent = true;
      response.cancel();
      throw t;
    }
  }

  private void stopSending() {
    Pollable<Complete> s = sending;
    if (s != null) {
      sending = null;
      s.cancel();
    } else if (!sent) {
      messages.cancel();
    }
  }

  @Override
  protected void doCancel() {
    try {
      stopSending();
    } finally {
      response.cancel();
    }
  }
}
