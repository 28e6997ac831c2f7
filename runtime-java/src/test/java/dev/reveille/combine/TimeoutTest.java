package dev.reveille.combine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Timer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Not longer than that. */
final class TimeoutTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration NANO = Duration.ofNanos(1);

  private final Bench bench = new Bench();
  private final Probe<String> inner = Probe.pending("the reply");

  @AfterEach
  void closeTheBench() throws Exception {
    bench.close();
  }

  @Test
  void aValueInTimeIsTheResult() {
    Bench.Running<String> timeout = bench.start(Timeout.after(SECOND, inner));
    bench.advance(SECOND.minus(NANO));
    inner.complete("value");
    bench.run();

    assertThat(timeout.value()).isEqualTo("value");
    assertThat(inner.cancels).isZero();
  }

  @Test
  void afterTheTimeItThrowsNamingTheInnerOneAndTheTime() {
    Bench.Running<String> timeout = bench.start(Timeout.after(SECOND, inner));
    bench.advance(SECOND.minus(NANO));
    assertThat(timeout.isDone()).isFalse();

    bench.advance(NANO);

    assertThat(timeout.failure())
        .isInstanceOf(TimeoutException.class)
        .hasMessage("'the reply' was not ready within PT1S");
  }

  /** Pigweed keeps the late one until the wrapper goes (research, hazard 4). */
  @Test
  void theLateOneIsCancelledAtOnceAndLetGo() {
    Timeout<String> timeout = Timeout.after(SECOND, inner);
    bench.start(timeout);
    bench.advance(SECOND);

    assertThat(inner.cancels).isEqualTo(1);
    assertThat(timeout).hasToString("time-out");
  }

  @Test
  void whatItsCancelThrowsIsSuppressed() {
    IllegalStateException ofCancel = new IllegalStateException("cancel");
    inner.whoseCancelThrows(ofCancel);
    Bench.Running<String> timeout = bench.start(Timeout.after(SECOND, inner));
    bench.advance(SECOND);

    assertThat(timeout.failure())
        .isInstanceOf(TimeoutException.class)
        .hasSuppressedException(ofCancel);
  }

  @Test
  void theValueWinsATie() {
    Timer same = new Timer(bench.loop);
    same.reset(SECOND);
    Bench.Running<Complete> timeout = bench.start(Timeout.after(SECOND, same));
    bench.advance(SECOND);

    assertThat(timeout.value()).isEqualTo(Complete.COMPLETE);
  }

  @Test
  void theValueWinsAlsoIfItCameAfterTheDeadlineButBeforeThePoll() {
    bench.loop.postAfter(SECOND, () -> inner.answer = Poll.ready("just in time"));
    Bench.Running<String> timeout = bench.start(Timeout.after(SECOND, inner));
    bench.advance(SECOND);

    assertThat(timeout.value()).isEqualTo("just in time");
  }

  @Test
  void aFailureInTimeIsThrownAndTheTimerIsGone() {
    IOException failure = new IOException("broken");
    Bench.Running<String> timeout = bench.start(Timeout.after(SECOND, inner));
    inner.fail(failure);
    bench.run();
    assertThat(timeout.failure()).isSameAs(failure);

    assertNoTimerIsArmed();
  }

  @Test
  void theTimerIsGoneAfterAValueAndAfterACancel() {
    bench.start(Timeout.after(SECOND, inner));
    inner.complete("value");
    bench.run();
    assertNoTimerIsArmed();

    Probe<String> other = Probe.pending("other");
    Bench.Running<String> cancelled = bench.start(Timeout.after(SECOND, other));
    cancelled.handle.cancel();
    bench.run();
    assertThat(other.cancels).isEqualTo(1);
    assertNoTimerIsArmed();
  }

  /** Time moves in one step if there is no deadline in between: nothing is polled. */
  private void assertNoTimerIsArmed() {
    long steps = bench.loop.snapshot().taskPolls();
    bench.advance(SECOND.multipliedBy(10));
    assertThat(bench.loop.snapshot().taskPolls()).isEqualTo(steps);
  }

  // ------------------------------------------------------------------ from when on

  @Test
  void theDurationCountsFromTheFirstPoll() {
    Timeout<String> timeout = Timeout.after(SECOND, inner);
    bench.advance(SECOND.multipliedBy(5));
    Bench.Running<String> running = bench.start(timeout);
    bench.advance(SECOND.minus(NANO));
    assertThat(running.isDone()).isFalse();

    bench.advance(NANO);

    assertThat(running.isDone()).isTrue();
  }

  @Test
  void withADispatcherItCountsFromTheCall() {
    Timeout<String> timeout = Timeout.after(bench.loop, SECOND, inner);
    bench.advance(SECOND.minus(NANO));
    Bench.Running<String> running = bench.start(timeout);
    assertThat(running.isDone()).isFalse();

    bench.advance(NANO);

    assertThat(running.failure()).hasMessageContaining("deadline, 1000000000 ns");
  }

  @Test
  void aDeadlineIsATimeOfTheLoopsClock() {
    bench.advance(SECOND);
    Bench.Running<String> running = bench.start(Timeout.at(3_000_000_000L, inner));
    bench.advance(SECOND.multipliedBy(2).minus(NANO));
    assertThat(running.isDone()).isFalse();

    bench.advance(NANO);

    assertThat(running.failure()).isInstanceOf(TimeoutException.class);
  }

  @Test
  void zeroOrLessAndADeadlineInThePastAreOverAfterOnePollWhichMayBringTheValue() {
    bench.advance(SECOND);
    for (Duration over : List.of(Duration.ZERO, SECOND.negated())) {
      Probe<String> late = Probe.pending("late");
      assertThat(bench.start(Timeout.after(over, late)).failure())
          .isInstanceOf(TimeoutException.class);
      assertThat(late.polls).isEqualTo(1);
      assertThat(bench.start(Timeout.after(over, Probe.ready("r", "v"))).value()).isEqualTo("v");
      assertThat(bench.start(Timeout.after(bench.loop, over, Probe.ready("r", "v"))).value())
          .isEqualTo("v");
    }
    assertThat(bench.start(Timeout.at(5, Probe.pending("late"))).failure())
        .isInstanceOf(TimeoutException.class);
    assertThat(bench.start(Timeout.at(5, Probe.ready("r", "v"))).value()).isEqualTo("v");
  }

  @Test
  void whatOverflowsMeansNever() {
    bench.advance(SECOND);
    Duration endless = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);
    List<Bench.Running<String>> running =
        List.of(
            bench.start(Timeout.after(endless, Probe.pending("1"))),
            bench.start(Timeout.after(bench.loop, endless, Probe.pending("2"))),
            bench.start(
                Timeout.after(bench.loop, Duration.ofNanos(Long.MAX_VALUE), Probe.pending("3"))),
            bench.start(Timeout.at(Long.MAX_VALUE, Probe.pending("4"))));

    bench.advance(Duration.ofDays(365 * 200));

    assertThat(running).noneMatch(Bench.Running::isDone);
  }

  // ------------------------------------------------------------------ instead of the exception

  @Test
  void aValueCanStandInForTheException() {
    Bench.Running<String> timeout = bench.start(Timeout.after(SECOND, inner).orElse("no reply"));
    bench.advance(SECOND);

    assertThat(timeout.value()).isEqualTo("no reply");
    assertThat(inner.cancels).isEqualTo(1);
  }

  @Test
  void orAResultThatIsOnlyMadeWhenItIsNeededAndMayThrow() {
    IOException closed = new IOException("closed");
    int[] calls = new int[1];
    Bench.Running<String> inTime =
        bench.start(
            Timeout.after(SECOND, Probe.ready("r", "v")).orElseGet(() -> "call " + ++calls[0]));
    assertThat(inTime.value()).isEqualTo("v");
    assertThat(calls[0]).isZero();

    Bench.Running<String> late =
        bench.start(
            Timeout.after(SECOND, inner)
                .orElseGet(
                    () -> {
                      throw closed;
                    }));
    bench.advance(SECOND);

    assertThat(late.failure()).isSameAs(closed);
  }

  @Test
  void aCancelThatThrowsIsNotHiddenByTheStandIn() {
    IllegalStateException ofCancel = new IllegalStateException("cancel");
    inner.whoseCancelThrows(ofCancel);
    Bench.Running<String> timeout = bench.start(Timeout.after(SECOND, inner).orElse("no reply"));
    bench.advance(SECOND);

    assertThat(timeout.failure()).isSameAs(ofCancel);
  }

  // ------------------------------------------------------------------ budget

  /** Wants so many steps before its value is there. */
  private static Operation<String> working(int steps) {
    return new Operation<>("working") {
      private int left = steps;

      @Override
      protected Poll<String> doPoll(Context cx) {
        while (cx.tryProceed()) {
          if (--left <= 0) {
            return Poll.ready("value");
          }
        }
        return Poll.pending();
      }
    };
  }

  @Test
  void itDoesNotFireInAPollInWhichTheInnerOneRanOutOfBudget() {
    Bench.Running<String> timeout = bench.start(Timeout.after(Duration.ZERO, working(10_000)));

    assertThat(timeout.value()).isEqualTo("value");
  }

  @Test
  void butInTheNextOneInWhichThatIsMerelyPending() {
    int[] polls = new int[1];
    Pollable<String> once =
        cx -> {
          if (polls[0]++ == 0) {
            while (cx.tryProceed()) {
              // until it is refused
            }
          }
          cx.waker("nothing that will come");
          return Poll.pending();
        };

    assertThat(bench.start(Timeout.after(Duration.ZERO, once)).failure())
        .isInstanceOf(TimeoutException.class);
    assertThat(polls[0]).isEqualTo(2);
  }

  /** Who was refused woke itself, and that is not the one who holds off its time-out for it. */
  @Test
  void aTimeOutThatHoldsOffBecauseOfASiblingComesBackByItself() {
    int[] wakes = new int[1];
    boolean[] greedy = {true};
    Timeout<String> timeout = Timeout.after(Duration.ZERO, inner);
    Bench.Running<String> running =
        bench.start(
            cx -> {
              while (greedy[0] && cx.tryProceed()) {
                // a sibling that uses the budget up, once
              }
              greedy[0] = false;
              return timeout.poll(cx.withWaker(() -> wakes[0]++));
            });

    assertThat(running.failure()).isInstanceOf(TimeoutException.class);
    assertThat(wakes[0]).isEqualTo(1);
  }

  @Test
  void itIsDescribedByWhatItWaitsFor() {
    assertThat(Timeout.after(SECOND, inner)).hasToString("time-out of the reply");
  }
}
