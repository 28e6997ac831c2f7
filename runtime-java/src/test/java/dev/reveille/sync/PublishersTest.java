package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.RunOutcome;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the TCK (samples/compat) does not look at: the loop, its end, and who pulls what. */
final class PublishersTest {
  private final StreamRig rig = new StreamRig();
  private final SourceStream<String> source = new SourceStream<>();
  private final RecordingSubscriber<String> subscriber = new RecordingSubscriber<>();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  private void subscribe() {
    source.asPublisher(rig.loop).subscribe(subscriber);
    rig.settle();
  }

  // ------------------------------------------------------------------ demand

  @Test
  void onlyWhatWasRequestedIsPulled() {
    source.give("a", "b", "c");
    subscribe();
    assertThat(source.polls).isZero();

    subscriber.request(2);
    rig.settle();

    assertThat(subscriber.got).containsExactly("a", "b");
    assertThat(source.taken).isEqualTo(2);
    assertThat(source.polls).isEqualTo(2);
  }

  @Test
  void theEndIsFoundByTheRequestAfterTheLastElement() {
    source.give("a").endNow();
    subscribe();

    subscriber.request(1);
    rig.settle();
    assertThat(subscriber.completions).isZero();
    subscriber.request(1);
    rig.settle();

    assertThat(subscriber.got).containsExactly("a");
    assertThat(subscriber.completions).isEqualTo(1);
    assertThat(rig.loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  void requestsAddUpAndTheirSumSaturates() {
    source.give("a", "b", "c", "d");
    subscribe();

    subscriber.request(Long.MAX_VALUE - 1);
    subscriber.request(Long.MAX_VALUE);
    rig.settle();

    assertThat(subscriber.got).containsExactly("a", "b", "c", "d");
    assertThat(subscriber.failures).isZero();
  }

  @Test
  void aRequestFromWithinASignalCostsNoPollOfItsOwn() {
    RecordingSubscriber<String> oneByOne =
        new RecordingSubscriber<>() {
          @Override
          public void onSubscribe(Flow.Subscription s) {
            super.onSubscribe(s);
            s.request(1);
          }

          @Override
          public void onNext(String element) {
            super.onNext(element);
            request(1);
          }
        };
    source.give("a", "b", "c").endNow();
    source.asPublisher(rig.loop).subscribe(oneByOne);

    rig.settle();

    assertThat(oneByOne.got).containsExactly("a", "b", "c");
    assertThat(oneByOne.completions).isEqualTo(1);
    assertThat(rig.loop.lastRunSteps()).isEqualTo(1);
  }

  @Test
  void whileTheStreamIsPendingARequestIsAddedAndACancelIsHeard() {
    subscribe();
    subscriber.request(1);
    rig.settle();
    rig.rig.elsewhere(() -> subscriber.request(1));
    source.give("a", "b");
    rig.settle();
    assertThat(subscriber.got).containsExactly("a", "b");

    subscriber.request(1);
    rig.settle();
    rig.rig.elsewhere(subscriber::cancel);
    assertThat(source.releases).isZero(); // the loop does it
    rig.settle();

    assertThat(source.releases).isEqualTo(1);
    assertThat(rig.loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  void aRequestThatIsNotPositiveEndsTheSubscription() {
    subscribe();

    subscriber.request(-3);
    subscriber.request(5);
    rig.settle();

    assertThat(subscriber.failure)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("3.9");
    assertThat(source.releases).isEqualTo(1);
    assertThat(source.polls).isZero();
  }

  // ------------------------------------------------------------------ the ends

  @Test
  void afterACancelNoSignalComes() {
    source.give("a", "b");
    RecordingSubscriber<String> fickle =
        new RecordingSubscriber<>() {
          @Override
          public void onNext(String element) {
            super.onNext(element);
            cancel();
            request(-1);
          }
        };
    source.asPublisher(rig.loop).subscribe(fickle);
    rig.settle();

    fickle.request(10);
    rig.settle();

    assertThat(fickle.got).containsExactly("a");
    assertThat(fickle.completions + fickle.failures).isZero();
    assertThat(source.releases).isEqualTo(1);
  }

  @Test
  void aFailureOfTheStreamIsSignalledAsItIs() {
    IOException failure = new IOException("gone");
    source.give("a").fail(failure);
    subscribe();

    subscriber.request(5);
    rig.settle();

    assertThat(subscriber.got).containsExactly("a");
    assertThat(subscriber.failure).isSameAs(failure);
  }

  @Test
  void whatTheSupplierThrowsIsSignalledWithoutDemand() {
    ArithmeticException failure = new ArithmeticException("no stream today");
    Publishers.<String>publisher(
            rig.loop,
            () -> {
              throw failure;
            })
        .subscribe(subscriber);
    rig.settle();

    assertThat(subscriber.subscription).isNotNull();
    assertThat(subscriber.failure).isSameAs(failure);
  }

  @Test
  void aSubscriberThatThrowsIsNotCalledAgainAndTheHandlerHearsOfIt() {
    ArithmeticException thrown = new ArithmeticException("in onNext");
    RecordingSubscriber<String> throwing =
        new RecordingSubscriber<>() {
          @Override
          public void onNext(String element) {
            super.onNext(element);
            throw thrown;
          }
        };
    source.give("a", "b");
    source.asPublisher(rig.loop).subscribe(throwing);
    rig.settle();

    throwing.request(2);
    rig.settle();

    assertThat(throwing.got).containsExactly("a");
    assertThat(throwing.completions + throwing.failures).isZero();
    assertThat(source.releases).isEqualTo(1);
    assertThat(rig.rig.takeUncaught())
        .containsExactly(new Rig.Uncaught(rig.loop, "publisher", thrown));
  }

  @Test
  void aFailureInThePollOfTheCancelGoesToTheHandler() {
    IOException failure = new IOException("gone");
    PollStream<String> selfish =
        SourceStream.of("a")
            .concatMap(
                element -> {
                  subscriber.cancel();
                  return PollStream.failed(failure);
                });
    selfish.asPublisher(rig.loop).subscribe(subscriber);
    rig.settle();

    subscriber.request(1);
    rig.settle();

    assertThat(subscriber.failures).isZero();
    assertThat(rig.rig.takeUncaught())
        .containsExactly(new Rig.Uncaught(rig.loop, "publisher", failure));
  }

  @Test
  void aSecondSubscriberOfOneStreamIsRefusedAndTheFirstGoesOn() {
    Flow.Publisher<String> publisher = source.give("a").asPublisher(rig.loop);
    RecordingSubscriber<String> second = new RecordingSubscriber<>();
    publisher.subscribe(subscriber);
    publisher.subscribe(second);
    rig.settle();

    subscriber.request(1);
    rig.settle();

    assertThat(second.subscription).isNotNull();
    assertThat(second.failure)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'source'");
    assertThat(subscriber.got).containsExactly("a");
  }

  @Test
  void eachSubscriberGetsAStreamOfItsOwn() {
    Flow.Publisher<Integer> publisher =
        Publishers.publisher(rig.loop, () -> PollStream.of(1, 2, 3));
    RecordingSubscriber<Integer> one = new RecordingSubscriber<>();
    RecordingSubscriber<Integer> other = new RecordingSubscriber<>();
    publisher.subscribe(one);
    publisher.subscribe(other);
    rig.settle();

    one.request(2);
    other.request(9);
    rig.settle();

    assertThat(one.got).containsExactly(1, 2);
    assertThat(other.got).containsExactly(1, 2, 3);
    assertThat(other.completions).isEqualTo(1);
  }

  // ------------------------------------------------------------------ the dispatcher's end

  @Test
  void aClosedDispatcherRefusesWithASignalAtOnce() {
    rig.loop.close();

    source.asPublisher(rig.loop).subscribe(subscriber);

    assertThat(subscriber.subscription).isNotNull();
    assertThat(subscriber.failure)
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("'loop'");
    assertThat(source.polls + source.releases).isZero();
  }

  @Test
  void aDrainingDispatcherRefusesFromOutsideAndServesWhatItHas() {
    source.give("a").endNow();
    subscribe();
    rig.loop.shutdown();
    RecordingSubscriber<String> late = new RecordingSubscriber<>();
    PollStream.of("x").asPublisher(rig.loop).subscribe(late);
    assertThat(late.failure).isInstanceOf(RejectedExecutionException.class);

    subscriber.request(2);
    assertThat(rig.loop.runUntilStalled()).isEqualTo(RunOutcome.CLOSED);

    assertThat(subscriber.got).containsExactly("a");
    assertThat(subscriber.completions).isEqualTo(1);
  }

  @Test
  void aCloseInBetweenIsSignalled() {
    subscribe();
    subscriber.request(1);
    rig.settle();

    rig.loop.close();

    assertThat(subscriber.failure)
        .isInstanceOf(CancellationException.class)
        .hasMessageContaining("'loop'");
    assertThat(source.releases).isEqualTo(1);
    subscriber.request(1);
    subscriber.cancel();
    assertThat(subscriber.failures).isEqualTo(1);
  }

  @Test
  void aCloseBeforeTheFirstTurnIsSignalledToo() {
    source.asPublisher(rig.loop).subscribe(subscriber);

    rig.loop.close();

    assertThat(subscriber.subscription).isNotNull();
    assertThat(subscriber.failure).isInstanceOf(CancellationException.class);
  }

  @Test
  @SuppressWarnings("NullAway") // what Java code that is not null-checked does
  void aNullSubscriberIsRefusedAtTheCall() {
    assertThatThrownBy(() -> source.asPublisher(rig.loop).subscribe(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("subscriber");
  }
}
