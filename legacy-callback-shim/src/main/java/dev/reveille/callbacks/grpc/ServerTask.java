package dev.reveille.callbacks.grpc;

import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.sync.PollStream;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * The task that answers a call, and its end, whichever it is: each call gets its status.
 *
 * <p>Everything that is done to the call is done on the loop, one after the other, since its
 * observer is not thread-safe; but for a task that was refused, which nobody polls.
 */
final class ServerTask<R> implements Pollable<Complete> {
  private static final Logger LOGGER = System.getLogger("dev.reveille.callbacks");

  /** Makes the work, in the first poll. */
  interface Work<R> {
    Pollable<Complete> begin(GrpcSink<R> responses) throws Exception;
  }

  private final String name;
  private final GrpcSink<R> responses;
  private final Work<R> work;

  /** Cancels what the work was to be made of, if it never is. */
  private final Runnable unbegun;

  private final @Nullable PollStream<?> requests;

  /** What gRPC has attached to the thread of the service: the deadline, who calls, a trace. */
  private final io.grpc.Context context = io.grpc.Context.current();

  private @Nullable Pollable<Complete> running;

  /** Both volatile, each written before the other is read: one of the two sees the other. */
  private volatile @Nullable JoinHandle<Complete> handle;

  private volatile boolean givenUp;

  private ServerTask(
      String name,
      GrpcSink<R> responses,
      @Nullable PollStream<?> requests,
      Work<R> work,
      Runnable unbegun) {
    this.name = name;
    this.responses = responses;
    this.requests = requests;
    this.work = work;
    this.unbegun = unbegun;
  }

  static <R> ServerCallStreamObserver<R> call(StreamObserver<R> responses) {
    if (requireNonNull(responses, "responses") instanceof ServerCallStreamObserver<R> call) {
      return call;
    }
    throw new IllegalArgumentException(
        "not the observer that gRPC gives to the method of a service, a ServerCallStreamObserver: "
            + responses.getClass().getName());
  }

  /** In the method of the service, where handlers can still be set. */
  static <R> void spawn(
      Dispatcher dispatcher,
      String name,
      ServerCallStreamObserver<R> call,
      @Nullable PollStream<?> requests,
      Work<R> work,
      Runnable unbegun) {
    GrpcSink<R> responses = new GrpcSink<>(call);
    ServerTask<R> task = new ServerTask<>(name, responses, requests, work, unbegun);
    responses.listen();
    call.setOnCancelHandler(task::callerHasGone);
    JoinHandle<Complete> handle = dispatcher.spawn(name, task);
    handle.detach(); // what it fails with is not for us alone, who join below
    task.handle = handle;
    if (task.givenUp) {
      handle.cancel();
    }
    var unused =
        handle
            .toCompletableFuture()
            .whenComplete(
                (value, failure) -> {
                  if (failure instanceof CancellationException) {
                    task.cancelled(dispatcher);
                  }
                });
  }

  /** On a thread of gRPC's. */
  private void callerHasGone() {
    responses.over();
    givenUp = true;
    JoinHandle<Complete> h = handle;
    if (h != null) {
      h.cancel();
    }
  }

  /** After the end of the task, on the loop; of one that was refused, where it was spawned. */
  private void cancelled(Dispatcher dispatcher) {
    Status status =
        dispatcher.isShutdown()
            ? Status.UNAVAILABLE.withDescription("the server shuts down")
            : Status.CANCELLED.withDescription("the server has cancelled '" + name + "'");
    try {
      responses.fail(status.asRuntimeException());
    } catch (Throwable t) { // of gRPC; here it would go nowhere
      LOGGER.log(Level.ERROR, "the status of '" + name + "' was not sent", t);
    }
  }

  // ------------------------------------------------------------------ on the loop

  @Override
  public Poll<Complete> poll(Context cx) throws Exception {
    io.grpc.Context before = context.attach();
    try {
      Pollable<Complete> r = running;
      if (r == null) {
        r = work.begin(responses);
        running = r;
      }
      Poll<Complete> poll = r.poll(cx);
      if (poll.isReady()) {
        cancelRequests();
      }
      return poll;
    } catch (StatusException | StatusRuntimeException e) { // an answer, too
      responses.fail(e);
      cancelRequests();
      return Poll.ready();
    } catch (Throwable t) { // the peer hears UNKNOWN; the uncaught handler hears what it was
      // Not what Status.fromThrowable() finds among its causes: the status of a call to somebody
      // else
      responses.fail(Status.UNKNOWN.withCause(t).asRuntimeException());
      cancelRequests();
      throw t;
    } finally {
      context.detach(before);
    }
  }

  private void cancelRequests() {
    PollStream<?> r = requests;
    if (r != null) {
      r.cancel();
    }
  }

  @Override
  public void cancel() {
    io.grpc.Context before = context.attach();
    try {
      Pollable<Complete> r = running;
      if (r != null) {
        r.cancel();
      } else {
        unbegun.run();
      }
    } finally {
      context.detach(before);
      cancelRequests();
    }
  }
}
