package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.DispatcherOptions;
import dev.reveille.Poll;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Operators that count and that wait, on mock time. */
final class StreamTimeTest {
  private static final Duration TEN = Duration.ofMillis(10);

  private final StreamRig rig = new StreamRig();
  private final SourceStream<String> source = new SourceStream<>();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  /** Gives elements now, and lets the consumer see them. */
  private void give(String... elements) {
    source.give(elements);
    rig.settle();
  }

  // ------------------------------------------------------------------ buffer

  @Test
  void bufferGivesFullListsAndAShorterLastOne() throws Exception {
    assertThat(rig.listOf(PollStream.of(1, 2, 3, 4, 5).buffer(2)))
        .containsExactly(List.of(1, 2), List.of(3, 4), List.of(5));
    assertThat(rig.listOf(PollStream.of(1, 2).buffer(2))).containsExactly(List.of(1, 2));
    assertThat(rig.listOf(PollStream.empty().buffer(2))).isEmpty();
    assertThat(rig.listOf(PollStream.of(1, 2).buffer(1, TEN)))
        .containsExactly(List.of(1), List.of(2));
  }

  @Test
  void aListIsGivenAtTheLatestATimeAfterItsFirstElement() {
    var consumer = rig.consume(source.buffer(3, TEN));
    rig.advanceMillis(100);
    assertThat(consumer.got).isEmpty(); // never an empty list

    give("a");
    rig.advanceMillis(6);
    give("b");
    rig.advanceMillis(3);
    assertThat(consumer.got).isEmpty();
    rig.advanceMillis(1);
    assertThat(consumer.take()).containsExactly(List.of("a", "b"));

    give("c");
    rig.advanceMillis(9);
    assertThat(consumer.got).isEmpty();
    rig.advanceMillis(1);
    assertThat(consumer.take()).containsExactly(List.of("c"));
  }

  @Test
  void aFullListIsNotKeptWaitingAndItsDeadlineIsForgotten() {
    var consumer = rig.consume(source.buffer(2, TEN));

    give("a");
    rig.advanceMillis(5);
    give("b");
    assertThat(consumer.take()).containsExactly(List.of("a", "b"));
    rig.advanceMillis(1);
    give("c");
    rig.advanceMillis(9); // the deadline of the first list is over by now
    assertThat(consumer.got).isEmpty();
    rig.advanceMillis(1);
    assertThat(consumer.take()).containsExactly(List.of("c"));
  }

  @Test
  void aFailureComesAfterTheElementsThatCameBeforeIt() {
    IOException failure = new IOException("gone");
    var consumer = rig.consume(source.buffer(3));
    give("a");

    source.fail(failure);
    rig.settle();

    assertThat(consumer.got).containsExactly(List.of("a"));
    assertThat(consumer.failure).isSameAs(failure);
  }

  @Test
  void aListBelongsToItsReceiver() throws Exception {
    List<Integer> list = rig.resultOf(PollStream.of(1, 2).buffer(5).first());
    list.add(3);

    assertThat(list).containsExactly(1, 2, 3);
  }

  // ------------------------------------------------------------------ throttle, throttleFirst

  @Test
  void throttleDropsNothingAndDoesNotPollInBetween() {
    var consumer = rig.consume(source.throttle(TEN));
    give("a", "b", "c");

    assertThat(consumer.take()).containsExactly("a");
    assertThat(source.taken).isEqualTo(1);
    rig.advanceMillis(9);
    assertThat(consumer.got).isEmpty();
    rig.advanceMillis(1);
    assertThat(consumer.take()).containsExactly("b");
    rig.advanceMillis(30);
    assertThat(consumer.take()).containsExactly("c");
    give("d"); // the period after the one before is long over
    assertThat(consumer.take()).containsExactly("d");
  }

  @Test
  void throttleFirstDropsWhatComesWithinTheWindow() {
    var consumer = rig.consume(source.throttleFirst(TEN));

    give("a", "b");
    rig.advanceMillis(9);
    give("c");
    assertThat(consumer.take()).containsExactly("a");
    rig.advanceMillis(1);
    give("d", "e");
    assertThat(consumer.take()).containsExactly("d");
    rig.advanceMillis(100);
    give("f");
    assertThat(consumer.take()).containsExactly("f");
  }

  // ------------------------------------------------------------------ sample, debounce

  @Test
  void sampleGivesTheLatestOfEachPeriod() {
    var consumer = rig.consume(source.sample(TEN));
    rig.advanceMillis(3);

    give("a"); // the first period is from 3 to 13
    rig.advanceMillis(5);
    give("b");
    rig.advanceMillis(4);
    assertThat(consumer.got).isEmpty();
    rig.advanceMillis(1);
    assertThat(consumer.take()).containsExactly("b");

    rig.advanceMillis(25);
    assertThat(consumer.got).isEmpty();
    give("c"); // at 38, in the period from 33 to 43
    rig.advanceMillis(4);
    assertThat(consumer.got).isEmpty();
    rig.advanceMillis(1);
    assertThat(consumer.take()).containsExactly("c");
  }

