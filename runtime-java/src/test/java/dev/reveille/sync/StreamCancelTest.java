package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;

import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.StopSource;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each operator lets go of its upstream exactly once, whichever way it ends. */
final class StreamCancelTest {
  private static final Duration HOUR = Duration.ofHours(1);

  private final StreamRig rig = new StreamRig();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  private interface Operator extends Function<PollStream<Integer>, PollStream<?>> {}

  static Stream<Named<Operator>> operators() {
    return Stream.of(
        operator("map", s -> s.map(n -> n)),
        operator("filter", s -> s.filter(n -> true)),
        operator("onEach", s -> s.onEach(n -> {})),
        operator("scan", s -> s.scan(0, Integer::sum)),
        operator("take", s -> s.take(100)),
        operator("takeWhile", s -> s.takeWhile(n -> true)),
        operator("takeUntil", s -> s.takeUntil(new StopSource().token())),
        operator("takeUntil other", s -> s.takeUntil(new SourceStream<String>().next())),
        operator("skip", s -> s.skip(0)),
        operator("concatMap", s -> s.concatMap(PollStream::of)),
        operator("flatMap", s -> s.flatMap(3, PollStream::of)),
        operator("mapAsync", s -> s.mapAsync(3, n -> cx -> Poll.ready(n))),
        operator("zip", s -> s.zip(new SourceStream<Integer>(), Integer::sum)),
        operator("zip other", s -> new SourceStream<Integer>().zip(s, Integer::sum)),
        operator("merge", s -> PollStream.merge(List.of(s, new SourceStream<Integer>()))),
        operator("concat", s -> PollStream.concat(List.of(s))),
        operator("buffer", s -> s.buffer(2)),
        operator("buffer in time", s -> s.buffer(2, HOUR)),
        operator("throttle", s -> s.throttle(HOUR)),
        operator("throttleFirst", s -> s.throttleFirst(HOUR)),
        operator("sample", s -> s.sample(HOUR)),
        operator("debounce", s -> s.debounce(HOUR)));
  }

  private static Named<Operator> operator(String name, Operator operator) {
    return named(name, operator);
  }

  @ParameterizedTest
  @MethodSource("operators")
  void cancelledBeforeItWasPolled(Operator operator) {
    SourceStream<Integer> source = new SourceStream<>();
    PollStream<?> stream = operator.apply(source);

    stream.cancel();
    stream.cancel();

    assertThat(source.releases).isEqualTo(1);
    assertThat(source.polls).isZero();
  }

  @ParameterizedTest
  @MethodSource("operators")
  void cancelledWhilePending(Operator operator) {
    SourceStream<Integer> source = SourceStream.of(1);
    var consumer = rig.consume(operator.apply(source));
    assertThat(source.polls).isPositive();

    consumer.handle.cancel();
    rig.settle();

    assertThat(source.releases).isEqualTo(1);
    assertThat(consumer.failure).isNull();
  }

  @ParameterizedTest
  @MethodSource("operators")
  void upstreamEnded(Operator operator) {
    SourceStream<Integer> source = new SourceStream<>();
    var consumer = rig.consume(operator.apply(source));

    source.endNow();
    rig.settle();
    consumer.handle.cancel();
    rig.settle();

    assertThat(source.releases).isEqualTo(1);
    assertThat(consumer.failure).isNull();
  }

  @ParameterizedTest
  @MethodSource("operators")
  void upstreamFailed(Operator operator) {
    SourceStream<Integer> source = new SourceStream<>();
    var consumer = rig.consume(operator.apply(source));
    IOException failure = new IOException("gone");

    source.fail(failure);
    rig.settle();

    assertThat(consumer.failure).isSameAs(failure);
    assertThat(source.releases).isEqualTo(1);
  }

  // ------------------------------------------------------------------ a user's function throws

