package dev.reveille.samples.compat.grpc;

import static java.util.Objects.requireNonNull;

import dev.reveille.callback.Emitter;
import dev.reveille.callback.Overflow;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.sync.PollStream;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import org.jspecify.annotations.Nullable;

/**
 * The client's end of a server stream: what the observer hears goes to an emitter, and each element
 * that the task takes asks the peer for one more. So there are never more than {@code window} of
 * them between the two, and the buffer, which has room for just as many, never overflows.
 */
final class Responses<Q> implements ClientResponseObserver<Q, Integer> {
  private final int window;
  private final Emitter<Integer> emitter;

  /** Written in beforeStart, by the thread that makes the call: the loop. */
  private @Nullable ClientCallStreamObserver<Q> call;

  private Responses(int window, Emitter<Integer> emitter) {
    this.window = window;
    this.emitter = emitter;
  }

  static PollStream<Integer> below(Channel channel, int limit, int window) {
    Responses<?>[] current = new Responses<?>[1];
    return Callbacks.<Integer>stream(
            "numbers below " + limit,
            Overflow.buffer(window),
            emitter -> {
              Responses<Integer> responses = new Responses<>(window, emitter);
              current[0] = responses;
              ClientCalls.asyncServerStreamingCall(
                  channel.newCall(Numbers.BELOW, CallOptions.DEFAULT), limit, responses);
              return responses::cancel;
            })
        .onEach(taken -> current[0].call().request(1));
  }

  ClientCallStreamObserver<Q> call() {
    return requireNonNull(call);
  }

  private void cancel() {
    call().cancel("nobody listens any more", null);
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<Q> requests) {
    requests.disableAutoRequestWithInitial(window);
    call = requests;
  }

  @Override
  public void onNext(Integer value) {
    emitter.next(value);
  }

  @Override
  public void onError(Throwable failure) {
    emitter.fail(failure);
  }

  @Override
  public void onCompleted() {
    emitter.complete();
  }
}
