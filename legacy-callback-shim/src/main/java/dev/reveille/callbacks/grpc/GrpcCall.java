package dev.reveille.callbacks.grpc;

import dev.reveille.sync.PollStream;

/**
 * A call that was begun by {@link GrpcCalls#open}, with both of its directions: for a client that
 * decides from message to message what to send.
 *
 * <pre>{@code
 * GrpcCall<String, String> chat = GrpcCalls.open("chat", stub::chat);
 * Pollable<Boolean> asked = chat.requests().send("how are you?");
 * Pollable<@Nullable String> answer = chat.responses().next();
 * }</pre>
 *
 * <p><b>Threading.</b> On the loop only, but that the task that sends and the task that receives
 * may be two. To give the call up, cancel the {@linkplain #responses responses}.
 *
 * @param <Q> the type of the requests
 * @param <R> the type of the responses
 */
public final class GrpcCall<Q, R> {
  private final ClientInbound<Q, R> inbound;

  GrpcCall(ClientInbound<Q, R> inbound) {
    this.inbound = inbound;
  }

  /**
   * Where the requests go.
   *
   * @return the same sink each time
   */
  public GrpcSink<Q> requests() {
    return inbound.requests();
  }

  /**
   * Where the responses come from: as of {@link GrpcCalls#serverStreaming}, of a call that has
   * begun. Its {@code cancel()} cancels the call.
   *
   * @return the same stream each time
   */
  public PollStream<R> responses() {
    return inbound;
  }

  @Override
  public String toString() {
    return "GrpcCall[" + inbound.name() + "]";
  }
}
