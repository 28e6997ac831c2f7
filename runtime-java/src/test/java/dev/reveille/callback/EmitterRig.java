package dev.reveille.callback;

import static java.util.Objects.requireNonNull;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Waker;
import dev.reveille.contract.Rig;
import dev.reveille.sync.PollStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A loop, a source with its listener, and one who consumes as much as the test says. */
final class EmitterRig implements AutoCloseable {
  final Rig rig = new Rig(BasicDispatcher::new);
  final RunnableDispatcher loop = rig.dispatcher();

  /** What happened outside the stream, and where: registered, unregistered, dropped. */
  final List<String> log = Collections.synchronizedList(new ArrayList<>());

  private @Nullable Emitter<Integer> given;

  void log(String what) {
    log.add(what + (loop.onLoop() ? "" : " on " + Thread.currentThread().getName()));
  }

  /** A stream whose emitter is kept for the test, and whose dropped elements are logged. */
  PollStream<Integer> stream(Overflow overflow) {
    return Emitter.stream(
        "numbers",
        overflow,
        n -> log("dropped " + n),
        e -> {
          given = e;
          log("registered");
          return () -> log("unregistered");
        });
  }

  void keep(Emitter<Integer> emitter) {
    given = emitter;
  }

  Emitter<Integer> emitter() {
    return requireNonNull(given, "not registered");
  }

  /** Begun, and nothing consumed yet. */
  Consumer paused(Overflow overflow) {
    Consumer consumer = consume(stream(overflow), 0);
    log.clear(); // of its registration
    return consumer;
  }

  /** Begun, and waiting for elements. */
  Consumer waiting(Overflow overflow) {
    Consumer consumer = consume(stream(overflow), Integer.MAX_VALUE);
    log.clear();
    return consumer;
  }

  /** Begins to consume: registers even if it may take nothing. */
  Consumer consume(PollStream<Integer> stream, int allowance) {
    Consumer consumer = new Consumer(stream, allowance);
    consumer.handle = loop.spawn("consumer", consumer);
    consumer.handle.toCompletableFuture(); // joins: a failure is looked at, not uncaught
    loop.runUntilStalled();
    return consumer;
  }

  @Override
  public void close() throws Exception {
    rig.close();
  }

  final class Consumer implements Pollable<Complete> {
    private final PollStream<Integer> stream;
    private Waker waker = Waker.none();
    private boolean begun;
    int allowance;
    int polls;
    final List<Integer> got = new ArrayList<>();
    @Nullable Throwable failure;
    boolean ended;
    @Nullable JoinHandle<Complete> handle;

    Consumer(PollStream<Integer> stream, int allowance) {
      this.stream = stream;
      this.allowance = allowance;
    }

    @Override
    public Poll<Complete> poll(Context cx) throws Exception {
      polls++;
      waker = cx.waker("the test");
      while (allowance > 0 || !begun) {
        begun = true;
        Poll<@Nullable Integer> poll;
        try {
          poll = stream.pollNext(cx);
        } catch (Throwable t) {
          failure = t;
          throw t;
        }
        if (poll.isPending()) {
          return Poll.pending();
        }
        Integer element = poll.value();
        if (element == null) {
          ended = true;
          return Poll.ready();
        }
        got.add(element);
        allowance--;
      }
      return Poll.pending();
    }

    /** Lets it take so many more, and gives all that it got since the last time. */
    List<Integer> take(int count) {
      loop.runUntilStalled();
      allowance = count;
      wake();
      loop.runUntilStalled();
      allowance = 0;
      return taken();
    }

    /** Everything there is. */
    List<Integer> takeAll() {
      return take(Integer.MAX_VALUE);
    }

    void wake() {
      waker.wake();
    }

    /** What it got since the last time. */
    List<Integer> taken() {
      loop.runUntilStalled();
      List<Integer> taken = List.copyOf(got);
      got.clear();
      return taken;
    }

    void giveUp() {
      requireNonNull(handle).cancel();
      loop.runUntilStalled();
    }

    @Override
    public void cancel() {
      stream.cancel();
    }
  }
}
