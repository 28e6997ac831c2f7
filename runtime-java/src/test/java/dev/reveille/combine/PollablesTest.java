package dev.reveille.combine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The small builders. */
final class PollablesTest {
  private final Bench bench = new Bench();
  private final Probe<String> first = Probe.pending("first");
  private final Probe<String> second = Probe.pending("second");

  @AfterEach
  void closeTheBench() throws Exception {
    bench.close();
  }

  private void cancel(Bench.Running<?> running) {
    running.handle.cancel();
    bench.run();
  }

  // ------------------------------------------------------------------ ready, failed, defer

  @Test
  void readyAndFailedEndInTheirFirstPoll() {
    IOException failure = new IOException("known");

    assertThat(bench.start(Pollables.ready("value")).value()).isEqualTo("value");
    assertThat(bench.start(Pollables.<String>failed(failure)).failure()).isSameAs(failure);
  }

  @Test
  void deferMakesItsPollableInTheFirstPollAndOnce() {
    int[] made = new int[1];
    Operation<String> deferred =
        Pollables.defer(
            () -> {
              made[0]++;
              return first;
            });
    assertThat(made[0]).isZero();
    Bench.Running<String> running = bench.start(deferred);
    first.complete("value");
    bench.run();

    assertThat(running.value()).isEqualTo("value");
    assertThat(made[0]).isEqualTo(1);
  }

  @Test
  void deferThatIsCancelledBeforeItsFirstPollMakesNothing() {
    int[] made = new int[1];
    Operation<String> deferred =
        Pollables.defer(
            () -> {
              made[0]++;
              return first;
            });

    deferred.cancel();

    assertThat(made[0]).isZero();
  }

  @Test
  void whatTheSourceOfDeferThrowsIsTheFailure() {
    IOException failure = new IOException("no source");
    Operation<String> deferred =
        Pollables.defer(
            () -> {
              throw failure;
            });

    assertThat(bench.start(deferred).failure()).isSameAs(failure);
  }

  // ------------------------------------------------------------------ map, then

  @Test
  void mapAppliesItsFunctionOnceTheValueIsThere() {
    Bench.Running<Integer> running = bench.start(Pollables.map(first, String::length));
    assertThat(running.isDone()).isFalse();
    first.complete("value");
    bench.run();

    assertThat(running.value()).isEqualTo(5);
  }

  @Test
  void whatTheFunctionOfMapThrowsIsTheFailure() {
    IOException failure = new IOException("no number");
    Operation<String> map =
        Pollables.map(
            Probe.ready("r", "v"),
            v -> {
              throw failure;
            });

    assertThat(bench.start(map).failure()).isSameAs(failure);
  }

  @Test
  void thenPollsTheSecondInThePollThatMadeIt() {
    List<String> given = new ArrayList<>();
    Bench.Running<String> running =
        bench.start(
            Pollables.then(
                first,
                value -> {
                  given.add(value);
                  return second;
                }));
    assertThat(given).isEmpty();
    first.complete("one");
    bench.run();
    assertThat(given).containsExactly("one");
    assertThat(second.polls).isEqualTo(1);
    second.complete("two");
    bench.run();

    assertThat(running.value()).isEqualTo("two");
    assertThat(first.polls).isEqualTo(2);
  }

  @Test
  void theCancelOfThenReachesWhicheverIsCurrent() {
    cancel(bench.start(Pollables.then(first, v -> second)));
    assertThat(first.cancels).isEqualTo(1);

    Probe<String> inTheSecond = Probe.ready("r", "v");
    cancel(bench.start(Pollables.then(inTheSecond, v -> second)));
    assertThat(inTheSecond.cancels).isZero();
    assertThat(second.cancels).isEqualTo(1);
  }

  @Test
  void aFailureOfTheFirstIsTheFailureOfThen() {
    IOException failure = new IOException("first");
    Bench.Running<String> running =
        bench.start(Pollables.then(Probe.<String>failing("f", failure), v -> second));

    assertThat(running.failure()).isSameAs(failure);
    assertThat(second.polls).isZero();
  }

  @Test
  void nullInThePlaceOfASecondIsRefusedByName() {
    Operation<String> then = Pollables.then(Probe.ready("r", "v"), v -> null);

    assertThat(bench.start(then).failure())
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("function of then");
  }

  // ------------------------------------------------------------------ recover

  @Test
  void recoverPutsAnotherInThePlaceOfOneThatFailedWithThatType() {
    IOException failure = new IOException("f");
    List<Throwable> given = new ArrayList<>();
    Bench.Running<String> running =
        bench.start(
            Pollables.recover(
                Probe.<String>failing("f", failure),
                IOException.class,
                e -> {
                  given.add(e);
                  return second;
                }));
    second.complete("instead");
    bench.run();

    assertThat(running.value()).isEqualTo("instead");
    assertThat(given).containsExactly(failure);
  }

