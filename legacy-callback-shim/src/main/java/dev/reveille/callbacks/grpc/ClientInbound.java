package dev.reveille.callbacks.grpc;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The responses of a call, and the call. */
final class ClientInbound<Q, R> extends Inbound<R> {
  private final Consumer<? super StreamObserver<R>> method;

  /** Null until the call has begun. On the loop, but for a call that was opened elsewhere. */
  private @Nullable ClientCallStreamObserver<Q> call;

  private @Nullable GrpcSink<Q> requests;

  ClientInbound(String name, int prefetch, Consumer<? super StreamObserver<R>> method) {
    super(name, prefetch);
    this.method = method;
  }

  @Override
  void open() {
    if (call == null) {
      call = new Observer().start(method);
    }
  }

  /** The other direction of an open call. */
  GrpcSink<Q> requests() {
    GrpcSink<Q> sink = requests;
    assert sink != null;
    return sink;
  }

  @Override
  boolean counts() {
    return true;
  }

  @Override
  void request(int messages) {
    ClientCallStreamObserver<Q> c = call;
    assert c != null;
    c.request(messages);
  }

  @Override
  void giveUp() {
    cancelCall("'" + name() + "' was given up", null);
  }

  /** Does nothing if the call has not begun, or is over. */
  void cancelCall(String why, @Nullable Throwable cause) {
    ClientCallStreamObserver<Q> c = call;
    if (c != null) {
      requests().over();
      c.cancel(why, cause);
    }
  }

  private final class Observer extends ClientObserver<Q, R> {
    Observer() {
      super(name());
    }

    @Override
    void prepare(ClientCallStreamObserver<Q> starting) {
      starting.disableAutoRequestWithInitial(prefetch);
      GrpcSink<Q> sink = new GrpcSink<>(starting);
      sink.listen();
      requests = sink;
    }

    @Override
    public void onNext(R response) {
      received(response);
    }

    @Override
    public void onError(Throwable cause) {
      failed(cause);
      requests().over();
    }

    @Override
    public void onCompleted() {
      completed();
      requests().over();
    }
  }
}
