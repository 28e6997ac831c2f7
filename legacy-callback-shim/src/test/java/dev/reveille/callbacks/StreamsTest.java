package dev.reveille.callbacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callback.EmitResult;
import dev.reveille.callback.Emitter;
import dev.reveille.callback.Overflow;
import dev.reveille.callback.OverflowException;
import dev.reveille.contract.Rig;
import dev.reveille.sync.PollStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Callbacks that come again and again, in the shapes that they have on the JVM. */
final class StreamsTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private <T> JoinHandle<List<T>> collect(PollStream<T> stream) {
    JoinHandle<List<T>> handle = loop.spawn(stream.toList());
    handle.toCompletableFuture(); // joins
    loop.runUntilStalled();
    return handle;
  }

  private <T> T result(JoinHandle<T> handle) throws Exception {
    return loop.runUntil(handle.join()).value();
  }

  // ------------------------------------------------------------------ 11, 15, 17: observers

  /** As gRPC's, and as Rx's. */
  private interface Observer<T> {
    void onNext(T value);

    void onError(Throwable failure);

    void onCompleted();
  }

  private static <T> Observer<T> observer(Emitter<T> emitter) {
    return new Observer<>() {
      @Override
      public void onNext(T value) {
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
    };
  }

  @Test
  void anObserverOfThreeMethods() throws Exception {
    List<Observer<String>> observers = new ArrayList<>();
    PollStream<String> stream =
        Callbacks.stream(
            "texts",
            Overflow.unbounded(),
            e -> {
              observers.add(observer(e));
              return observers::clear;
            });
    JoinHandle<List<String>> texts = collect(stream);
    Observer<String> observer = observers.get(0);
    rig.elsewhere(
        () -> {
          observer.onNext("a");
          observer.onNext("b");
          observer.onCompleted();
        });
    assertThat(result(texts)).containsExactly("a", "b");
    assertThat(observers).isEmpty();
  }

  /** As an object of Vert.x: handlers that are set one by one, and a source that can be paused. */
  private final class ReadStream {
    @Nullable Consumer<String> handler;
    @Nullable Runnable endHandler;
    @Nullable Consumer<Throwable> exceptionHandler;

    void pause() {
      log.add("paused");
    }

    void resume() {
      log.add("resumed");
    }
  }

  @Test
  void handlersThatAreSetOneByOneAndAPauseByWatermark() throws Exception {
    ReadStream source = new ReadStream();
    PollStream<String> stream =
        Callbacks.stream(
            "texts",
            Overflow.watermark(0, 2, source::pause, source::resume),
            e -> {
              source.handler = e::next;
              source.endHandler = e::complete;
              source.exceptionHandler = e::fail;
              return () -> source.handler = null;
            });
    loop.spawn(stream.next()); // begins
    loop.runUntilStalled();
    Consumer<String> handler = source.handler;
    Runnable endHandler = source.endHandler;
    Consumer<Throwable> exceptionHandler = source.exceptionHandler;
    assertThat(handler).isNotNull();
    assertThat(endHandler).isNotNull();
    assertThat(exceptionHandler).isNotNull();
    handler.accept("1");
    handler.accept("2");
    handler.accept("3");
    loop.runUntilStalled(); // next() has taken the first
    assertThat(log).containsExactly("paused");
    JoinHandle<List<String>> rest = collect(stream);
    assertThat(log).containsExactly("paused", "resumed");
    endHandler.run();
    exceptionHandler.accept(new IOException("too late"));
    assertThat(result(rest)).containsExactly("2", "3");
    assertThat(source.handler).isNull();
  }

  @Test
  void whatIsDroppedIsDisposedOf() {
    List<String> dropped = new ArrayList<>();
    List<Emitter<String>> emitters = new ArrayList<>();
    PollStream<String> stream =
        Callbacks.stream(
            "texts",
            Overflow.dropLatest(1),
            dropped::add,
            e -> {
              emitters.add(e);
              e.next("a");
              assertThat(e.next("b")).isInstanceOf(EmitResult.Dropped.class);
              return () -> {};
            });
    JoinHandle<List<String>> texts = collect(stream.take(1));
    assertThat(texts.isDone()).isTrue();
    assertThat(dropped).containsExactly("b");
    assertThat(emitters.get(0).isTerminated()).isTrue();
  }

  // ------------------------------------------------------------------ 12: Flow

  private static final class Source implements Flow.Publisher<Integer>, Flow.Subscription {
    final List<String> calls = new ArrayList<>();
    Flow.@Nullable Subscriber<? super Integer> subscriber;
    boolean subscribesLater;

    @Override
    public void subscribe(Flow.Subscriber<? super Integer> s) {
      subscriber = s;
      if (!subscribesLater) {
        s.onSubscribe(this);
      }
    }

    Flow.Subscriber<? super Integer> subscriber() {
      assertThat(subscriber).isNotNull();
      return subscriber;
    }

    @Override
    public void request(long n) {
      calls.add(n == Long.MAX_VALUE ? "request all" : "request " + n);
    }

    @Override
    public void cancel() {
      calls.add("cancel");
    }
  }

  private PollStream<Integer> subscribed(Source source, Overflow overflow) {
    return Callbacks.stream("numbers", overflow, Callbacks.subscribing(source));
  }

  @Test
  void aPublisherIsAskedForEverythingAndTheOverflowDecides() throws Exception {
    Source source = new Source();
    JoinHandle<List<Integer>> numbers = collect(subscribed(source, Overflow.latest()));
    assertThat(source.calls).containsExactly("request all");
    source.subscriber().onNext(1);
    rig.elsewhere(() -> source.subscriber().onNext(2));
    loop.runUntilStalled();
    source.subscriber().onNext(3);
    source.subscriber().onComplete();
    assertThat(result(numbers)).containsExactly(2, 3);
    assertThat(source.calls).hasSize(1); // it is over, and not cancelled
  }

  @Test
  void aSubscriptionThatComesLaterIsRequestedFromOnTheLoop() throws Exception {
    Source source = new Source();
    source.subscribesLater = true;
    JoinHandle<List<Integer>> numbers = collect(subscribed(source, Overflow.buffer(1)));
    rig.elsewhere(() -> source.subscriber().onSubscribe(source));
    assertThat(source.calls).isEmpty();
    loop.runUntilStalled();
    assertThat(source.calls).containsExactly("request all");
    Source second = new Source();
    source.subscriber().onSubscribe(second); // against rule 2.5
    assertThat(second.calls).containsExactly("cancel");

    source.subscriber().onNext(1);
    source.subscriber().onNext(2);
    assertThatThrownBy(() -> result(numbers)).isInstanceOf(OverflowException.class);
    assertThat(source.calls).containsExactly("request all", "cancel");
  }

  @Test
  void aSubscriptionThatComesTooLateIsCancelled() {
    for (boolean closed : new boolean[] {false, true}) {
      Source source = new Source();
      source.subscribesLater = true;
      JoinHandle<List<Integer>> numbers = collect(subscribed(source, Overflow.latest()));
      if (closed) {
        loop.close();
      } else {
        numbers.cancel();
        loop.runUntilStalled();
      }
      source.subscriber().onSubscribe(source);
      assertThat(source.calls).containsExactly("cancel");
    }
  }

  @Test
  void aSubscriptionOnItsWayToALoopThatIsClosedIsCancelled() {
    Source source = new Source();
    source.subscribesLater = true;
    collect(subscribed(source, Overflow.latest()));
    rig.elsewhere(() -> source.subscriber().onSubscribe(source));
    loop.close();
    assertThat(source.calls).containsExactly("cancel");
  }

  @Test
  void aPublisherThatFailsOrBreaksTheRulesFailsTheStream() {
    Source source = new Source();
    IOException gone = new IOException("gone");
    JoinHandle<List<Integer>> numbers = collect(subscribed(source, Overflow.unbounded()));
    source.subscriber().onError(gone);
    assertThatThrownBy(() -> result(numbers)).isSameAs(gone);
    assertThat(source.calls).containsExactly("request all");
    assertThatThrownBy(() -> source.subscriber().onNext(null))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> source.subscriber().onError(null))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> source.subscriber().onSubscribe(null))
        .isInstanceOf(NullPointerException.class);

    IllegalStateException refused = new IllegalStateException("refused");
    Flow.Publisher<Integer> broken =
        s ->
            s.onSubscribe(
                new Flow.Subscription() {
                  @Override
                  public void request(long n) {
                    throw refused;
                  }

                  @Override
                  public void cancel() {
                    log.add("cancelled");
                  }
                });
    JoinHandle<List<Integer>> none =
        collect(Callbacks.stream("numbers", Overflow.unbounded(), Callbacks.subscribing(broken)));
    assertThatThrownBy(() -> result(none)).isSameAs(refused);
    assertThat(log).containsExactly("cancelled");
  }

  /** Shape 12 with demand needs nothing new: a demand is a subscription. */
  @Test
  void aSourceWithRequestIsAPublisher() throws Exception {
    List<Flow.Subscriber<? super String>> listeners = new ArrayList<>();
    Source socket = new Source();
    PollStream<String> texts =
        PollStream.from(
            s -> {
              listeners.add(s);
              s.onSubscribe(socket);
            },
            2);
    JoinHandle<List<String>> all = collect(texts);
    assertThat(socket.calls).containsExactly("request 2");
    rig.elsewhere(
        () -> {
          listeners.get(0).onNext("a");
          listeners.get(0).onNext("b");
        });
    loop.runUntilStalled();
    assertThat(socket.calls).containsExactly("request 2", "request 2");
    listeners.get(0).onComplete();
    assertThat(result(all)).containsExactly("a", "b");
  }

  // ------------------------------------------------------------------ 13, 14: deliveries

  private final List<Emitter<Delivery<String>>> emitters = new ArrayList<>();

  private PollStream<Delivery<String>> deliveries(Overflow overflow) {
    return Callbacks.deliveries(
        "texts",
        overflow,
        e -> {
          emitters.add(e);
          return () -> {};
        });
  }

  private CompletableFuture<@Nullable Void> nextAwaiting(String text) {
    return Callbacks.nextAwaiting(emitters.get(0), text).toCompletableFuture();
  }

  @Test
  void aStageIsCompletedWhenTheConsumerAcknowledges() {
    List<Delivery<String>> got = new ArrayList<>();
    loop.spawn(deliveries(Overflow.unbounded()).forEach(got::add));
    loop.runUntilStalled();
    CompletableFuture<?> first = nextAwaiting("a");
    CompletableFuture<?> second = nextAwaiting("b");
    loop.runUntilStalled();
    assertThat(first).isNotDone();
    assertThat(got.get(0).value()).isEqualTo("a");
    assertThat(got.get(0).isSettled()).isFalse();

    assertThat(got.get(0).acknowledge()).isEqualTo("a");
    assertThat(got.get(0).acknowledge()).isEqualTo("a");
    got.get(0).refuse(new IOException("too late"));
    assertThat(first).isCompletedWithValue(null);
    assertThat(got.get(0)).hasToString("Delivery[settled]");

    IOException full = new IOException("disk full");
    got.get(1).refuse(full);
    got.get(1).acknowledge();
    assertThatThrownBy(second::join).isInstanceOf(CompletionException.class).hasCause(full);
  }

  @Test
  void whatIsDroppedOrLeftIsRefused() {
    JoinHandle<?> consumer = loop.spawn(deliveries(Overflow.dropLatest(1)).forEach(d -> {}));
    loop.runUntilStalled();
    CompletableFuture<?> left = nextAwaiting("a");
    CompletableFuture<?> dropped = nextAwaiting("b");
    consumer.cancel();
    loop.runUntilStalled();
    CompletableFuture<?> late = nextAwaiting("c");
    loop.runUntilStalled();
    for (CompletableFuture<?> stage : List.of(left, dropped, late)) {
      assertThat(stage).isCompletedExceptionally();
      assertThatThrownBy(stage::get).hasMessageContaining("'texts' did not deliver it");
    }
  }

  @Test
  void aDemanderIsRunOnceWhenTheElementIsTaken() {
    JoinHandle<?> consumer =
        loop.spawn(
            deliveries(Overflow.unbounded())
                .map(Delivery::acknowledge)
                .forEach(text -> log.add("got " + text)));
    loop.runUntilStalled();
    Runnable demander = () -> log.add("demand, on the loop: " + loop.onLoop());
    rig.elsewhere(
        () ->
            assertThat(Callbacks.nextAwaiting(emitters.get(0), "a", demander))
                .isInstanceOf(EmitResult.Enqueued.class));
    assertThat(log).isEmpty();
    loop.runUntilStalled();
    assertThat(log).containsExactly("demand, on the loop: true", "got a");

    Callbacks.nextAwaiting(emitters.get(0), "b", demander);
    consumer.cancel();
    loop.runUntilStalled();
    assertThat(log).hasSizeLessThanOrEqualTo(4);
    log.clear();
    Callbacks.nextAwaiting(emitters.get(0), "c", demander);
    loop.runUntilStalled();
    assertThat(log).isEmpty(); // nobody will take it: nothing is asked for
  }

  // ------------------------------------------------------------------ words

  @Test
  void whatIsMissingIsSaidAtOnce() {
    assertThatThrownBy(() -> Callbacks.subscribing(null)).hasMessage("publisher");
    assertThatThrownBy(() -> Callbacks.watch("x", Overflow.latest(), null)).hasMessage("watch");
    assertThatThrownBy(() -> Callbacks.readiness("x", null, r -> {})).hasMessage("isReady");
    assertThatThrownBy(() -> Callbacks.readiness("x", () -> true, null)).hasMessage("onReady");
    assertThatThrownBy(() -> Callbacks.readiness(null, () -> true, r -> {})).hasMessage("name");
    loop.spawn(deliveries(Overflow.unbounded()).forEach(d -> {}));
    loop.runUntilStalled();
    assertThatThrownBy(() -> Callbacks.nextAwaiting(emitters.get(0), null)).hasMessage("element");
    assertThatThrownBy(() -> Callbacks.nextAwaiting(emitters.get(0), "a", null))
        .hasMessage("demander");
  }
}
