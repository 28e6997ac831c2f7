/**
 * gRPC in one process: observers as streams, the demand of the consumer as that of the peer, and
 * cancellation both ways.
 */
@NullMarked
package dev.reveille.samples.compat.grpc;

import org.jspecify.annotations.NullMarked;