  @Test
  void aSilentStreamHasNoTick() {
    rig.consume(source.sample(TEN));
    give("a");
    rig.advanceMillis(10);
    long polls = rig.loop.snapshot().taskPolls();

    rig.advanceMillis(1000);

    assertThat(rig.loop.snapshot().taskPolls()).isEqualTo(polls);
  }

  @Test
  void debounceGivesAnElementOnceItWasQuiet() {
    var consumer = rig.consume(source.debounce(TEN));

    give("a");
    rig.advanceMillis(9);
    give("b");
    rig.advanceMillis(9);
    assertThat(consumer.got).isEmpty();
    rig.advanceMillis(1);
    assertThat(consumer.take()).containsExactly("b");
  }

  @Test
  void whatIsHeldAtTheEndIsGivenAtOnce() {
    for (BiFunction<PollStream<String>, Duration, PollStream<String>> operator :
        List.<BiFunction<PollStream<String>, Duration, PollStream<String>>>of(
            PollStream::sample, PollStream::debounce)) {
      SourceStream<String> ending = SourceStream.of("a", "b").endNow();
      var consumer = rig.consume(operator.apply(ending, TEN));
      assertThat(consumer.got).containsExactly("b");
      assertThat(consumer.ended).isTrue();

      SourceStream<String> failing = SourceStream.of("a", "b").fail(new IOException("gone"));
      var other = rig.consume(operator.apply(failing, TEN));
      assertThat(other.got).containsExactly("b");
      assertThat(other.failure).hasMessage("gone");
    }
  }

  /** Lets a test see whether a timer is armed. Driven until it stalls, so it never sleeps. */
  private static final class Peeking extends RunnableDispatcher {
    Peeking(DispatcherOptions options) {
      super(options);
    }

    @Override
    protected void park(long nanos) {
      throw new AssertionError("this dispatcher is not to sleep");
    }

    @Override
    protected void wakeLoop() {}

    /** Whether a timer is armed, and so whether the loop would wake up for one. */
    boolean hasTimer() throws Exception {
      return runUntil(cx -> Poll.ready(earliestTimerExpiry())).value() != Long.MAX_VALUE;
    }
  }

  @Test
  void aCancelledStreamLeavesNoTimer() throws Exception {
    try (Rig peeking = new Rig(Peeking::new)) {
      Peeking loop = (Peeking) peeking.dispatcher();
      for (PollStream<?> stream :
          List.of(
              SourceStream.of("a").buffer(2, TEN),
              SourceStream.of("a").throttle(TEN),
              SourceStream.of("a").sample(TEN),
              SourceStream.of("a").debounce(TEN),
              PollStream.interval(TEN))) {
        var handle = loop.spawn(stream.forEach(element -> {}));
        loop.runUntilStalled();
        assertThat(loop.hasTimer()).as("%s is armed", stream).isTrue();

        handle.cancel();
        loop.runUntilStalled();

        assertThat(loop.hasTimer()).as("%s is armed", stream).isFalse();
      }
    }
  }

  // ------------------------------------------------------------------ interval

  @Test
  void intervalCountsPeriodsWithoutDrift() {
    var consumer = rig.consume(PollStream.interval(TEN));

    rig.advanceMillis(9);
    assertThat(consumer.got).isEmpty();
    rig.advanceMillis(1);
    assertThat(consumer.take()).containsExactly(0L);
    rig.advanceMillis(25);
    assertThat(consumer.take()).containsExactly(1L, 2L);
    rig.advanceMillis(5);
    assertThat(consumer.take()).containsExactly(3L);
  }

  @Test
  void aLateConsumerIsToldWhatItMissed() {
    PollStream<Long> interval = PollStream.interval(TEN);
    var first = rig.loop.spawn(interval.next());
    rig.advanceMillis(10);
    assertThat(first.isDone()).isTrue();

    rig.advanceMillis(55); // nobody polls
    var consumer = rig.consume(interval);

    assertThat(consumer.take()).containsExactly(5L);
    rig.advanceMillis(5);
    assertThat(consumer.take()).containsExactly(6L);
  }

  @Test
  void aPeriodThatIsTooLongForTheClockIsNever() {
    Duration tooLong = Duration.ofSeconds(Long.MAX_VALUE);
    var interval = rig.consume(PollStream.interval(tooLong));
    var window = rig.consume(source.throttleFirst(tooLong));
    give("a", "b");
    rig.advanceMillis(1_000_000);

    assertThat(interval.got).isEmpty();
    assertThat(window.got).containsExactly("a");
  }

  @Test
  void durationsThatAreNotPositiveAreRefusedByName() {
    assertThatThrownBy(() -> source.buffer(2, Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("buffer");
    assertThatThrownBy(() -> source.throttle(Duration.ofMillis(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("throttle");
    assertThatThrownBy(() -> source.throttleFirst(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> source.sample(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> source.debounce(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PollStream.interval(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("interval");
  }
}
