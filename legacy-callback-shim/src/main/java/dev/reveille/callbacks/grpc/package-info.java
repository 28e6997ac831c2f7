/**
 * gRPC's {@code StreamObserver} as pollables and streams with its flow control, on both sides of a
 * call. Needs {@code grpc-stub}, which this library leaves to the one who uses it.
 */
@NullMarked
package dev.reveille.callbacks.grpc;

import org.jspecify.annotations.NullMarked;
