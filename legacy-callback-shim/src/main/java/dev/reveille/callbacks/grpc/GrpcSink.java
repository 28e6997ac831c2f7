package dev.reveille.callbacks.grpc;

import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.WakerSlot;
import dev.reveille.sync.PollStream;
import io.grpc.stub.CallStreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * The messages that go out on one call: gRPC's {@code StreamObserver} with its readiness as
 * something to poll. A {@code StreamObserver} alone queues whatever it is given, without a limit.
 *
 * <pre>{@code
 * GrpcCall<String, String> chat = GrpcCalls.open("chat", stub::chat);
 * GrpcSink<String> out = chat.requests();
 * Pollable<Complete> said =
 *     cx -> {
 *       while (!lines.isEmpty()) {
 *         if (out.pollReady(cx).isPending()) {
 *           return Poll.pending(); // until the peer has taken some
 *         }
 *         out.trySend(lines.remove());
 *       }
 *       out.complete();
 *       return Poll.ready();
 *     };
 * }</pre>
 *
 * <p><b>Threading.</b> On the loop only; of the tasks there, one waits for readiness at a time.
 * <b>Memory effects.</b> As of {@link Pollable}.
 *
 * @param <T> the type of the messages
 */
public final class GrpcSink<T> {
  private final CallStreamObserver<? super T> observer;
  private final WakerSlot ready = new WakerSlot();

  /** The peer, or somebody, has ended the call. Volatile: written by gRPC, then a wake. */
  private volatile boolean over;

  /** We have said our last word. */
  private boolean ended;

  GrpcSink(CallStreamObserver<? super T> observer) {
    this.observer = observer;
  }

  /** To be called while the call is being set up, where gRPC allows it. */
  void listen() {
    observer.setOnReadyHandler(ready::wake);
  }

  /** Nothing that is sent will arrive any more. Any thread. */
  void over() {
    over = true;
    ready.wake();
  }

  /** One message, ready or not, and the end. */
  void sendLast(T message) {
    requireNonNull(message, "the response of a gRPC call");
    if (!isOver()) {
      observer.onNext(message);
      complete();
    }
  }

  /**
   * Waits until a message would not have to be queued by gRPC; may be called again and again.
   *
   * <p>Ready with true when gRPC is ready for a message; ready with false when the call is over,
   * whichever way, and nothing that is sent will arrive: the other direction of the call says how
   * it went. Pending until then; gRPC wakes. Throws nothing.
   *
   * @param cx the context of this poll
   * @return ready with whether it makes sense to send, or pending
   */
  public Poll<Boolean> pollReady(Context cx) {
    if (!isOver() && !observer.isReady()) {
      ready.register(cx, "a gRPC call to be ready for a message");
      if (!isOver() && !observer.isReady()) {
        return Poll.pending();
      }
    }
    return Poll.ready(!isOver());
  }

  private boolean isOver() {
    return over || ended;
  }

  /**
   * Sends a message if that is possible without queueing.
   *
   * @param message the message
   * @return false if gRPC is not ready, or the call is over: then nothing was sent
   */
  public boolean trySend(T message) {
    requireNonNull(message, "message");
    if (isOver() || !observer.isReady()) {
      return false;
    }
    observer.onNext(message);
    return true;
  }

  /**
   * Sends a message as soon as gRPC is ready.
   *
   * <p>Ready with true when the message was handed to gRPC, with false if the call was over before.
   * Pending until then; gRPC wakes. Throws nothing. {@code cancel()} gives up; nothing was sent
   * then.
   *
   * @param message the message
   * @return a new one-shot operation
   */
  public Pollable<Boolean> send(T message) {
    requireNonNull(message, "message");
    return new Send(message);
  }

  /**
   * Sends all elements of a stream, each when gRPC is ready for it, and completes this side of the
   * call after the last. The stream is polled only while gRPC is ready: back pressure.
   *
   * <p>Ready at the end of the stream, or when the call is over: then the stream was cancelled.
   * Pending until then; gRPC or the stream wakes. Throws the failure of the stream; this side of
   * the call is left open then, for {@link #fail}. {@code cancel()} cancels the stream.
   *
   * @param messages what to send; the operation becomes its owner
   * @return a new one-shot operation
   */
  public Pollable<Complete> sendAll(PollStream<? extends T> messages) {
    requireNonNull(messages, "messages");
    return new SendAll(messages);
  }

  /**
   * Says that this was the last message. Does nothing after the end of the call, and the second
   * time.
   */
  public void complete() {
    if (!isOver()) {
      ended = true;
      observer.onCompleted();
      ready.wake();
    }
  }

  /**
   * Ends the call with a failure: a server sends its status ({@link io.grpc.Status#fromThrowable}),
   * a client cancels the call. Does nothing after the end of the call, and after {@link #complete}.
   *
   * @param cause why
   */
  public void fail(Throwable cause) {
    requireNonNull(cause, "cause");
    if (!isOver()) {
      ended = true;
      observer.onError(cause);
      ready.wake();
    }
  }

  @Override
  public String toString() {
    return "GrpcSink[" + (ended ? "ended" : over ? "over" : "open") + "]";
  }

  private final class Send extends Operation<Boolean> {
    private final T message;

    Send(T message) {
      super("send of a gRPC message");
      this.message = message;
    }

    @Override
    protected Poll<Boolean> doPoll(Context cx) {
      Poll<Boolean> wanted = pollReady(cx);
      if (wanted.isPending() || !cx.tryProceed()) {
        return Poll.pending();
      }
      if (wanted.value()) { // not asked again: a no would not mean that the call is over
        observer.onNext(message);
      }
      return wanted;
    }
  }

  private final class SendAll extends Operation<Complete> {
    private final PollStream<? extends T> messages;

    SendAll(PollStream<? extends T> messages) {
      super("send of all gRPC messages");
      this.messages = messages;
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) throws Exception {
      // Also while it waits for the stream: the end of the call is the end of this. First, so that
      // a dump shows what else it waits for.
      ready.register(cx, "the end of a gRPC call");
      for (; ; ) {
        Poll<Boolean> wanted = pollReady(cx);
        if (wanted.isPending()) {
          return Poll.pending();
        }
        if (!wanted.value()) {
          messages.cancel();
          return Poll.ready();
        }
        if (!cx.tryProceed()) {
          return Poll.pending();
        }
        Poll<? extends @Nullable T> next = messages.pollNext(cx);
        if (next.isPending()) {
          return Poll.pending();
        }
        T message = next.value();
        if (message == null) {
          complete();
          return Poll.ready();
        }
        observer.onNext(message); // nobody else has sent in between: we are in one poll
      }
    }

    @Override
    protected void doCancel() {
      messages.cancel();
    }
  }
}
