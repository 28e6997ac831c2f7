package dev.reveille.combine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Pollable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Of several candidates the first to finish, or the first to succeed. */
final class RaceTest {
  private final Bench bench = new Bench();
  private final Probe<String> first = Probe.pending("first");
  private final Probe<String> second = Probe.pending("second");

  @AfterEach
  void closeTheBench() throws Exception {
    bench.close();
  }

  @Test
  void aRaceIsWonByTheFirstToFinishAlsoByAFailure() {
    Bench.Running<String> won = bench.start(Pollables.race(List.of(first, second)));
    second.complete("second");
    bench.run();
    assertThat(won.value()).isEqualTo("second");
    assertThat(first.cancels).isEqualTo(1);

    Probe<String> loser = Probe.pending("loser");
    IOException failure = new IOException("f");
    Bench.Running<String> lost =
        bench.start(Pollables.race(List.of(loser, Probe.<String>failing("f", failure))));
    assertThat(lost.failure()).isSameAs(failure);
    assertThat(loser.cancels).isEqualTo(1);
  }

  @Test
  void aRaceAndAFirstSuccessOfNobodyAreRefused() {
    assertThatThrownBy(() -> Pollables.race(List.<Pollable<String>>of()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Pollables.firstSuccess(List.<Pollable<String>>of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("first success");
  }

  /** Boost.Capy changed when_any to this: errors do not win, and do not cancel the others. */
  @Test
  void aFirstSuccessWaitsForASuccessAfterAFailure() {
    Probe<String> third = Probe.pending("third");
    Bench.Running<String> running =
        bench.start(Pollables.firstSuccess(List.of(first, second, third)));
    first.fail(new IOException("first"));
    bench.run();
    assertThat(running.isDone()).isFalse();
    assertThat(List.of(second.cancels, third.cancels)).containsExactly(0, 0);

    third.complete("third");
    bench.run();

    assertThat(running.value()).isEqualTo("third");
    assertThat(second.cancels).isEqualTo(1);
  }

  @Test
  void ifAllFailTheFirstFailureIsThrownWithTheLaterOnesSuppressedInTheirOrder() {
    Probe<String> third = Probe.pending("third");
    IOException one = new IOException("second failed first");
    IOException two = new IOException("third");
    IOException three = new IOException("first failed last");
    Bench.Running<String> running =
        bench.start(Pollables.firstSuccess(List.of(first, second, third)));
    second.fail(one);
    bench.run();
    third.fail(two);
    bench.run();
    first.fail(three);
    bench.run();

    assertThat(running.failure()).isSameAs(one);
    assertThat(one.getSuppressed()).containsExactly(two, three);
  }

  @Test
  void theSameExceptionFromAllIsThrownOnceAndSuppressesNothing() {
    IOException shared = new IOException("shared");
    Bench.Running<String> running =
        bench.start(
            Pollables.firstSuccess(
                List.of(Probe.<String>failing("a", shared), Probe.<String>failing("b", shared))));

    assertThat(running.failure()).isSameAs(shared).hasNoSuppressedExceptions();
  }

  @Test
  void anErrorIsNothingThatAnotherCandidateCouldMakeGood() {
    AssertionError error = new AssertionError("broken");
    Bench.Running<String> running = bench.start(Pollables.firstSuccess(List.of(first, second)));
    IOException earlier = new IOException("earlier");
    first.fail(earlier);
    bench.run();
    Probe<String> broken = second;
    broken.error = error;
    broken.waker.wake();
    bench.run();

    assertThat(running.failure()).isSameAs(error).hasSuppressedException(earlier);
  }

  @Test
  void anErrorCancelsTheOthers() {
    Probe<String> broken = Probe.pending("broken");
    broken.error = new AssertionError("broken");
    bench.start(Pollables.firstSuccess(List.of(first, broken)));

    assertThat(first.cancels).isEqualTo(1);
  }

  @Test
  void eachPollOfAFirstSuccessBeginsWithAnotherCandidate() {
    List<String> log = new ArrayList<>();
    bench.start(Pollables.firstSuccess(List.of(first.loggingTo(log), second.loggingTo(log))));
    first.waker.wake();
    bench.run();

    assertThat(log).containsExactly("first", "second", "second", "first");
  }
}
