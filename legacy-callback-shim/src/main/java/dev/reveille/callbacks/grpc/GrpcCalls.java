package dev.reveille.callbacks.grpc;

import static java.util.Objects.requireNonNull;

import dev.reveille.Pollable;
import dev.reveille.callback.CallOptions;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.sync.PollStream;
import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The client's side: the four kinds of gRPC calls as pollables and streams, made of the
 * asynchronous methods of a stub.
 *
 * <pre>{@code
 * Pollable<String> answer =
 *     GrpcCalls.unary("ask", observer -> stub.ask("a question", observer));
 * PollStream<String> ticks =
 *     GrpcCalls.serverStreaming("ticks", observer -> stub.ticks("fast", observer));
 * Pollable<String> sum =
 *     GrpcCalls.clientStreaming("upload", stub::upload, PollStream.from(List.of("a", "b")));
 * PollStream<String> replies =
 *     GrpcCalls.bidi("chat", stub::chat, PollStream.from(List.of("hello", "bye")));
 * }</pre>
 *
 * <p><b>A call begins in the first poll</b>, with the deadline and the {@code io.grpc.Context} that
 * are current there. One that ends with another status than OK fails with gRPC's {@link
 * io.grpc.StatusRuntimeException}; a call that was given up here is over, and its CANCELLED is
 * nobody's failure.
 *
 * <p><b>Back pressure</b> goes through: responses are asked for as they are taken, so at most the
 * prefetch waits here and a peer that looks at its readiness stops; requests are taken from their
 * stream only when gRPC is ready for them.
 *
 * <p>The {@linkplain dev.reveille.callback.LedgerSink ledger} hears of each call by its name, and
 * of each response of a stream.
 *
 * <p><b>Threading.</b> What is returned is polled on the loop; gRPC's threads only store and wake.
 * <b>Memory effects.</b> As of {@link Pollable}.
 */
public final class GrpcCalls {
  private GrpcCalls() {}

  /**
   * One request, one response.
   *
   * <p>Ready with the response when the call has ended with OK. Pending until then; gRPC wakes.
   * Throws {@link io.grpc.StatusRuntimeException} for another status, or what the method of the
   * stub throws. {@code cancel()} cancels the call.
   *
   * @param <R> the type of the response
   * @param name what is waited for; dumps and messages show it
   * @param method calls the stub with the request and the observer
   * @return a new one-shot operation
   */
  public static <R> Pollable<R> unary(String name, Consumer<? super StreamObserver<R>> method) {
    return unary(name, CallOptions.defaults(), method);
  }

  /**
   * The same with options. A time limit is better set as a deadline of the stub, which the server
   * sees too.
   *
   * @param <R> the type of the response
   * @param name what is waited for; dumps and messages show it
   * @param options see {@link CallOptions}
   * @param method calls the stub with the request and the observer
   * @return a new one-shot operation
   */
  public static <R> Pollable<R> unary(
      String name, CallOptions<? super R> options, Consumer<? super StreamObserver<R>> method) {
    requireNonNull(method, "method");
    return Callbacks.call(
        name,
        options,
        completer -> {
          var unused = new UnaryObserver<Object, R>(completer, false).start(method);
        });
  }

  /**
   * One request, many responses: {@link #serverStreaming(String, int, Consumer)} with a prefetch of
   * 16.
   *
   * @param <R> the type of the responses
   * @param name what is waited for; dumps and messages show it
   * @param method calls the stub with the request and the observer
   * @return a new stream
   */
  public static <R> PollStream<R> serverStreaming(
      String name, Consumer<? super StreamObserver<R>> method) {
    return serverStreaming(name, Inbound.PREFETCH, method);
  }

  /**
   * One request, many responses.
   *
   * <p>An element is Ready when a response has come; the end, when the call has ended with OK.
   * Pending until then; gRPC wakes. Throws {@link io.grpc.StatusRuntimeException} for another
   * status, after the responses that came before it, or what the method of the stub throws. {@code
   * cancel()} cancels the call.
   *
   * @param <R> the type of the responses
   * @param name what is waited for; dumps and messages show it
   * @param prefetch how many responses are asked for before they are taken; 1 for a peer that shall
   *     make each one only when it is wanted
   * @param method calls the stub with the request and the observer
   * @return a new stream
   * @throws IllegalArgumentException if the prefetch is less than 1 or more than 65,536
   */
  public static <R> PollStream<R> serverStreaming(
      String name, int prefetch, Consumer<? super StreamObserver<R>> method) {
    return new ClientInbound<Object, R>(name, prefetch, requireNonNull(method, "method"));
  }

