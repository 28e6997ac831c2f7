package dev.reveille.callbacks.grpc;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a stub is given to call back. gRPC hands over the call before it starts it, in {@code
 * beforeStart}, within the method of the stub.
 */
abstract class ClientObserver<Q, R> implements ClientResponseObserver<Q, R> {
  private final String name;

  /** Plain: set by the thread that calls the stub, before it gives the call to anybody. */
  private @Nullable ClientCallStreamObserver<Q> call;

  ClientObserver(String name) {
    this.name = name;
  }

  /** Where the demand is set, and handlers. */
  abstract void prepare(ClientCallStreamObserver<Q> starting);

  @Override
  public final void beforeStart(ClientCallStreamObserver<Q> starting) {
    call = starting;
    prepare(starting);
  }

  /** Makes the call. */
  final ClientCallStreamObserver<Q> start(Consumer<? super StreamObserver<R>> method) {
    method.accept(this);
    ClientCallStreamObserver<Q> started = call;
    if (started == null) {
      throw new IllegalStateException(
          "'"
              + name
              + "' did not begin a call: give the observer to a method of a gRPC stub, which calls"
              + " beforeStart");
    }
    return started;
  }
}
