package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.StopSource;
import dev.reveille.contract.ManualTicker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What never waits does not starve its neighbours: counted in polls, not in time. */
final class StreamBudgetTest {
  private static final int ROUNDS = 5;
  private static final int BUDGET = 128;
  private static final Duration HOUR = Duration.ofHours(1);

  private final StreamRig rig = new StreamRig();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  /** Hand-written, and careless: always ready, and it knows no budget. */
  private static final class Endless extends AbstractPollStream<Integer> {
    int given;

    Endless() {
      super("endless");
    }

    @Override
    protected Poll<@Nullable Integer> doPollNext(Context cx) {
      return element(given++);
    }
  }

  private interface Endlessly extends Function<PollStream<Integer>, Pollable<?>> {}

  static Stream<Named<Endlessly>> endless() {
    return Stream.of(
        named("filter", s -> s.filter(n -> false).next()),
        named("skip", s -> s.skip(Long.MAX_VALUE).next()),
        named("concatMap", s -> s.concatMap(n -> PollStream.empty()).next()),
        named("flatMap", s -> s.flatMap(3, n -> PollStream.empty()).next()),
        named("mapAsync", s -> s.mapAsync(1 << 20, n -> cx -> cx.park()).next()),
        named("throttleFirst", s -> s.throttleFirst(HOUR).skip(1).next()),
        named("sample", s -> s.sample(HOUR).next()),
        named("debounce", s -> s.debounce(HOUR).next()),
        named("buffer", s -> s.buffer(1 << 20).next()),
        named("merge", s -> PollStream.merge(List.of(s)).filter(n -> false).next()),
        named("forEach", s -> s.forEach(n -> {})),
        named("toList", PollStream::toList),
        named("count", PollStream::count),
        named("collected sources", s -> PollStream.generate(() -> cx -> Poll.ready(1)).count()),
        named(
            "unfolded sources",
            s ->
                PollStream.<Integer, Integer>unfold(
                        1, n -> cx -> Poll.ready(new PollStream.Step<>(n, n)))
                    .count()));
  }

  @ParameterizedTest
  @MethodSource("endless")
  void anEndlessOneTakesTurnsWithItsNeighbour(Endlessly endlessly) {
    Endless source = new Endless();
    var handle = rig.loop.spawn("endless", endlessly.apply(source));
    int[] neighbour = {0};
    rig.loop.spawn(
        cx -> {
          if (++neighbour[0] == ROUNDS) {
            return Poll.ready();
          }
          cx.waker("itself").wake();
          return Poll.<Complete>pending();
        });

    rig.loop.runUntilStalled(2 * ROUNDS);

    assertThat(neighbour[0]).isEqualTo(ROUNDS);
    assertThat(source.given).isLessThanOrEqualTo((BUDGET + 1) * (ROUNDS + 1));
    handle.cancel();
    rig.settle();
  }

  @Test
  void nothingIsLostWhereTheBudgetEnds() throws Exception {
    Endless source = new Endless();

    List<Integer> list =
        rig.listOf(source.filter(n -> n % 3 == 0).concatMap(PollStream::of).take(1000));

    assertThat(list)
        .hasSize(1000)
        .startsWith(0, 3, 6)
        .endsWith(2997)
        .isSorted()
        .doesNotHaveDuplicates();
  }

  @Test
  void anUnboundedDemandIsServedBetweenTheOtherTasks() {
    Endless source = new Endless();
    int[] received = {0};
    source
        .asPublisher(rig.loop)
        .subscribe(
            new RecordingSubscriber<Integer>() {
              @Override
              public void onSubscribe(Flow.Subscription s) {
                super.onSubscribe(s);
                s.request(Long.MAX_VALUE);
              }

              @Override
              public void onNext(Integer element) {
                received[0]++;
              }
            });
    int[] neighbour = {0};
    rig.loop.spawn(
        cx -> {
          if (++neighbour[0] == ROUNDS) {
            return Poll.ready();
          }
          cx.waker("itself").wake();
          return Poll.<Complete>pending();
        });

    rig.loop.runUntilStalled(2 * ROUNDS);

    assertThat(neighbour[0]).isEqualTo(ROUNDS);
    assertThat(received[0]).isBetween(ROUNDS - 1, BUDGET * (ROUNDS + 1));
  }

  @Test
  void aStreamThatIsFilteredToNothingCanBeStopped() {
    StopSource stop = new StopSource();
    var consumer =
        new StreamRig.Consumer<>(new Endless().filter(n -> false).takeUntil(stop.token()));
    rig.loop.spawn("consumer", consumer);
    rig.loop.runUntilStalled(3);
    assertThat(consumer.ended).isFalse();

    stop.stop();
    rig.settle();

    assertThat(consumer.ended).isTrue();
  }

  @Test
  void whatIsDueIsGivenAlsoWhereUpstreamSpendsEveryBudget() {
    ManualTicker ticker = new ManualTicker();
    RunnableDispatcher loop = rig.rig.dispatcher(options -> options.withTicker(ticker));
    var consumer =
        new StreamRig.Consumer<>(
            new Endless().filter(n -> n == 0).buffer(10, Duration.ofMillis(5)));
    loop.spawn("consumer", consumer);
    loop.runUntilStalled(200);
    assertThat(consumer.got).isEmpty();

    ticker.move(Duration.ofMillis(5));
    loop.runUntilStalled(200);

    assertThat(consumer.got).containsExactly(List.of(0));
  }
}
