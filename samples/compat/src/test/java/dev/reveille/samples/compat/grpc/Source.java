package dev.reveille.samples.compat.grpc;

import dev.reveille.Complete;
import dev.reveille.Dispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.callbacks.Readiness;
import dev.reveille.combine.Pollables;
import dev.reveille.sync.PollStream;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** The server's end of {@link Numbers#BELOW}, as it was written once and as a task. */
final class Source {
  final AtomicInteger sent = new AtomicInteger();
  final CountDownLatch cancelled = new CountDownLatch(1);

  /** Callbacks: sends while the peer is ready, and goes on when it is again. */
  void legacy(int limit, StreamObserver<Integer> responses) {
    ServerCallStreamObserver<Integer> out = (ServerCallStreamObserver<Integer>) responses;
    out.setOnCancelHandler(cancelled::countDown);
    int[] next = new int[1];
    out.setOnReadyHandler( // serialised by gRPC
        () -> {
          while (out.isReady() && next[0] < limit) {
            sent.incrementAndGet();
            out.onNext(next[0]++);
            if (next[0] == limit) {
              out.onCompleted();
            }
          }
        });
  }

  /** Fails after what it was asked for. */
  void failing(int limit, StreamObserver<Integer> responses) {
    for (int i = 0; i < limit; i++) {
      responses.onNext(i);
    }
    responses.onError(Status.DATA_LOSS.withDescription("on purpose").asRuntimeException());
  }

  /** The same as {@link #legacy}, as a task of a loop. */
  void task(Dispatcher loop, int limit, StreamObserver<Integer> responses) {
    ServerCallStreamObserver<Integer> out = (ServerCallStreamObserver<Integer>) responses;
    Readiness writable =
        Callbacks.readiness("the peer to ask for more", out::isReady, out::setOnReadyHandler);
    JoinHandle<Complete> sending = loop.spawn("source", sending(writable, limit, out));
    out.setOnCancelHandler(
        () -> {
          sending.cancel();
          cancelled.countDown();
        });
  }

  private Pollable<Complete> sending(Readiness writable, int limit, StreamObserver<Integer> out) {
    PollStream<Integer> numbers =
        PollStream.from(() -> IntStream.range(0, limit).boxed().iterator());
    Pollable<Complete> all =
        numbers
            .mapAsync(1, number -> Pollables.map(writable.ready(), ready -> number))
            .forEach(
                number -> {
                  sent.incrementAndGet();
                  out.onNext(number);
                });
    return Pollables.map(
        all,
        end -> {
          out.onCompleted();
          return end;
        });
  }
}
