package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A stream of a publisher that a test plays by hand, also against the rules. */
final class FromPublisherTest {
  private final StreamRig rig = new StreamRig();
  private final Handmade publisher = new Handmade();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  /** Records what is asked of it. */
  private static final class Handmade implements Flow.Publisher<Integer>, Flow.Subscription {
    final List<Long> requests = new ArrayList<>();
    int cancels;
    Flow.@Nullable Subscriber<? super Integer> subscriber;
    boolean late;
    int answer;

    @Override
    public void subscribe(Flow.Subscriber<? super Integer> s) {
      subscriber = s;
      if (!late) {
        s.onSubscribe(this);
      }
    }

    @Override
    public void request(long n) {
      requests.add(n);
      for (; answer > 0; answer--) {
        subscriber.onNext(answer);
      }
    }

    @Override
    public void cancel() {
      cancels++;
    }

    void next(int... elements) {
      for (int element : elements) {
        subscriber.onNext(element);
      }
    }
  }

  private StreamRig.Consumer<Integer> consume(int prefetch) {
    return rig.consume(PollStream.from(publisher, prefetch));
  }

  // ------------------------------------------------------------------ in order

  @Test
  void itIsSubscribedToInTheFirstPollAndNotBefore() {
    PollStream<Integer> stream = PollStream.from(publisher, 4);
    assertThat(publisher.subscriber).isNull();

    rig.consume(stream);

    assertThat(publisher.subscriber).isNotNull();
    assertThat(publisher.requests).containsExactly(4L);
  }