  @Test
  void otherFailuresPassAndSoDoesAValue() {
    TimeoutException other = new TimeoutException("other");

    assertThat(
            bench
                .start(
                    Pollables.recover(
                        Probe.<String>failing("f", other), IOException.class, e -> second))
                .failure())
        .isSameAs(other);
    assertThat(
            bench
                .start(Pollables.recover(Probe.ready("r", "v"), IOException.class, e -> second))
                .value())
        .isEqualTo("v");
    assertThat(second.polls).isZero();
  }

  @Test
  void aFailureOfTheSecondIsNotRecoveredAgain() {
    IOException again = new IOException("again");
    Operation<String> recovered =
        Pollables.recover(
            Probe.<String>failing("f", new IOException("f")),
            IOException.class,
            e -> Probe.<String>failing("g", again));

    assertThat(bench.start(recovered).failure()).isSameAs(again);
  }

  @Test
  void aFunctionThatThrowsHidesNothing() {
    IOException failure = new IOException("f");
    IllegalStateException ofFunction = new IllegalStateException("function");
    Operation<String> recovered =
        Pollables.recover(
            Probe.<String>failing("f", failure),
            IOException.class,
            e -> {
              throw ofFunction;
            });
    Operation<String> thrownOn =
        Pollables.recover(
            Probe.<String>failing("f", failure),
            IOException.class,
            e -> {
              throw e;
            });

    assertThat(bench.start(recovered).failure())
        .isSameAs(ofFunction)
        .hasSuppressedException(failure);
    assertThat(bench.start(thrownOn).failure()).isSameAs(failure).hasNoSuppressedExceptions();
  }

  @Test
  void theCancelOfRecoverReachesWhicheverIsCurrent() {
    cancel(bench.start(Pollables.recover(first, IOException.class, e -> second)));
    assertThat(first.cancels).isEqualTo(1);

    cancel(
        bench.start(
            Pollables.recover(
                Probe.<String>failing("f", new IOException("f")), IOException.class, e -> second)));
    assertThat(second.cancels).isEqualTo(1);
  }

  // ------------------------------------------------------------------ cleanup

  @Test
  void theCleanupRunsOnceAtEachKindOfEnd() {
    int[] runs = new int[1];
    bench.start(Pollables.withCleanup(Probe.ready("r", "v"), () -> runs[0]++));
    assertThat(runs[0]).isEqualTo(1);

    bench.start(
        Pollables.withCleanup(Probe.<String>failing("f", new IOException("f")), () -> runs[0]++));
    assertThat(runs[0]).isEqualTo(2);

    Bench.Running<String> cancelled = bench.start(Pollables.withCleanup(first, () -> runs[0]++));
    assertThat(runs[0]).isEqualTo(2);
    cancel(cancelled);
    assertThat(runs[0]).isEqualTo(3);
    assertThat(first.cancels).isEqualTo(1);
  }

  @Test
  void whatTheCleanupThrowsIsTheFailureOrSuppressedInIt() {
    IllegalStateException ofCleanup = new IllegalStateException("cleanup");
    Runnable action =
        () -> {
          throw ofCleanup;
        };
    IOException failure = new IOException("f");

    assertThat(bench.start(Pollables.withCleanup(Probe.ready("r", "v"), action)).failure())
        .isSameAs(ofCleanup);
    assertThat(
            bench
                .start(Pollables.withCleanup(Probe.<String>failing("f", failure), action))
                .failure())
        .isSameAs(failure)
        .hasSuppressedException(ofCleanup);
    IllegalStateException ofCancel = new IllegalStateException("cancel");
    Operation<String> unfinished = Pollables.withCleanup(first.whoseCancelThrows(ofCancel), action);
    assertThatThrownBy(unfinished::cancel).isSameAs(ofCancel).hasSuppressedException(ofCleanup);
  }

  // ------------------------------------------------------------------ names

  @Test
  void eachIsDescribedByWhatItWaitsFor() {
    Pollable<String> lambda = cx -> Poll.pending();

    assertThat(Pollables.map(first, String::length)).hasToString("map of first");
    assertThat(Pollables.then(first, v -> second)).hasToString("then of first");
    assertThat(Pollables.map(lambda, String::length)).hasToString("map of lambda in PollablesTest");
    assertThat(Join.all(List.of(first, second))).hasToString("Join of 2");
  }
}