  static Stream<Named<Operator>> throwing() {
    return Stream.of(
        operator("map", s -> s.map(n -> fail())),
        operator("filter", s -> s.filter(n -> fail())),
        operator("onEach", s -> s.onEach(n -> fail())),
        operator("scan", s -> s.scan(0, (a, n) -> fail())),
        operator("takeWhile", s -> s.takeWhile(n -> fail())),
        operator(
            "takeUntil",
            s ->
                s.takeUntil(
                    cx -> {
                      throw new ArithmeticException("by the user");
                    })),
        operator("concatMap", s -> s.concatMap(n -> fail())),
        operator("flatMap", s -> s.flatMap(3, n -> fail())),
        operator("mapAsync", s -> s.mapAsync(3, n -> fail())),
        operator("mapAsync, its operation", s -> s.mapAsync(3, n -> cx -> fail())),
        operator("zip", s -> s.zip(PollStream.of(1), (a, b) -> fail())));
  }

  private static <X> X fail() {
    throw new ArithmeticException("by the user");
  }

  @ParameterizedTest
  @MethodSource("throwing")
  void aFunctionOfTheUserThrew(Operator operator) {
    SourceStream<Integer> source = SourceStream.of(1, 2);

    var consumer = rig.consume(operator.apply(source));

    assertThat(consumer.failure).isInstanceOf(ArithmeticException.class);
    assertThat(source.releases).isEqualTo(1);
  }

  private interface Consuming extends Function<PollStream<Integer>, Pollable<?>> {}

  static Stream<Named<Consuming>> throwingConsumers() {
    return Stream.of(
        named("forEach", s -> s.forEach(n -> fail())),
        named("fold", s -> s.fold(0, (a, n) -> fail())),
        named("collect", s -> s.collect(Collectors.mapping(n -> fail(), Collectors.toList()))));
  }

  @ParameterizedTest
  @MethodSource("throwingConsumers")
  void aFunctionOfAConsumingOperationThrew(Consuming consuming) {
    SourceStream<Integer> source = SourceStream.of(1, 2);

    rig.loop.spawn("consumer", consuming.apply(source));
    rig.settle();

    assertThat(rig.rig.takeUncaught())
        .singleElement()
        .satisfies(u -> assertThat(u.failure()).isInstanceOf(ArithmeticException.class));
    assertThat(source.releases).isEqualTo(1);
  }

  static Stream<Named<Consuming>> consumers() {
    return Stream.of(
        named("forEach", s -> s.forEach(n -> {})),
        named("fold", s -> s.fold(0, Integer::sum)),
        named("count", PollStream::count),
        named("collect", s -> s.collect(Collectors.toSet())),
        named("toList", PollStream::toList),
        named("first", PollStream::first));
  }

  @ParameterizedTest
  @MethodSource("consumers")
  void aConsumingOperationThatIsCancelledCancelsTheStream(Consuming consuming) {
    SourceStream<Integer> source = new SourceStream<>();
    var handle = rig.loop.spawn("consumer", consuming.apply(source));
    rig.settle();

    handle.cancel();
    rig.settle();

    assertThat(source.releases).isEqualTo(1);
  }

  // ------------------------------------------------------------------ what is inside

  @ParameterizedTest
  @MethodSource("inside")
  void whatIsOpenInsideIsCancelledToo(Function<SourceStream<Integer>, PollStream<?>> operator) {
    SourceStream<Integer> inner = new SourceStream<>();
    var consumer = rig.consume(operator.apply(inner));
    assertThat(inner.polls).isPositive();

    consumer.handle.cancel();
    rig.settle();

    assertThat(inner.releases).isEqualTo(1);
  }

  static Stream<Named<Function<SourceStream<Integer>, PollStream<?>>>> inside() {
    return Stream.of(
        named("concatMap", s -> PollStream.of(1).concatMap(n -> s)),
        named("flatMap", s -> PollStream.of(1).flatMap(2, n -> s)),
        named("mapAsync", s -> PollStream.of(1).mapAsync(2, n -> s.first())),
        named("takeUntil", s -> new SourceStream<Integer>().takeUntil(s.first())),
        named("generate", s -> PollStream.generate(s::first)),
        named(
            "unfold",
            s ->
                PollStream.<Integer, Integer>unfold(
                    1, n -> s.map(e -> new PollStream.Step<>(e, e)).first())));
  }
}
