package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Operators that have more than one thing open. */
final class StreamsOfStreamsTest {
  private final StreamRig rig = new StreamRig();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  // ------------------------------------------------------------------ merge, concat, zip

  @Test
  void mergeTakesTurnsAmongThoseThatAreReady() throws Exception {
    assertThat(
            rig.listOf(
                PollStream.merge(
                    List.of(PollStream.of(1, 2, 3), PollStream.of(10, 20), PollStream.of(100)))))
        .containsExactly(1, 10, 100, 2, 20, 3);
  }

  @Test
  void anAlwaysReadyStreamDoesNotKeepTheOthersFromBeingHeard() {
    SourceStream<String> quiet = new SourceStream<>();
    PollStream<String> endless = PollStream.generate(() -> cx -> Poll.ready("x"));
    var consumer = new StreamRig.Consumer<>(PollStream.merge(List.of(endless, quiet)).take(6));
    rig.loop.spawn("consumer", consumer);
    quiet.give("a", "b");

    rig.settle();

    assertThat(consumer.got).containsExactly("x", "a", "x", "b", "x", "x");
  }

  @Test
  void mergeEndsWhenAllHaveEnded() {
    SourceStream<String> one = new SourceStream<>();
    SourceStream<String> other = new SourceStream<>();
    var consumer = rig.consume(PollStream.merge(List.of(one, other)));

    one.endNow();
    rig.settle();
    assertThat(consumer.ended).isFalse();
    other.give("a").endNow();
    rig.settle();

    assertThat(consumer.got).containsExactly("a");
    assertThat(consumer.ended).isTrue();
  }

  @Test
  void mergeOfNothingIsEmpty() throws Exception {
    assertThat(rig.listOf(PollStream.<String>merge(List.of()))).isEmpty();
    assertThat(rig.listOf(PollStream.<String>concat(List.of()))).isEmpty();
  }

  @Test
  void aFailureOfOneCancelsTheOthers() {
    SourceStream<String> one = new SourceStream<>();
    SourceStream<String> other = new SourceStream<>();
    var consumer = rig.consume(PollStream.merge(List.of(one, other)));
    IOException failure = new IOException("gone");

    one.fail(failure);
    rig.settle();

    assertThat(consumer.failure).isSameAs(failure);
    assertThat(other.releases).isEqualTo(1);
    assertThat(one.releases).isEqualTo(1);
  }

  /** Where one of several is wrong, the loop's own check, of the whole task, would not see it. */
  @Test
  void oneThatIsPendingWithoutAWakerIsFoundAmongOthersThatKeepTheRule() {
    PollStream<String> forgetful =
        new AbstractPollStream<>("forgetful") {
          @Override
          protected Poll<@Nullable String> doPollNext(Context cx) {
            return Poll.pending();
          }
        };
    SourceStream<String> fine = new SourceStream<>();

    assertThat(rig.consume(PollStream.merge(List.of(fine, forgetful))).failure)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'forgetful'");
  }

  @Test
  void concatGivesOneAfterTheOther() {
    SourceStream<String> one = new SourceStream<>();
    SourceStream<String> other = SourceStream.of("b").endNow();
    var consumer = rig.consume(PollStream.concat(List.of(one, other)));
    assertThat(other.polls).isZero();

    one.give("a").endNow();
    rig.settle();

    assertThat(consumer.got).containsExactly("a", "b");
    assertThat(consumer.ended).isTrue();
  }

  @Test
  void cancelReachesAlsoTheStreamsThatWereNotBegun() {
    SourceStream<String> one = new SourceStream<>();
    SourceStream<String> other = new SourceStream<>();
    PollStream.concat(List.of(one, other)).cancel();
    assertThat(List.of(one.releases, other.releases)).containsExactly(1, 1);

    SourceStream<String> third = new SourceStream<>();
    SourceStream<String> fourth = new SourceStream<>();
    PollStream.merge(List.of(third, fourth)).cancel();
    assertThat(List.of(third.releases, fourth.releases)).containsExactly(1, 1);
  }

  @Test
  void zipPairsAndEndsWithTheShorter() throws Exception {
    SourceStream<Integer> longer = SourceStream.of(1, 2, 3, 4);

    assertThat(rig.listOf(PollStream.of("a", "b").zip(longer, (s, n) -> s + n)))
        .containsExactly("a1", "b2");
    assertThat(longer.releases).isEqualTo(1);
    assertThat(rig.listOf(PollStream.of("a", "b").zip(PollStream.of(1), (s, n) -> s + n)))
        .containsExactly("a1");
  }

  @Test
  void zipHoldsAnElementUntilItsCounterpartComes() {
    SourceStream<String> left = SourceStream.of("a");
    SourceStream<Integer> right = new SourceStream<>();
    var consumer = rig.consume(left.zip(right, (s, n) -> s + n));
    assertThat(consumer.got).isEmpty();

    right.give(1, 2);
    rig.settle();
    left.give("b");
    rig.settle();

    assertThat(consumer.got).containsExactly("a1", "b2");
  }

  // ------------------------------------------------------------------ concatMap, flatMap

