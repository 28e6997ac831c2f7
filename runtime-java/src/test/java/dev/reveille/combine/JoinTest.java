package dev.reveille.combine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** All of several. */
final class JoinTest {
  private final Bench bench = new Bench();
  private final List<String> log = new ArrayList<>();
  private final Probe<String> a = Probe.<String>pending("a").loggingTo(log);
  private final Probe<String> b = Probe.<String>pending("b").loggingTo(log);
  private final Probe<String> c = Probe.<String>pending("c").loggingTo(log);

  @AfterEach
  void closeTheBench() throws Exception {
    bench.close();
  }

  @Test
  void itIsReadyWithAllValuesInTheOrderGivenOnceTheLastIsReady() {
    Bench.Running<List<String>> join = bench.start(Join.all(List.of(a, b, c)));
    c.complete("C");
    bench.run();
    a.complete("A");
    bench.run();
    assertThat(join.isDone()).isFalse();

    b.complete("B");
    bench.run();

    assertThat(join.value()).containsExactly("A", "B", "C");
  }

  @Test
  void ofNothingItIsReadyAtOnce() {
    assertThat(bench.start(Join.all(List.<Pollable<String>>of())).value()).isEmpty();
  }

  @Test
  void valuesMayBeNullAndTheListCanNotBeChanged() {
    List<?> values = bench.start(Join.all(List.of(Probe.ready("null", null)))).value();

    assertThat(values).hasSize(1).containsOnlyNulls();
    assertThatThrownBy(values::clear).isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void onlyThoseThatAreNotDoneArePolledAndEachPollBeginsWithAnother() {
    bench.start(Join.all(List.of(a, b, c)));
    a.waker.wake();
    bench.run();
    b.complete("B");
    bench.run();
    a.waker.wake();
    bench.run();
    a.waker.wake();
    bench.run();

    assertThat(String.join("", log)).isEqualTo("abc" + "bca" + "cab" + "ac" + "ca");
  }

  @Test
  void theFirstFailureCancelsTheOthersAndHasTheFailuresOfTheirCancelsSuppressed() {
    IOException failure = new IOException("b");
    IllegalStateException first = new IllegalStateException("cancel of a");
    IllegalStateException second = new IllegalStateException("cancel of c");
    Bench.Running<List<String>> join =
        bench.start(Join.all(List.of(a.whoseCancelThrows(first), b, c.whoseCancelThrows(second))));

    b.fail(failure);
    bench.run();

    assertThat(join.failure()).isSameAs(failure).hasSuppressedException(first);
    assertThat(failure.getSuppressed()).containsExactly(first, second);
    assertThat(List.of(a.cancels, c.cancels)).containsExactly(1, 1);
  }

  @Test
  void afterAFailureNobodyElseIsPolledAndTheFinishedAreNotCancelled() {
    Probe<String> done = Probe.ready("done", "value");
    IOException failure = new IOException("b");
    b.failure = failure;

    Bench.Running<List<String>> join = bench.start(Join.all(List.of(done, b, c)));

    assertThat(join.failure()).isSameAs(failure);
    assertThat(done.cancels).isZero();
    assertThat(c.polls).isZero();
    assertThat(c.cancels).isEqualTo(1);
  }

  @Test
  void whatFailedIsCancelledTooSinceItMayHoldChildrenOfItsOwn() {
    Probe<String> inner = Probe.pending("inner");
    Pollable<String> body =
        Pollable.owning(
            List.of(inner),
            cx -> {
              inner.poll(cx);
              throw new IOException("in the middle");
            });

    bench.start(Join.all(List.of(body)));

    assertThat(inner.cancels).isEqualTo(1);
  }

  @Test
  void cancelReachesAllThatAreNotDone() {
    Probe<String> done = Probe.ready("done", "value");
    Bench.Running<List<String>> join = bench.start(Join.all(List.of(a, done, b)));

    join.handle.cancel();
    bench.run();

    assertThat(List.of(a.cancels, done.cancels, b.cancels)).containsExactly(1, 0, 1);
  }

  @Test
  void aChildThatIsPendingWithoutAWakerIsNamed() {
    Pollable<String> forgetful =
        new Pollable<>() {
          @Override
          public Poll<String> poll(Context cx) {
            return Poll.pending();
          }

          @Override
          public String toString() {
            return "the forgetful one";
          }
        };

    Bench.Running<List<String>> join = bench.start(Join.all(List.of(a, forgetful)));

    assertThat(join.failure())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'the forgetful one'");
    assertThat(a.cancels).isEqualTo(1);
  }

  /** Rust's join! with a budget: if it always began with the first, the last would never run. */
  @Test
  void noneIsAlwaysTheOneForWhichNoBudgetIsLeft() {
    int[] steps = new int[2];
    List<Pollable<String>> greedy = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      int index = i;
      greedy.add(
          cx -> {
            while (cx.tryProceed()) {
              steps[index]++;
            }
            return Poll.pending();
          });
    }
    bench.loop.spawn("join of greedy ones", Join.all(greedy));

    bench.loop.runUntilStalled(2);

    assertThat(steps[0]).isPositive().isEqualTo(steps[1]);
  }

  @Test
  void ofTwoOrThreeOfDifferentTypesAFunctionMakesTheResult() {
    Probe<Integer> number = Probe.ready("number", 7);
    Operation<String> two = Join.both(Probe.ready("text", "x"), number, (s, n) -> s + n);
    Operation<String> three =
        Join.three(
            Probe.ready("text", "x"),
            Probe.ready("number", 7),
            Probe.ready("flag", true),
            (s, n, f) -> s + n + f);

    assertThat(bench.start(two).value()).isEqualTo("x7");
    assertThat(bench.start(three).value()).isEqualTo("x7true");
  }

  @Test
  void whatTheFunctionThrowsIsTheFailure() {
    IOException failure = new IOException("no page");
    Operation<String> join =
        Join.both(
            Probe.ready("a", 1),
            Probe.ready("b", 2),
            (x, y) -> {
              throw failure;
            });

    assertThat(bench.start(join).failure()).isSameAs(failure);
  }

  @Test
  void aMissingChildIsRefusedByItsIndex() {
    assertThatThrownBy(() -> Join.all(Arrays.asList(a, null)))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("Join: child 1 is null");
  }
}
