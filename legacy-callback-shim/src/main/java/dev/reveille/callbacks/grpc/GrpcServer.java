package dev.reveille.callbacks.grpc;

import static java.util.Objects.requireNonNull;

import dev.reveille.Dispatcher;
import dev.reveille.Pollable;
import dev.reveille.sync.PollStream;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.function.Function;

/**
 * The server's side: a call is answered by a task. To be called in the methods of a service, which
 * return at once.
 *
 * <pre>{@code
 * void ask(String question, StreamObserver<String> responses) {
 *   GrpcServer.unary(dispatcher, "ask", responses, answerTo(question));
 * }
 *
 * StreamObserver<String> chat(StreamObserver<String> responses) {
 *   return GrpcServer.<String, String>bidi(
 *       dispatcher, "chat", responses, requests -> requests.map(text -> "you said " + text));
 * }
 * }</pre>
 *
 * <p><b>The status.</b> OK after the answer. What a task throws as {@link
 * io.grpc.StatusRuntimeException} or {@link io.grpc.StatusException} is the status; anything else
 * is UNKNOWN for the peer, and goes to the uncaught handler. A task that is cancelled, or refused,
 * because the dispatcher shuts down is UNAVAILABLE, one that is cancelled otherwise CANCELLED. When
 * the peer gives the call up, or its deadline passes, the task is cancelled.
 *
 * <p><b>Back pressure.</b> Responses are taken from their stream only when gRPC is ready for them.
 * Requests are asked for as they are taken; at most 16 wait here.
 *
 * <p><b>Context.</b> The {@code io.grpc.Context} of the method is attached in each poll of the
 * task: calls that it makes inherit the deadline, and are cancelled with it.
 *
 * <p><b>Threading.</b> The methods are called by gRPC's threads, the task runs on the loop.
 * <b>Memory effects.</b> What the method did happens-before the first poll.
 */
public final class GrpcServer {
  private GrpcServer() {}

  /**
   * Answers with one response.
   *
   * @param <R> the type of the response
   * @param dispatcher runs the task
   * @param name the name of the task
   * @param responses what gRPC gave to the method
   * @param answer the response, not null; the dispatcher becomes its owner, but if it was shut
   *     down, which leaves it untouched
   * @throws IllegalArgumentException if the observer is not gRPC's
   */
  public static <R> void unary(
      Dispatcher dispatcher,
      String name,
      StreamObserver<R> responses,
      Pollable<? extends R> answer) {
    requireNonNull(answer, "answer");
    ServerTask.spawn(
        dispatcher,
        name,
        ServerTask.call(responses),
        null,
        sink -> new Answer<>(answer, sink),
        answer::cancel);
  }

  /**
   * Answers one request with many responses.
   *
   * @param <R> the type of the responses
   * @param dispatcher runs the task
   * @param name the name of the task
   * @param responses what gRPC gave to the method
   * @param answers the responses; the dispatcher becomes its owner, but if it was shut down, which
   *     leaves it untouched
   * @throws IllegalArgumentException if the observer is not gRPC's
   */
  public static <R> void serverStreaming(
      Dispatcher dispatcher,
      String name,
      StreamObserver<R> responses,
      PollStream<? extends R> answers) {
    requireNonNull(answers, "answers");
    ServerTask.spawn(
        dispatcher,
        name,
        ServerTask.call(responses),
        null,
        sink -> sink.sendAll(answers),
        answers::cancel);
  }

  /**
   * Answers many requests with one response, which may come before the last request.
   *
   * @param <Q> the type of the requests
   * @param <R> the type of the response
   * @param dispatcher runs the task
   * @param name the name of the task
   * @param responses what gRPC gave to the method
   * @param answer makes the response of the requests, of which it becomes the owner; called on the
   *     loop. The stream fails with CANCELLED if the peer gives the call up
   * @return what the method returns to gRPC
   * @throws IllegalArgumentException if the observer is not gRPC's
   */
  public static <Q, R> StreamObserver<Q> clientStreaming(
      Dispatcher dispatcher,
      String name,
      StreamObserver<R> responses,
      Function<? super PollStream<Q>, ? extends Pollable<? extends R>> answer) {
    requireNonNull(answer, "answer");
    ServerCallStreamObserver<R> call = ServerTask.call(responses);
    ServerInbound<Q> requests = new ServerInbound<>("requests of " + name, call);
    ServerTask.spawn(
        dispatcher,
        name,
        call,
        requests,
        sink -> new Answer<>(answer.apply(requests), sink),
        () -> {});
    return requests.observer();
  }

  /**
   * Answers many requests with many responses.
   *
   * @param <Q> the type of the requests
   * @param <R> the type of the responses
   * @param dispatcher runs the task
   * @param name the name of the task
   * @param responses what gRPC gave to the method
   * @param answers makes the responses of the requests, of which it becomes the owner; called on
   *     the loop. The stream of the requests fails with CANCELLED if the peer gives the call up
   * @return what the method returns to gRPC
   * @throws IllegalArgumentException if the observer is not gRPC's
   */
  public static <Q, R> StreamObserver<Q> bidi(
      Dispatcher dispatcher,
      String name,
      StreamObserver<R> responses,
      Function<? super PollStream<Q>, ? extends PollStream<? extends R>> answers) {
    requireNonNull(answers, "answers");
    ServerCallStreamObserver<R> call = ServerTask.call(responses);
    ServerInbound<Q> requests = new ServerInbound<>("requests of " + name, call);
    ServerTask.spawn(
        dispatcher, name, call, requests, sink -> sink.sendAll(answers.apply(requests)), () -> {});
    return requests.observer();
  }
}
