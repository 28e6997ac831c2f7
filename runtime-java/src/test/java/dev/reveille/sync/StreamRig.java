package dev.reveille.sync;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.MockTime;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A loop on mock time, for tests of streams. */
final class StreamRig implements AutoCloseable {
  final Rig rig = new Rig(BasicDispatcher::new);
  final RunnableDispatcher loop = rig.dispatcher();
  final MockTime time = rig.time();

  /** All elements of a stream that ends without waiting for anything outside. */
  <T> List<T> listOf(PollStream<T> stream) throws Exception {
    return resultOf(stream.toList());
  }

  <T extends @Nullable Object> T resultOf(Pollable<T> pollable) throws Exception {
    return loop.runUntil(pollable).value();
  }

  /** Consumes a stream in a task of its own, and runs until nothing is ready. */
  <T> Consumer<T> consume(PollStream<T> stream) {
    Consumer<T> consumer = new Consumer<>(stream);
    consumer.handle = loop.spawn("consumer", consumer);
    consumer.handle.toCompletableFuture(); // joins: a failure is looked at, not uncaught
    loop.runUntilStalled();
    return consumer;
  }

  /** Lets time pass. */
  void advanceMillis(long millis) {
    time.advance(Duration.ofMillis(millis));
  }

  /** Makes one turn of the loop, after something was given to a source. */
  void settle() {
    loop.runUntilStalled();
  }

  @Override
  public void close() throws Exception {
    rig.close();
  }

  /** What came out of a stream so far. */
  static final class Consumer<T> implements Pollable<Complete> {
    private final PollStream<T> stream;
    final List<T> got = new ArrayList<>();
    @Nullable JoinHandle<Complete> handle;
    @Nullable Throwable failure;
    boolean ended;

    Consumer(PollStream<T> stream) {
      this.stream = stream;
    }

    @Override
    public Poll<Complete> poll(Context cx) throws Exception {
      for (; ; ) {
        Poll<@Nullable T> poll;
        try {
          poll = stream.pollNext(cx);
        } catch (Throwable t) {
          failure = t;
          throw t;
        }
        if (poll.isPending()) {
          return Poll.pending();
        }
        T element = poll.value();
        if (element == null) {
          ended = true;
          return Poll.ready();
        }
        got.add(element);
        if (!cx.tryProceed()) {
          return Poll.pending();
        }
      }
    }

    @Override
    public void cancel() {
      stream.cancel();
    }

    /** Everything so far, and forgets it. */
    List<T> take() {
      List<T> taken = List.copyOf(got);
      got.clear();
      return taken;
    }
  }
}
