package dev.reveille.samples.compat.grpc;

import dev.reveille.Complete;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.WakerSlot;
import io.grpc.stub.CallStreamObserver;

/** The readiness of an observer: what the peer has asked for may be sent, and no more. */
final class Writable<T> {
  private final CallStreamObserver<T> observer;
  private final WakerSlot waiting = new WakerSlot();

  /**
   * While gRPC still lets a handler be set: before the call starts, or in the method that serves.
   */
  Writable(CallStreamObserver<T> observer) {
    this.observer = observer;
    observer.setOnReadyHandler(waiting::wake);
  }

  /** Ready when the peer has room for one more. */
  Pollable<Complete> ready() {
    return cx -> {
      if (observer.isReady()) {
        return Poll.ready();
      }
      waiting.register(cx, "the peer to ask for more");
      return observer.isReady() ? Poll.ready() : Poll.pending();
    };
  }
}
