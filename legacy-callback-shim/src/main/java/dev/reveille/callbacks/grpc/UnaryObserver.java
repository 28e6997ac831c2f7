package dev.reveille.callbacks.grpc;

import dev.reveille.callback.Completer;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import org.jspecify.annotations.Nullable;

/** One response. It counts when the call has ended well: the status comes after it. */
final class UnaryObserver<Q, R> extends ClientObserver<Q, R> {
  private final Completer<R> completer;
  private final boolean sendsMany;

  /** By gRPC, one call after the other. */
  private @Nullable R response;

  private @Nullable GrpcSink<Q> requests;

  /** Makes one for a call that sends many requests, or has its one. */
  UnaryObserver(Completer<R> completer, boolean sendsMany) {
    super(completer.name());
    this.completer = completer;
    this.sendsMany = sendsMany;
  }

  @Override
  void prepare(ClientCallStreamObserver<Q> starting) {
    if (sendsMany) {
      GrpcSink<Q> sink = new GrpcSink<>(starting);
      sink.listen();
      requests = sink;
    }
    completer.onCancel(() -> starting.cancel("'" + completer.name() + "' was given up", null));
  }

  /** The other direction of a call that sends many requests and was started. */
  GrpcSink<Q> requests() {
    GrpcSink<Q> sink = requests;
    assert sink != null;
    return sink;
  }

  @Override
  public void onNext(R message) {
    response = message;
  }

  @Override
  public void onError(Throwable cause) {
    completer.fail(cause);
    over();
  }

  @Override
  public void onCompleted() {
    R r = response;
    if (r != null) {
      completer.complete(r);
    } else { // as gRPC's own futures say it
      completer.fail(
          Status.INTERNAL.withDescription("No value received for unary call").asRuntimeException());
    }
    over();
  }

  private void over() {
    GrpcSink<Q> sink = requests;
    if (sink != null) {
      sink.over();
    }
  }
}
