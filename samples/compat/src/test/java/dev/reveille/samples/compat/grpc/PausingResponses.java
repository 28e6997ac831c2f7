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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * {@link Responses} with watermarks: asks for one element after the other until it is told to
 * pause. The loop tells so in a turn of its own, so what comes before it gets to that is kept: the
 * bound is one of good will, where {@link Responses} has a hard one.
 */
final class PausingResponses implements ClientResponseObserver<Integer, Integer> {
  final AtomicInteger pauses = new AtomicInteger();
  final AtomicInteger resumes = new AtomicInteger();

  /** Whether an element is on its way: with two askers, who sets it is the one who asks. */
  private final AtomicBoolean asked = new AtomicBoolean(true);

  private volatile boolean paused;
  private volatile @Nullable Emitter<Integer> emitter;
  private volatile @Nullable ClientCallStreamObserver<Integer> call;

  PollStream<Integer> below(Channel channel, int limit, int low, int high) {
    return Callbacks.stream(
        "numbers below " + limit,
        Overflow.watermark(low, high, this::pause, this::resume),
        registered -> {
          emitter = registered;
          ClientCalls.asyncServerStreamingCall(
              channel.newCall(Numbers.BELOW, CallOptions.DEFAULT), limit, this);
          return () -> call().cancel("nobody listens any more", null);
        });
  }

  /** Whether no element will come before {@link #resume}. */
  boolean isSilent() {
    return paused && !asked.get();
  }

  private void pause() {
    pauses.incrementAndGet();
    paused = true;
  }

  private void resume() {
    resumes.incrementAndGet();
    paused = false;
    askUnlessPaused();
  }

  private void askUnlessPaused() {
    if (!paused && asked.compareAndSet(false, true)) {
      call().request(1);
    }
  }

  private ClientCallStreamObserver<Integer> call() {
    return requireNonNull(call);
  }

  private Emitter<Integer> emitter() {
    return requireNonNull(emitter);
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<Integer> requests) {
    requests.disableAutoRequestWithInitial(1);
    call = requests;
  }

  @Override
  public void onNext(Integer value) {
    emitter().next(value);
    asked.set(false);
    askUnlessPaused();
  }

  @Override
  public void onError(Throwable failure) {
    emitter().fail(failure);
  }

  @Override
  public void onCompleted() {
    emitter().complete();
  }
}
