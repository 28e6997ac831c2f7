import org.jspecify.annotations.NullMarked;

/**
 * Legacy callback APIs on the loop, and the loop behind legacy callback APIs.
 *
 * <p>The packages for Netty, Guava and gRPC need those libraries only where they are used: who uses
 * one of them has the library anyway.
 */
@NullMarked
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"}) // those of gRPC
module dev.reveille.callbacks {
  requires transitive dev.reveille;
  requires static transitive com.google.common;
  requires static transitive io.grpc;
  requires static transitive io.grpc.stub;
  requires static transitive io.netty.common;
  requires static transitive io.netty.transport;

  exports dev.reveille.callbacks;
  exports dev.reveille.callbacks.executors;
  exports dev.reveille.callbacks.grpc;
  exports dev.reveille.callbacks.guava;
  exports dev.reveille.callbacks.ledger;
  exports dev.reveille.callbacks.netty;
}
