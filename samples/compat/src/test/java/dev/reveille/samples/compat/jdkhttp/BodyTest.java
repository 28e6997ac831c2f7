package dev.reveille.samples.compat.jdkhttp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.contract.Rig;
import dev.reveille.samples.compat.Ended;
import dev.reveille.sync.PollStream;
import dev.reveille.sync.Publishers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bodies as streams, in both directions, with no more in flight than was asked for. */
final class BodyTest {
  private static final int PREFETCH = 4;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private Site site;

  @BeforeEach
  void open() throws Exception {
    site = new Site();
  }

  @AfterEach
  void close() throws Exception {
    site.close();
    rig.close();
  }

  /** The body of an answer; each element is what was read at once. */
  private PollStream<List<ByteBuffer>> body(String path, Counted counted) throws Exception {
    HttpResponse<Flow.Publisher<List<ByteBuffer>>> answer =
        loop.runUntil(
                Callbacks.fromStage(
                    site.client.sendAsync(site.get(path), BodyHandlers.ofPublisher())))
            .value();
    return PollStream.from(counted.over(answer.body()), PREFETCH);
  }

  @Test
  void aBodyComesWholeAndInOrder() throws Exception {
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    Pollable<Complete> all =
        body("/bytes/1000000", new Counted())
            .forEach(
                buffers -> {
                  for (ByteBuffer each : buffers) {
                    byte[] bytes = new byte[each.remaining()];
                    each.get(bytes);
                    read.writeBytes(bytes);
                  }
                });

    loop.runUntil(all);

    byte[] bytes = read.toByteArray();
    assertThat(bytes).hasSize(1_000_000);
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] != (byte) i) {
        throw new AssertionError("byte " + i + " is " + bytes[i]);
      }
    }
  }

  @Test
  void aConsumerThatDoesNotPollHoldsTheServerBack() throws Exception {
    Counted counted = new Counted();
    PollStream<List<ByteBuffer>> endless = body("/endless", counted);
    for (int i = 1; i <= 20; i++) {
      loop.runUntil(endless.next());
      assertThat(counted.delivered.get()).isLessThanOrEqualTo(counted.requested.get());
      assertThat(counted.requested.get()).isLessThanOrEqualTo(i + PREFETCH);
    }

    Rig.awaitState(
        "the prefetch is full", () -> counted.delivered.get() == counted.requested.get());
    long requested = counted.requested.get();
    // While nobody polls, others are served and nothing more is asked for.
    loop.runUntil(
        Callbacks.fromStage(
            site.client.sendAsync(site.get("/bytes/100000"), BodyHandlers.ofByteArray())));
    assertThat(counted.requested.get()).isEqualTo(requested);
    assertThat(counted.delivered.get()).isEqualTo(requested);

    loop.post(endless::cancel);
    loop.runUntilStalled();
    Rig.awaitState("the server is told", () -> site.brokenOff() == 1);
  }

  @Test
  void whoTakesTheFirstPiecesOnlyEndsTheAnswer() throws Exception {
    Pollable<List<List<ByteBuffer>>> three = body("/endless", new Counted()).take(3).toList();

    assertThat(loop.runUntil(three).value()).hasSize(3);
    Rig.awaitState("the server is told", () -> site.brokenOff() == 1);
  }

  @Test
  void givingUpInTheMiddleEndsTheAnswer() throws Exception {
    Ended<Complete> all = Ended.begun(loop, body("/endless", new Counted()).forEach(buffers -> {}));

    all.cancel();

    Rig.awaitState("the server is told", () -> site.brokenOff() == 1);
  }

  @Test
  void anAnswerThatBreaksOffFailsTheStreamAfterWhatHasCome() throws Exception {
    PollStream<List<ByteBuffer>> broken = body("/broken", new Counted());

    assertThat(loop.runUntil(broken.next()).value()).isNotEmpty();
    assertThatThrownBy(() -> loop.runUntil(broken.next())).isInstanceOf(IOException.class);
  }

  @Test
  void aStreamOfTheLoopIsTheBodyOfARequest() throws Exception {
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < 1_000; i++) {
      expected.append("line ").append(i).append('\n');
    }
    Flow.Publisher<ByteBuffer> lines =
        Publishers.publisher(
            loop,
            () ->
                PollStream.from(expected.toString().lines().toList())
                    .map(line -> ByteBuffer.wrap((line + '\n').getBytes(UTF_8))));
    HttpRequest request = site.request("/echo").POST(BodyPublishers.fromPublisher(lines)).build();

    String echo =
        loop.runUntil(Callbacks.fromStage(site.client.sendAsync(request, BodyHandlers.ofString())))
            .value()
            .body();

    assertThat(echo).isEqualTo(expected.toString());
  }

  /** Counts what goes through a publisher. */
  private static final class Counted {
    final AtomicLong requested = new AtomicLong();
    final AtomicLong delivered = new AtomicLong();

    <T> Flow.Publisher<T> over(Flow.Publisher<T> publisher) {
      return subscriber -> publisher.subscribe(new Counting<>(subscriber));
    }

    private final class Counting<T> implements Flow.Subscriber<T> {
      private final Flow.Subscriber<? super T> subscriber;

      Counting(Flow.Subscriber<? super T> subscriber) {
        this.subscriber = subscriber;
      }

      @Override
      public void onSubscribe(Flow.Subscription subscription) {
        subscriber.onSubscribe(
            new Flow.Subscription() {
              @Override
              public void request(long n) {
                requested.addAndGet(n);
                subscription.request(n);
              }

              @Override
              public void cancel() {
                subscription.cancel();
              }
            });
      }

      @Override
      public void onNext(T element) {
        delivered.incrementAndGet();
        subscriber.onNext(element);
      }

      @Override
      public void onError(Throwable failure) {
        subscriber.onError(failure);
      }

      @Override
      public void onComplete() {
        subscriber.onComplete();
      }
    }
  }
}