  @Test
  void concatMapFinishesOneStreamBeforeTheNext() throws Exception {
    assertThat(
            rig.listOf(
                PollStream.of(1, 2, 3)
                    .concatMap(n -> n == 2 ? PollStream.empty() : PollStream.of(n, n * 10))))
        .containsExactly(1, 10, 3, 30);
  }

  @Test
  void flatMapKeepsSoManyOpenAndGivesWhatComes() {
    List<SourceStream<String>> opened = new ArrayList<>();
    var consumer =
        rig.consume(
            PollStream.of(0, 1, 2)
                .flatMap(
                    2,
                    n -> {
                      SourceStream<String> inner = new SourceStream<>();
                      opened.add(inner);
                      return inner;
                    }));
    assertThat(opened).hasSize(2);

    opened.get(1).give("b");
    rig.settle();
    opened.get(0).give("a");
    rig.settle();
    assertThat(consumer.take()).containsExactly("b", "a");

    opened.get(0).endNow();
    rig.settle();
    assertThat(opened).hasSize(3);
    opened.get(2).give("c").endNow();
    opened.get(1).endNow();
    rig.settle();
    assertThat(consumer.take()).containsExactly("c");
    assertThat(consumer.ended).isTrue();
  }

  @Test
  void flatMapWaitsForAnUpstreamThatIsNotReady() {
    SourceStream<Integer> outer = new SourceStream<>();
    var consumer = rig.consume(outer.flatMap(2, n -> PollStream.of("n" + n)));

    outer.give(1);
    rig.settle();
    assertThat(consumer.take()).containsExactly("n1");
    outer.give(2, 3, 4).endNow();
    rig.settle();

    assertThat(consumer.take()).containsExactly("n2", "n3", "n4");
    assertThat(consumer.ended).isTrue();
  }

  @Test
  void aFailureOfAnInnerStreamCancelsTheOthersAndUpstream() {
    SourceStream<Integer> outer = SourceStream.of(0, 1);
    List<SourceStream<String>> inner = List.of(new SourceStream<>(), new SourceStream<>());
    var consumer = rig.consume(outer.flatMap(5, inner::get));

    inner.get(1).fail(new IOException("gone"));
    rig.settle();

    assertThat(consumer.failure).hasMessage("gone");
    assertThat(inner.get(0).releases).isEqualTo(1);
    assertThat(outer.releases).isEqualTo(1);
  }

  // ------------------------------------------------------------------ mapAsync

  @Test
  void mapAsyncGivesInTheOrderOfTheElementsWhateverIsReadyFirst() {
    List<SourceStream<String>> answers =
        List.of(new SourceStream<>(), new SourceStream<>(), new SourceStream<>());
    SourceStream<Integer> source = SourceStream.of(0, 1, 2).endNow();
    var consumer = rig.consume(source.mapAsync(2, n -> answers.get(n).first()));
    assertThat(source.taken).isEqualTo(2);

    answers.get(1).give("b");
    rig.settle();
    assertThat(consumer.got).isEmpty();
    answers.get(0).give("a");
    rig.settle();
    assertThat(consumer.take()).containsExactly("a", "b");

    answers.get(2).give("c");
    rig.settle();
    assertThat(consumer.take()).containsExactly("c");
    assertThat(consumer.ended).isTrue();
  }

  @Test
  void aFailureOfMapAsyncTakesItsTurnAndCancelsWhatIsBehindIt() {
    SourceStream<String> first = new SourceStream<>();
    SourceStream<String> third = new SourceStream<>();
    IOException failure = new IOException("gone");
    List<Pollable<String>> operations =
        List.of(first.first(), PollStream.<String>failed(failure).first(), third.first());
    SourceStream<Integer> source = SourceStream.of(0, 1, 2, 0);
    var consumer = rig.consume(source.mapAsync(3, operations::get));
    assertThat(consumer.failure).isNull();

    first.give("a");
    rig.settle();

    assertThat(consumer.got).containsExactly("a");
    assertThat(consumer.failure).isSameAs(failure);
    assertThat(third.releases).isEqualTo(1);
    assertThat(source.releases).isEqualTo(1);
    assertThat(source.taken).isEqualTo(3);
  }

  @Test
  void aFailureOfUpstreamComesAfterTheResultsOfTheElementsBeforeIt() {
    SourceStream<String> answer = new SourceStream<>();
    SourceStream<Integer> source = SourceStream.of(0).fail(new IOException("gone"));
    var consumer = rig.consume(source.mapAsync(3, n -> answer.first()));
    assertThat(consumer.failure).isNull();

    answer.give("a");
    rig.settle();

    assertThat(consumer.got).containsExactly("a");
    assertThat(consumer.failure).hasMessage("gone");
  }

  @Test
  void anOperationThatGivesNullFailsTheStream() {
    PollStream<Integer> nothing =
        PollStream.of(1)
            .mapAsync(n -> cx -> StreamsOfStreamsTest.<Poll<Integer>>cast(Poll.ready(null)));

    assertThatThrownBy(() -> rig.listOf(nothing))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("mapAsync");
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // code that is not null-checked
  private static <X> X cast(Object o) {
    return (X) o;
  }
}