  /**
   * Many requests, one response.
   *
   * <p>Ready with the response when the call has ended with OK, also if not everything was sent:
   * the rest of the requests is cancelled then. Pending until then; gRPC, or the stream of the
   * requests, wakes. Throws {@link io.grpc.StatusRuntimeException} for another status; or what the
   * requests, or the method of the stub, failed with, and the call was cancelled. {@code cancel()}
   * cancels the call and the requests.
   *
   * @param <Q> the type of the requests
   * @param <R> the type of the response
   * @param name what is waited for; dumps and messages show it
   * @param method the method of the stub
   * @param requests what to send; the operation becomes its owner
   * @return a new one-shot operation
   */
  public static <Q, R> Pollable<R> clientStreaming(
      String name,
      Function<? super StreamObserver<R>, ? extends StreamObserver<Q>> method,
      PollStream<? extends Q> requests) {
    return clientStreaming(name, CallOptions.defaults(), method, requests);
  }

  /**
   * The same with options.
   *
   * @param <Q> the type of the requests
   * @param <R> the type of the response
   * @param name what is waited for; dumps and messages show it
   * @param options see {@link CallOptions}
   * @param method the method of the stub
   * @param requests what to send; the operation becomes its owner
   * @return a new one-shot operation
   */
  public static <Q, R> Pollable<R> clientStreaming(
      String name,
      CallOptions<? super R> options,
      Function<? super StreamObserver<R>, ? extends StreamObserver<Q>> method,
      PollStream<? extends Q> requests) {
    return new ClientStreaming<Q, R>(
        name, options, starter(method), requireNonNull(requests, "requests"));
  }

  /**
   * Many requests, many responses: {@link #bidi(String, int, Function, PollStream)} with a prefetch
   * of 16.
   *
   * @param <Q> the type of the requests
   * @param <R> the type of the responses
   * @param name what is waited for; dumps and messages show it
   * @param method the method of the stub
   * @param requests what to send; the stream becomes its owner
   * @return a new stream
   */
  public static <Q, R> PollStream<R> bidi(
      String name,
      Function<? super StreamObserver<R>, ? extends StreamObserver<Q>> method,
      PollStream<? extends Q> requests) {
    return bidi(name, Inbound.PREFETCH, method, requests);
  }

  /**
   * Many requests, many responses. Requests are sent while the stream is polled; a consumer that is
   * busy elsewhere stops both directions.
   *
   * <p>Elements, end, failures and {@code cancel()} as of {@link #serverStreaming}; a failure of
   * the requests cancels the call and fails the stream; when the call ends before them, the rest of
   * the requests is cancelled.
   *
   * @param <Q> the type of the requests
   * @param <R> the type of the responses
   * @param name what is waited for; dumps and messages show it
   * @param prefetch how many responses are asked for before they are taken
   * @param method the method of the stub
   * @param requests what to send; the stream becomes its owner
   * @return a new stream
   * @throws IllegalArgumentException if the prefetch is less than 1 or more than 65,536
   */
  public static <Q, R> PollStream<R> bidi(
      String name,
      int prefetch,
      Function<? super StreamObserver<R>, ? extends StreamObserver<Q>> method,
      PollStream<? extends Q> requests) {
    requireNonNull(requests, "requests");
    return new BidiStream<Q, R>(new ClientInbound<>(name, prefetch, starter(method)), requests);
  }

  /**
   * Begins a call of many requests, at once, and gives both of its directions. On the loop that
   * will use it. What the method of the stub throws comes from here.
   *
   * @param <Q> the type of the requests
   * @param <R> the type of the responses
   * @param name what is waited for; dumps and messages show it
   * @param method the method of the stub
   * @return the call; whoever drops it cancels its responses first
   */
  public static <Q, R> GrpcCall<Q, R> open(
      String name, Function<? super StreamObserver<R>, ? extends StreamObserver<Q>> method) {
    ClientInbound<Q, R> inbound = new ClientInbound<>(name, Inbound.PREFETCH, starter(method));
    inbound.open();
    return new GrpcCall<>(inbound);
  }

  /** The observer of the requests is the call that we were handed before. */
  private static <Q, R> Consumer<StreamObserver<R>> starter(
      Function<? super StreamObserver<R>, ? extends StreamObserver<Q>> method) {
    requireNonNull(method, "method");
    return observer -> {
      var unused = method.apply(observer);
    };
  }
}
