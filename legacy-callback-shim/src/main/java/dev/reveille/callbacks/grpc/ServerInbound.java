package dev.reveille.callbacks.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/** The requests of a call, on the server. */
final class ServerInbound<Q> extends Inbound<Q> {
  private final ServerCallStreamObserver<?> call;

  /** To be made in the method of the service, where the demand can still be set. */
  ServerInbound(String name, ServerCallStreamObserver<?> call) {
    super(name, PREFETCH);
    this.call = call;
    call.disableAutoRequest();
    call.request(PREFETCH);
  }

  /** What the service returns. */
  StreamObserver<Q> observer() {
    return new Observer();
  }

  /** It was begun by the peer. */
  @Override
  void open() {}

  /** A service is not a call site. */
  @Override
  boolean counts() {
    return false;
  }

  @Override
  void request(int messages) {
    call.request(messages);
  }

  /** The one who answers has read enough. No more is asked for; the answer may still come. */
  @Override
  void giveUp() {}

  private final class Observer implements StreamObserver<Q> {
    @Override
    public void onNext(Q request) {
      received(request);
    }

    @Override
    public void onError(Throwable cause) {
      failed(cause);
    }

    @Override
    public void onCompleted() {
      completed();
    }
  }
}
