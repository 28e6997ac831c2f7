package dev.reveille.combine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Complete;
import dev.reveille.JoinHandle;
import dev.reveille.Operation;
import dev.reveille.Poll;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tries again what has failed. */
final class RetryTest {
  private static final Duration MILLI = Duration.ofMillis(1);

  private final Bench bench = new Bench();
  private final List<Probe<String>> attempts = new ArrayList<>();

  /** The waits are 100, 200, 400, 500, 500 ms. */
  private final RetryPolicy policy =
      RetryPolicy.defaults()
          .withAttempts(6)
          .withBackoff(Duration.ofMillis(100), 2, Duration.ofMillis(500));

  @AfterEach
  void closeTheBench() throws Exception {
    bench.close();
  }

  /** Attempts that are pending until the test says something. */
  private Operation<String> pendingAttempts(RetryPolicy with) {
    return Retry.of(with)
        .run(
            () -> {
              Probe<String> attempt = Probe.pending("attempt " + (attempts.size() + 1));
              attempts.add(attempt);
              return attempt;
            });
  }

  /** Attempts that fail at once, each with an exception of its own. */
  private Operation<String> failingAttempts(RetryPolicy with) {
    return Retry.of(with)
        .run(
            () -> {
              IOException failure = new IOException("failure " + (attempts.size() + 1));
              Probe<String> attempt = Probe.failing("attempt", failure);
              attempts.add(attempt);
              return attempt;
            });
  }

  private void failLast(Exception failure) {
    attempts.get(attempts.size() - 1).fail(failure);
    bench.run();
  }

  private static List<String> messages(Throwable[] failures) {
    return Arrays.stream(failures).map(Throwable::getMessage).toList();
  }

  // ------------------------------------------------------------------ attempts and waits

  @Test
  void theFirstSuccessIsTheResultAndNothingIsTriedAfterIt() {
    Bench.Running<String> running = bench.start(pendingAttempts(policy));
    attempts.get(0).complete("value");
    bench.run();
    bench.advance(Duration.ofHours(1));

    assertThat(running.value()).isEqualTo("value");
    assertThat(attempts).hasSize(1);
  }

  @Test
  void eachAttemptPollsAFreshPollableAfterAWaitThatGrowsUpToItsLimit() {
    bench.start(failingAttempts(policy));
    for (int millis : new int[] {100, 200, 400, 500, 500}) {
      int before = attempts.size();
      bench.advance(Duration.ofMillis(millis).minus(MILLI));
      assertThat(attempts).hasSize(before);
      bench.advance(MILLI);
      assertThat(attempts).hasSize(before + 1);
    }

    assertThat(attempts).hasSize(6).doesNotHaveDuplicates().allMatch(probe -> probe.polls == 1);
  }

  @Test
  void theWaitBeginsWithTheFailureNotWithTheAttempt() {
    bench.start(pendingAttempts(policy));
    bench.advance(Duration.ofSeconds(10));
    failLast(new IOException("late"));
    bench.advance(Duration.ofMillis(99));
    assertThat(attempts).hasSize(1);

    bench.advance(MILLI);

    assertThat(attempts).hasSize(2);
  }

  @Test
  void whenTheAttemptsAreUsedUpTheLastFailureIsThrownWithTheEarlierOnesSuppressed() {
    Bench.Running<String> running = bench.start(failingAttempts(policy.withAttempts(3)));
    bench.advance(Duration.ofHours(1));

    assertThat(running.failure()).hasMessage("failure 3");
    assertThat(messages(running.failure().getSuppressed()))
        .containsExactly("failure 1", "failure 2");
    assertThat(attempts).hasSize(3);
  }

  @Test
  void ofManyEarlierFailuresTheLastAreKeptAndTheOthersCounted() {
    Bench.Running<String> running = bench.start(failingAttempts(policy.withAttempts(100)));
    bench.advance(Duration.ofHours(1));

    assertThat(running.failure()).hasMessage("failure 100");
    assertThat(messages(running.failure().getSuppressed()))
        .hasSize(1 + Retrying.KEPT)
        .startsWith("and 91 earlier failures that were not kept", "failure 92")
        .endsWith("failure 99");
  }

