package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The narrow places between a loop and another thread, entered again and again at slightly
 * different moments. Each test was seen to fail without the line that it is about.
 */
final class StreamRaceTest {
  private static final int ROUNDS = 4_000;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher(options -> options.withSpins(1000));

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  private static <T> T await(CompletableFuture<T> future) throws Exception {
    return future.get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** Steps of about ten nanoseconds: from none to half a microsecond, a little more each round. */
  private static void dither(int round) {
    for (int i = round % 50; i > 0; i--) {
      VarHandle.fullFence();
    }
  }

  /** Signals one element and the end, from a thread of its own, as soon as it is asked to. */
  private static final class Eager implements Flow.Publisher<Integer> {
    final AtomicReference<Flow.@Nullable Subscriber<? super Integer>> subscriber =
        new AtomicReference<>();

    /** On the loop. */
    private int round;

    @Override
    public void subscribe(Flow.Subscriber<? super Integer> s) {
      s.onSubscribe(
          new Flow.Subscription() {
            @Override
            public void request(long n) {
              subscriber.set(s);
              dither(round++); // else the loop is always ahead of the other thread
            }

            @Override
            public void cancel() {}
          });
    }

    boolean signal(int rounds) {
      for (int i = 0; i < rounds; i++) {
        Flow.Subscriber<? super Integer> s;
        while ((s = subscriber.getAndSet(null)) == null && !Thread.interrupted()) {
          Thread.onSpinWait();
        }
        dither(i / 50);
        s.onNext(i);
        s.onComplete();
      }
      return true;
    }
  }

  /** The task registers, and then looks once more. */
  @Test
  void aSignalBetweenTheLookAndTheRegistrationIsNotMissed() throws Exception {
    Eager publisher = new Eager();
    rig.drive(loop, RunnableDispatcher::run);
    var signals = rig.start("publisher", () -> publisher.signal(ROUNDS));

    for (int round = 0; round < ROUNDS; round++) {
      var count = loop.spawn(PollStream.from(publisher, 2).count()).toCompletableFuture();
      assertThat(await(count)).isEqualTo(1);
    }

    Rig.await(signals);
  }

  /** The end is looked at before the last look for an element, not after it. */
  @Test
  void anElementBetweenTheLookForItAndTheEndIsNotMissed() throws Exception {
    int rounds = ROUNDS / 10; // its loop keeps a core busy
    Eager publisher = new Eager();
    rig.drive(loop, RunnableDispatcher::run);
    var signals = rig.start("publisher", () -> publisher.signal(rounds));

    for (int round = 0; round < rounds; round++) {
      PollStream<Integer> stream = PollStream.from(publisher, 2);
      var count = loop.spawn(cx -> busily(cx, stream)).toCompletableFuture();
      assertThat(await(count)).isEqualTo(1);
    }

    Rig.await(signals);
  }

  /** Polls without ever waiting, and counts. */
  private static Poll<Integer> busily(Context cx, PollStream<Integer> stream) throws Exception {
    int count = 0;
    for (; ; ) {
      Poll<@Nullable Integer> poll = stream.pollNext(cx);
      if (poll.isReady()) {
        if (poll.value() == null) {
          return Poll.ready(count);
        }
        count++;
      }
    }
  }

  /** The publisher's task says that it waits, and then looks for a demand once more. */
  @Test
  void aRequestJustBeforeTheTaskSleepsIsNotMissed() throws Exception {
    AtomicInteger received = new AtomicInteger();
    AtomicReference<Flow.@Nullable Subscription> seen = new AtomicReference<>();
    PollStream<Integer> endless = PollStream.generate(() -> cx -> Poll.ready(1));
    rig.drive(loop, RunnableDispatcher::run);
    endless
        .asPublisher(loop)
        .subscribe(
            new RecordingSubscriber<Integer>() {
              @Override
              public void onSubscribe(Flow.Subscription s) {
                seen.set(s);
              }

              @Override
              public void onNext(Integer element) {
                dither(received.incrementAndGet()); // else the loop is always ahead
              }
            });
    Rig.awaitState("it has subscribed", () -> seen.get() != null);
    Flow.Subscription s = seen.get();

    for (int round = 0; round < 2 * ROUNDS; round++) {
      s.request(1);
      int expected = round + 1;
      long begin = System.nanoTime();
      while (received.get() != expected) {
        if (System.nanoTime() - begin > Rig.PATIENCE.toNanos()) {
          throw new AssertionError("a request was not heard: " + round);
        }
      }
    }

    s.cancel();
    Rig.awaitState("the task has ended", () -> loop.snapshot().tasks().isEmpty());
    assertThat(received).hasValue(2 * ROUNDS);
  }
}
