package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.StopSource;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Streams with one upstream: what they give, where they end. */
final class PollStreamTest {
  private final StreamRig rig = new StreamRig();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  // ------------------------------------------------------------------ the end, and after it

  @Test
  void aPollAfterTheEndThrowsByName() throws Exception {
    PollStream<Integer> stream = PollStream.<Integer>empty().map(n -> n);
    rig.listOf(stream);

    assertThatThrownBy(() -> rig.resultOf(stream.next()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("stream 'map' polled again after its end: it gave its last element before");
  }

  @Test
  void aPollAfterAFailureThrowsByName() {
    PollStream<Integer> stream = PollStream.failed(new IOException("gone"));

    assertThatThrownBy(() -> rig.resultOf(stream.next())).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> rig.resultOf(stream.next()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("stream 'failed' polled again after its end: it failed before");
  }

  @Test
  void aPollAfterACancelThrowsByName() {
    SourceStream<Integer> stream = SourceStream.of(1);
    stream.cancel();
    stream.cancel();

    assertThat(stream.releases).isEqualTo(1);
    assertThat(stream.isFinished()).isTrue();
    assertThatThrownBy(() -> rig.resultOf(stream.next()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("stream 'source' polled again after its end: it was cancelled");
  }

  @Test
  void theEndReleasesOnceAndACancelAfterItDoesNothing() throws Exception {
    SourceStream<Integer> stream = SourceStream.of(1).endNow();
    rig.listOf(stream);
    stream.cancel();

    assertThat(stream.releases).isEqualTo(1);
  }

  @Test
  void whatAReleaseThrowsAfterAFailureIsSuppressedUnderIt() {
    IOException failure = new IOException("first");
    IllegalStateException second = new IllegalStateException("second");
    PollStream<Integer> stream =
        new AbstractPollStream<>("failing") {
          @Override
          protected Poll<@Nullable Integer> doPollNext(Context cx) throws Exception {
            throw failure;
          }

          @Override
          protected void release() {
            throw second;
          }
        };

    assertThatThrownBy(() -> rig.listOf(stream)).isSameAs(failure).hasSuppressedException(second);
  }

  @Test
  @SuppressWarnings("NullAway") // what Java code that is not null-checked does
  void aStreamThatReturnsNullFailsByName() {
    PollStream<Integer> stream =
        new AbstractPollStream<>("careless") {
          @Override
          protected Poll<@Nullable Integer> doPollNext(Context cx) {
            return null;
          }
        };

    assertThatThrownBy(() -> rig.listOf(stream))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("'careless'");
  }

  // ------------------------------------------------------------------ one by one

  @Test
  void mapAndFilterAndOnEachKeepTheOrder() throws Exception {
    StringBuilder seen = new StringBuilder();

    assertThat(
            rig.listOf(
                PollStream.of(1, 2, 3, 4)
                    .filter(n -> n % 2 == 0)
                    .onEach(n -> seen.append(n).append(';'))
                    .map(n -> "n" + n)))
        .containsExactly("n2", "n4");
    assertThat(seen).hasToString("2;4;");
  }

  @Test
  void scanGivesTheInitialValueFirst() throws Exception {
    assertThat(rig.listOf(PollStream.of(1, 2, 3).scan("", (text, n) -> text + n)))
        .containsExactly("", "1", "12", "123");
  }

  @Test
  void takeCancelsUpstreamWithItsLastElementAndNotLater() throws Exception {
    SourceStream<String> source = SourceStream.of("a", "b", "c");
    PollStream<String> two = source.take(2);

    assertThat(rig.resultOf(two.next())).isEqualTo("a");
    assertThat(source.releases).isZero();
    assertThat(rig.resultOf(two.next())).isEqualTo("b");
    assertThat(source.releases).isEqualTo(1);
    assertThat(rig.resultOf(two.next())).isNull();
    assertThat(source.taken).isEqualTo(2);
  }

  @Test
  void takeOfNothingPollsNothing() throws Exception {
    SourceStream<String> source = SourceStream.of("a");

    assertThat(rig.listOf(source.take(0))).isEmpty();
    assertThat(source.polls).isZero();
    assertThat(source.releases).isEqualTo(1);
  }

  @Test
  void takeWhileDropsTheFirstThatIsRejectedAndCancels() throws Exception {
    SourceStream<Integer> source = SourceStream.of(1, 2, 9, 1);

    assertThat(rig.listOf(source.takeWhile(n -> n < 5))).containsExactly(1, 2);
    assertThat(source.taken).isEqualTo(3);
    assertThat(source.releases).isEqualTo(1);
  }

  @Test
  void skipDropsTheFirst() throws Exception {
    assertThat(rig.listOf(PollStream.of(1, 2, 3).skip(2))).containsExactly(3);
    assertThat(rig.listOf(PollStream.of(1, 2, 3).skip(7))).isEmpty();
  }

  // ------------------------------------------------------------------ takeUntil

  @Test
  void takeUntilEndsAtTheSignalAndCancelsUpstream() {
    SourceStream<String> source = SourceStream.of("a");
    SourceStream<String> signal = new SourceStream<>();
    var consumer = rig.consume(source.takeUntil(signal.next()));
    assertThat(consumer.got).containsExactly("a");

    signal.give("now");
    rig.settle();

    assertThat(consumer.ended).isTrue();
    assertThat(source.releases).isEqualTo(1);
  }

  @Test
  void anElementThatIsThereInThePollOfTheSignalWinsAndIsTheLast() {
    SourceStream<String> source = SourceStream.of("a", "b", "c");
    StopSource stop = new StopSource();
    stop.stop();

    var consumer = rig.consume(source.takeUntil(stop.token()));

    assertThat(consumer.got).containsExactly("a");
    assertThat(consumer.ended).isTrue();
    assertThat(source.releases).isEqualTo(1);
  }

  @Test
  void aStopWakesAndEndsAWaitingStream() {
    SourceStream<String> source = new SourceStream<>();
    StopSource stop = new StopSource();
    var consumer = rig.consume(source.takeUntil(stop.token()));
    assertThat(consumer.ended).isFalse();

    stop.stop();
    rig.settle();

    assertThat(consumer.ended).isTrue();
  }

  @Test
  void theSignalIsCancelledWhenUpstreamEndsFirst() throws Exception {
    SourceStream<String> signal = new SourceStream<>();
    Pollable<List<String>> whenDone = signal.toList();

    rig.listOf(PollStream.of("a").takeUntil(whenDone));

    assertThat(signal.releases).isEqualTo(1);
  }

  // ------------------------------------------------------------------ to the end

  @Test
  void consumingOperationsSeeAllElements() throws Exception {
    StringBuilder seen = new StringBuilder();

    rig.resultOf(PollStream.of(1, 2).forEach(seen::append));
    assertThat(seen).hasToString("12");
    assertThat(rig.resultOf(PollStream.of(1, 2, 3).fold(10, Integer::sum))).isEqualTo(16);
    assertThat(rig.resultOf(PollStream.of("a", "b").count())).isEqualTo(2);
    assertThat(rig.resultOf(PollStream.of("a", "b").collect(Collectors.joining("-"))))
        .isEqualTo("a-b");
    assertThat(rig.resultOf(PollStream.<String>empty().collect(Collectors.joining()))).isEmpty();
    assertThat(rig.resultOf(PollStream.from(List.of(7, 8)).toList())).containsExactly(7, 8);
  }

  @Test
  void firstCancelsTheRest() throws Exception {
    SourceStream<String> source = SourceStream.of("a", "b");

    assertThat(rig.resultOf(source.first())).isEqualTo("a");
    assertThat(source.taken).isEqualTo(1);
    assertThat(source.releases).isEqualTo(1);
    assertThatThrownBy(() -> rig.resultOf(PollStream.empty().first()))
        .isInstanceOf(NoSuchElementException.class);
  }

  @Test
  void nextLeavesTheStreamWithItsOwner() throws Exception {
    SourceStream<String> source = SourceStream.of("a", "b").endNow();

    assertThat(rig.resultOf(source.next())).isEqualTo("a");
    Pollable<@Nullable String> abandoned = source.next();
    abandoned.cancel();
    assertThat(rig.resultOf(source.next())).isEqualTo("b");
    assertThat(source.releases).isZero();
    assertThat(rig.resultOf(source.next())).isNull();
    assertThat(source.releases).isEqualTo(1);
  }

  // ------------------------------------------------------------------ sources

  @Test
  void generateAsksForOneOperationAfterTheOther() throws Exception {
    int[] n = {0};

    assertThat(
            rig.listOf(
                PollStream.<Integer>generate(
                    () -> {
                      int next = ++n[0];
                      return cx -> Poll.<@Nullable Integer>ready(next <= 3 ? next : null);
                    })))
        .containsExactly(1, 2, 3);
    assertThat(n[0]).isEqualTo(4);
  }

  @Test
  void unfoldGoesFromStateToState() throws Exception {
    assertThat(
            rig.listOf(
                PollStream.<Integer, String>unfold(
                    1,
                    page ->
                        cx ->
                            Poll.<PollStream.@Nullable Step<Integer, String>>ready(
                                page > 3
                                    ? null
                                    : new PollStream.Step<>("page " + page, page + 1)))))
        .containsExactly("page 1", "page 2", "page 3");
  }

  @Test
  void anIteratorIsMadeInTheFirstPoll() throws Exception {
    int[] made = {0};
    Iterable<Integer> iterable =
        () -> {
          made[0]++;
          return List.of(1).iterator();
        };
    PollStream<Integer> stream = PollStream.from(iterable);
    assertThat(made[0]).isZero();

    assertThat(rig.listOf(stream)).containsExactly(1);
    assertThat(made[0]).isEqualTo(1);
  }

  // ------------------------------------------------------------------ bad input

  @Test
  @SuppressWarnings("NullAway") // what Java code that is not null-checked does
  void nullElementsAreRefusedByName() {
    assertThatThrownBy(() -> PollStream.of("a", null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> rig.listOf(PollStream.from(Arrays.asList("a", null))))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("the iterable gave null");
    assertThatThrownBy(() -> rig.listOf(PollStream.of(1).map(n -> null)))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("the function of map returned null");
  }

  @Test
  void numbersOutOfRangeAreRefusedAtTheCall() {
    PollStream<Integer> stream = PollStream.of(1);

    assertThatThrownBy(() -> stream.take(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> stream.skip(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> stream.buffer(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> stream.flatMap(0, PollStream::of))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("flatMap");
    assertThatThrownBy(() -> stream.mapAsync(0, n -> cx -> Poll.ready(n)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("mapAsync");
  }
}