  @Test
  void oneExceptionThatIsThrownAgainAndAgainSuppressesNotItself() {
    IOException shared = new IOException("shared");
    Operation<String> retry = Retry.of(policy).run(() -> Probe.<String>failing("attempt", shared));
    Bench.Running<String> running = bench.start(retry);
    bench.advance(Duration.ofHours(1));

    assertThat(running.failure()).isSameAs(shared).hasNoSuppressedExceptions();
  }

  @Test
  void oneAttemptIsNoRetry() {
    Bench.Running<String> running = bench.start(failingAttempts(policy.withAttempts(1)));

    assertThat(running.failure()).hasMessage("failure 1").hasNoSuppressedExceptions();
  }

  @Test
  void aSourceThatThrowsHasFailedThatAttempt() {
    int[] calls = new int[1];
    Operation<String> retry =
        Retry.of(policy)
            .run(
                () -> {
                  if (calls[0]++ == 0) {
                    throw new IOException("not yet");
                  }
                  return Probe.ready("attempt", "value");
                });
    Bench.Running<String> running = bench.start(retry);
    bench.advance(Duration.ofMillis(100));

    assertThat(running.value()).isEqualTo("value");
  }

  @Test
  void jitterShortensEachWaitAsItsGeneratorSays() {
    SplittableRandom same = new SplittableRandom(42);
    bench.start(failingAttempts(policy.withJitter(0.5, new SplittableRandom(42))));
    for (long millis : new long[] {100, 200, 400}) {
      long nanos = millis * 1_000_000;
      long wait = nanos - (long) (nanos * 0.5 * same.nextDouble());
      int before = attempts.size();
      bench.advance(Duration.ofNanos(wait - 1));
      assertThat(attempts).hasSize(before);
      bench.advance(Duration.ofNanos(1));
      assertThat(attempts).hasSize(before + 1);
    }
  }

  @Test
  void aWaitOfZeroGivesWayToTheLoop() {
    RetryPolicy atOnce = policy.withAttempts(50).withBackoff(Duration.ZERO, 1, Duration.ZERO);
    int[] neighbour = new int[1];
    bench.loop.spawn("retries", failingAttempts(atOnce)).join();
    bench.loop.spawn(
        "neighbour",
        cx -> {
          if (++neighbour[0] > 20) {
            return Poll.ready();
          }
          cx.waker("itself").wake();
          return Poll.pending();
        });
    bench.loop.runUntilStalled(1);
    assertThat(attempts).hasSize(1);
    bench.run();

    assertThat(neighbour[0]).isEqualTo(21);
    assertThat(bench.rig.takeUncaught()).hasSize(1);
    assertThat(attempts).hasSize(50);
  }

  @Test
  void aWaitThatOverflowsNeverEnds() {
    Duration endless = Duration.ofSeconds(Long.MAX_VALUE);
    RetryPolicy patient = policy.withBackoff(Duration.ofDays(100_000), Double.MAX_VALUE, endless);
    Bench.Running<String> running = bench.start(failingAttempts(patient));
    bench.advance(Duration.ofDays(100_000));
    assertThat(attempts).hasSize(2);
    bench.advance(Duration.ofDays(1));

    assertThat(attempts).hasSize(2);
    assertThat(running.isDone()).isFalse();
  }

  // ------------------------------------------------------------------ what is not retried

  @Test
  void aFailureThatThePolicyDoesNotRetryIsThrownAtOnceWithTheEarlierOnes() {
    RetryPolicy onlyIo = policy.withRetries(e -> e instanceof IOException);
    Bench.Running<String> running = bench.start(pendingAttempts(onlyIo));
    failLast(new IOException("failure 1"));
    bench.advance(Duration.ofMillis(100));
    IllegalStateException other = new IllegalStateException("other");
    failLast(other);

    assertThat(running.failure()).isSameAs(other);
    assertThat(messages(other.getSuppressed())).containsExactly("failure 1");
  }

  @Test
  void byDefaultWhatSaysThatSomebodyWantsItToEndIsNotRetried() {
    for (Exception end : List.of(new CancellationException("c"), new InterruptedException("i"))) {
      Operation<String> retry =
          Retry.of(RetryPolicy.defaults()).run(() -> Probe.<String>failing("attempt", end));
      assertThat(bench.start(retry).failure()).isSameAs(end);
    }
    assertThat(Thread.interrupted()).as("restored by the loop").isTrue();
  }