  @Test
  void moreIsRequestedWhenThreeQuartersWereTaken() {
    var consumer = consume(8);

    publisher.next(1, 2, 3, 4, 5);
    rig.settle();
    assertThat(publisher.requests).containsExactly(8L);
    publisher.next(6);
    rig.settle();
    assertThat(publisher.requests).containsExactly(8L, 6L);
    publisher.next(7, 8, 9, 10, 11, 12);
    rig.settle();

    assertThat(publisher.requests).containsExactly(8L, 6L, 6L);
    assertThat(consumer.got).containsExactly(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
  }

  @Test
  void aPrefetchOfOneGoesOneByOne() {
    var consumer = consume(1);

    publisher.next(1);
    rig.settle();
    publisher.next(2);
    rig.settle();

    assertThat(publisher.requests).containsExactly(1L, 1L, 1L);
    assertThat(consumer.got).containsExactly(1, 2);
  }

  @Test
  void aConsumerThatDoesNotPollIsBackPressure() throws Exception {
    PollStream<Integer> stream = PollStream.from(publisher, 2);
    rig.loop.spawn(stream.next());
    rig.settle();
    publisher.next(1, 2);

    rig.settle();

    assertThat(publisher.requests).containsExactly(2L);
    assertThat(rig.resultOf(stream.next())).isEqualTo(2);
  }

  @Test
  void anElementWithinTheRequestIsTaken() {
    publisher.answer = 3;

    assertThat(consume(4).got).containsExactly(3, 2, 1);
  }

  @Test
  void whatCameBeforeTheEndIsGivenBeforeIt() {
    var consumer = consume(4);

    publisher.next(1, 2);
    publisher.subscriber.onComplete();
    rig.settle();

    assertThat(consumer.got).containsExactly(1, 2);
    assertThat(consumer.ended).isTrue();
    assertThat(publisher.cancels).isZero(); // it has ended by itself
  }

  @Test
  void whatCameBeforeAFailureIsGivenBeforeIt() {
    var consumer = consume(4);
    IOException failure = new IOException("gone");

    publisher.next(1);
    publisher.subscriber.onError(failure);
    rig.settle();

    assertThat(consumer.got).containsExactly(1);
    assertThat(consumer.failure).isSameAs(failure);
    assertThat(publisher.cancels).isZero();
  }

  @Test
  void signalsFromAnotherThreadWakeTheTask() {
    var consumer = consume(4);

    rig.rig.elsewhere(() -> publisher.next(1, 2));
    rig.settle();

    assertThat(consumer.got).containsExactly(1, 2);
  }

  // ------------------------------------------------------------------ cancel

  @Test
  void cancelCancelsTheSubscriptionOnce() {
    var consumer = consume(4);

    consumer.handle.cancel();
    rig.settle();
    publisher.next(1); // legal for a while (rule 2.8)
    publisher.subscriber.onError(new IOException("a consequence of the cancel"));

    assertThat(publisher.cancels).isEqualTo(1);
  }

  @Test
  void aSubscriptionThatComesAfterTheCancelIsCancelled() {
    publisher.late = true;
    var consumer = consume(4);
    consumer.handle.cancel();
    rig.settle();
    assertThat(publisher.cancels).isZero();

    publisher.subscriber.onSubscribe(publisher);

    assertThat(publisher.cancels).isEqualTo(1);
    assertThat(publisher.requests).isEmpty();
  }

  @Test
  void aSubscriptionThatComesLaterFromAnotherThreadIsUsedOnTheLoop() {
    publisher.late = true;
    var consumer = consume(4);
    rig.rig.elsewhere(() -> publisher.subscriber.onSubscribe(publisher));
    assertThat(publisher.requests).isEmpty();

    rig.settle();
    assertThat(publisher.requests).containsExactly(4L);
    publisher.next(1);
    rig.settle();

    assertThat(consumer.got).containsExactly(1);
  }

  @Test
  void cancelledBeforeTheFirstPollItNeverSubscribes() {
    PollStream.from(publisher, 4).cancel();

    assertThat(publisher.subscriber).isNull();
  }

  // ------------------------------------------------------------------ against the rules

  @Test
  void anElementBeyondTheDemandFailsTheStreamAfterWhatCameBefore() {
    var consumer = consume(2);

    publisher.next(1, 2, 3, 4);
    rig.settle();

    assertThat(consumer.got).containsExactly(1, 2);
    assertThat(consumer.failure)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("more than the 2 elements that were requested");
    assertThat(publisher.cancels).isEqualTo(1);
  }

  /** Within the ring, which is a power of two, there would be room for it. */
  @Test
  void theDemandCountsAndNotTheRoom() {
    var consumer = consume(5);

    publisher.next(1, 2, 3, 4, 5, 6);
    rig.settle();

    assertThat(consumer.got).containsExactly(1, 2, 3, 4, 5);
    assertThat(consumer.failure).hasMessageContaining("rule 1.1");
  }

  @Test
  void aSecondSubscriptionIsCancelledAndTheFirstGoesOn() {
    var consumer = consume(4);
    Handmade second = new Handmade();

    publisher.subscriber.onSubscribe(second);
    publisher.next(1);
    rig.settle();

    assertThat(second.cancels).isEqualTo(1);
    assertThat(second.requests).isEmpty();
    assertThat(publisher.cancels).isZero();
    assertThat(consumer.got).containsExactly(1);
  }

  @Test
  void signalsAfterTheEndChangeNothingAndAreInTheLog() {
    var consumer = consume(4);
    IOException failure = new IOException("too late");

    List<LogRecord> log =
        logged(
            () -> {
              publisher.subscriber.onComplete();
              publisher.next(1, 2);
              publisher.subscriber.onComplete();
              publisher.subscriber.onError(failure);
            });
    rig.settle();

    assertThat(consumer.got).isEmpty();
    assertThat(consumer.ended).isTrue();
    assertThat(log).extracting(LogRecord::getLevel).containsExactly(Level.WARNING, Level.WARNING);
    assertThat(log.get(0).getMessage()).contains("rule 1.7");
    assertThat(log.get(1).getThrown()).isSameAs(failure);
  }

  /** What is logged, for once not to the console. */
  private static List<LogRecord> logged(Runnable action) {
    List<LogRecord> records = new ArrayList<>();
    Handler recorder =
        new Handler() {
          @Override
          public void publish(LogRecord logRecord) {
            records.add(logRecord);
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger logger = Logger.getLogger("dev.reveille.sync");
    logger.addHandler(recorder);
    logger.setUseParentHandlers(false);
    try {
      action.run();
    } finally {
      logger.setUseParentHandlers(true);
      logger.removeHandler(recorder);
    }
    return records;
  }

  @Test
  @SuppressWarnings("NullAway") // what Java code that is not null-checked does
  void signalsWithNullThrowAtThePublisher() {
    consume(4);

    assertThatThrownBy(() -> publisher.subscriber.onNext(null))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> publisher.subscriber.onError(null))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> publisher.subscriber.onSubscribe(null))
        .isInstanceOf(NullPointerException.class);
  }

  @Test
  void aPublisherThatThrowsFromSubscribeFailsTheStreamAndIsCancelled() {
    ArithmeticException failure = new ArithmeticException("in subscribe");
    Flow.Publisher<Integer> throwing =
        s -> {
          s.onSubscribe(publisher);
          throw failure;
        };

    assertThat(rig.consume(PollStream.from(throwing, 4)).failure).isSameAs(failure);
    assertThat(publisher.cancels).isEqualTo(1);
  }

  @Test
  void aSubscriptionThatThrowsFromRequestFailsTheStream() {
    ArithmeticException failure = new ArithmeticException("in request");
    int[] cancels = {0};
    Flow.Publisher<Integer> throwing =
        s ->
            s.onSubscribe(
                new Flow.Subscription() {
                  @Override
                  public void request(long n) {
                    s.onNext(1);
                    throw failure;
                  }

                  @Override
                  public void cancel() {
                    cancels[0]++;
                  }
                });

    var consumer = rig.consume(PollStream.from(throwing, 4));

    assertThat(consumer.got).containsExactly(1);
    assertThat(consumer.failure).isSameAs(failure);
    assertThat(cancels[0]).isEqualTo(1);
  }

  @Test
  void aPrefetchOutOfRangeIsRefusedAtTheCall() {
    assertThatThrownBy(() -> PollStream.from(publisher, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("prefetch");
    assertThatThrownBy(() -> PollStream.from(publisher, Integer.MAX_VALUE))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
