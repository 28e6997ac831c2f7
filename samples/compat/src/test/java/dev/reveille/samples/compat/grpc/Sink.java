package dev.reveille.samples.compat.grpc;

import dev.reveille.Dispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.callback.Emitter;
import dev.reveille.callback.Overflow;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.sync.PollStream;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** The server's end of {@link Numbers#COUNT}: a task that takes what it asks for. */
final class Sink {
  private final Dispatcher loop;
  private final int window;
  private final Function<PollStream<Integer>, Pollable<Integer>> body;
  final AtomicInteger received = new AtomicInteger();

  /** What became of the task of the last call. */
  final CompletableFuture<Integer> outcome = new CompletableFuture<>();

  Sink(Dispatcher loop, int window, Function<PollStream<Integer>, Pollable<Integer>> body) {
    this.loop = loop;
    this.window = window;
    this.body = body;
  }

  /** A method of the service: called by gRPC for each call. */
  StreamObserver<Integer> serve(StreamObserver<Integer> answer) {
    ServerCallStreamObserver<Integer> call = (ServerCallStreamObserver<Integer>) answer;
    call.disableAutoRequest();
    CompletableFuture<Emitter<Integer>> emitter = new CompletableFuture<>();
    PollStream<Integer> requests =
        Callbacks.<Integer>stream(
                "requests",
                Overflow.buffer(window),
                registered -> {
                  emitter.complete(registered);
                  call.request(window);
                  return () -> {};
                })
            .onEach(taken -> call.request(1));
    JoinHandle<Integer> task = loop.spawn("sink", body.apply(requests));
    call.setOnCancelHandler(() -> {}); // the observer hears of it; without a handler, onNext throws
    task.toCompletableFuture()
        .whenComplete(
            (count, failure) -> {
              if (failure == null) {
                answer.onNext(count);
                answer.onCompleted();
                outcome.complete(count);
              } else {
                answer.onError(failure);
                outcome.completeExceptionally(failure);
              }
            });
    return new StreamObserver<>() {
      @Override
      public void onNext(Integer number) {
        received.incrementAndGet();
        emitter.join().next(number); // nothing comes before it was asked for
      }

      @Override
      public void onError(Throwable failure) {
        emitter.thenAccept(registered -> registered.fail(failure));
      }

      @Override
      public void onCompleted() {
        emitter.thenAccept(Emitter::complete);
      }
    };
  }
}