  @Test
  void anErrorIsNeverRetried() {
    AssertionError error = new AssertionError("broken");
    Bench.Running<String> running = bench.start(pendingAttempts(policy));
    failLast(new IOException("failure 1"));
    bench.advance(Duration.ofMillis(100));
    attempts.get(1).error = error;
    attempts.get(1).waker.wake();
    bench.run();

    assertThat(running.failure()).isSameAs(error);
    assertThat(messages(error.getSuppressed())).containsExactly("failure 1");
  }

  @Test
  void aPolicyThatThrowsHidesNotWhatItWasAskedAbout() {
    IllegalStateException ofPolicy = new IllegalStateException("policy");
    RetryPolicy broken =
        policy.withRetries(
            e -> {
              throw ofPolicy;
            });

    assertThat(bench.start(failingAttempts(broken)).failure()).isSameAs(ofPolicy);
    assertThat(messages(ofPolicy.getSuppressed())).containsExactly("failure 1");
  }

  // ------------------------------------------------------------------ cancel and stop

  @Test
  void cancelReachesTheAttempt() {
    Bench.Running<String> running = bench.start(pendingAttempts(policy));
    running.handle.cancel();
    bench.run();

    assertThat(attempts.get(0).cancels).isEqualTo(1);
  }

  @Test
  void cancelDisarmsTheTimerBetweenAttempts() {
    Operation<String> retry = failingAttempts(policy);
    bench.loop.spawn(
        cx -> {
          retry.poll(cx);
          retry.cancel();
          return cx.park();
        });
    bench.run();
    long polls = bench.loop.snapshot().taskPolls();
    bench.advance(Duration.ofHours(1));

    assertThat(bench.loop.snapshot().taskPolls()).isEqualTo(polls);
    assertThat(attempts).hasSize(1);
    assertThat(retry.isFinished()).isTrue();
  }

  private final List<Throwable> ends = new ArrayList<>();

  @Test
  void aStopDuringTheWaitEndsItWithTheFailuresSoFar() {
    startStopped(failingAttempts(policy), false);

    assertThat(ends).hasSize(1);
    assertThat(ends.get(0))
        .isInstanceOf(CancellationException.class)
        .hasMessage("'retry' was stopped in the wait after attempt 1");
    assertThat(messages(ends.get(0).getSuppressed())).containsExactly("failure 1");
    bench.advance(Duration.ofHours(1));
    assertThat(attempts).hasSize(1);
  }

  @Test
  void aStopDuringAnAttemptCancelsIt() {
    startStopped(pendingAttempts(policy), false);

    assertThat(ends.get(0)).hasMessage("'retry of attempt 1' was stopped in attempt 1");
    assertThat(attempts.get(0).cancels).isEqualTo(1);
  }

  @Test
  void theValueOfAnAttemptWinsAgainstAStopInTheSamePoll() {
    startStopped(pendingAttempts(policy), true);

    assertThat(ends).isEmpty();
    assertThat(attempts.get(0).cancels).isZero();
  }

  /**
   * The token is stopped by the handle's cancel, which ends the task in its next turn: so the poll
   * that sees the stop is made by hand, in the turn in which the cancel is asked for.
   */
  private void startStopped(Operation<String> retry, boolean withValue) {
    List<JoinHandle<Complete>> self = new ArrayList<>();
    self.add(
        bench.loop.spawn(
            "stopped",
            cx -> {
              if (retry.poll(cx).isReady()) {
                return Poll.ready();
              }
              if (withValue) {
                attempts.get(0).answer = Poll.ready("value");
              }
              self.get(0).cancel();
              try {
                retry.poll(cx);
              } catch (CancellationException e) {
                ends.add(e);
              }
              return Poll.ready();
            }));
    bench.run();
  }

  @Test
  void nullIsRefused() {
    assertThatThrownBy(() -> Retry.of(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> Retry.of(policy).run(null)).isInstanceOf(NullPointerException.class);
  }
}
