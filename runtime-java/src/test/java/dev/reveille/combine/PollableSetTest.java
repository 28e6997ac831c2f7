package dev.reveille.combine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Complete;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.contract.Driving;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Children, outcomes, cancels. How it wakes: {@link PollableSetWakeTest}. */
final class PollableSetTest {
  private final Bench bench = new Bench();
  private final PollableSet<String> set = new PollableSet<>();
  private final Probe<String> a = Probe.pending("a");
  private final Probe<String> b = Probe.pending("b");
  private final Probe<String> c = Probe.pending("c");

  /** What came out of the set so far. */
  private final List<Outcome<String>> outcomes = new ArrayList<>();

  @AfterEach
  void closeTheBench() throws Exception {
    bench.close();
  }

  /** A task that takes what comes, until the set is empty. */
  private Bench.Running<Complete> collect() {
    return bench.start(
        cx -> {
          for (; ; ) {
            Poll<@Nullable Outcome<String>> poll = set.pollNext(cx);
            if (poll.isPending()) {
              return Poll.pending();
            }
            Outcome<String> outcome = poll.value();
            if (outcome == null) {
              return Poll.ready();
            }
            outcomes.add(outcome);
          }
        });
  }

  private void addAll() {
    set.add(a);
    set.add(b);
    set.add(c);
  }

  // ------------------------------------------------------------------ outcomes

  @Test
  void childrenComeOutInTheOrderInWhichTheyFinish() {
    addAll();
    Bench.Running<Complete> running = collect();
    c.complete("C");
    a.complete("A");
    bench.run();
    assertThat(set.size()).isEqualTo(1);
    b.complete("B");
    bench.run();

    assertThat(outcomes)
        .containsExactly(
            new Outcome.Success<>(c, "C"),
            new Outcome.Success<>(a, "A"),
            new Outcome.Success<>(b, "B"));
    assertThat(running.isDone()).isTrue();
    assertThat(set.isEmpty()).isTrue();
  }

  @Test
  void anEmptySetIsReadyWithNullAgainAndAgain() {
    assertThat(bench.start(set.next()).value()).isNull();
    assertThat(bench.start(set.next()).value()).isNull();
  }

  @Test
  void theFailureOfAChildIsItsOwnOutcomeAndTheSetGoesOn() throws Exception {
    IOException failure = new IOException("a");
    addAll();
    collect();
    a.fail(failure);
    b.complete("B");
    bench.run();

    assertThat(outcomes)
        .containsExactly(new Outcome.Failure<>(a, failure), new Outcome.Success<>(b, "B"));
    assertThat(outcomes.get(0).isSuccess()).isFalse();
    assertThatThrownBy(outcomes.get(0)::get).isSameAs(failure);
    assertThat(outcomes.get(1).isSuccess()).isTrue();
    assertThat(outcomes.get(1).get()).isEqualTo("B");
  }

  @Test
  void anErrorIsAnOutcomeToo() {
    a.error = new AssertionError("broken");
    set.add(a);
    collect();

    assertThat(outcomes).containsExactly(new Outcome.Failure<>(a, a.error));
  }

  @Test
  void anInterruptThatAChildThrowsIsRestoredAfterTheRun() {
    set.add(Probe.failing("interrupted", new InterruptedException()));
    collect();

    assertThat(Thread.interrupted()).isTrue();
    assertThat(outcomes).hasSize(1);
  }

  @Test
  void whatFailedIsCancelledTooAndWhatThatThrowsIsSuppressed() {
    IllegalStateException ofCancel = new IllegalStateException("cancel");
    IOException failure = new IOException("a");
    a.whoseCancelThrows(ofCancel).failure = failure;
    set.add(a);
    collect();

    assertThat(a.cancels).isEqualTo(1);
    assertThat(failure).hasSuppressedException(ofCancel);
  }

  @Test
  void aChildThatIsPendingWithoutAWakerFailsByName() {
    Pollable<String> forgetful = cx -> Poll.pending();
    addAll();
    set.add(forgetful);
    collect();

    assertThat(outcomes).hasSize(1);
    assertThatThrownBy(outcomes.get(0)::get)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'lambda in PollableSetTest' in task 'under test'");
    assertThat(set.size()).isEqualTo(3);
  }

  @Test
  void childrenHaveTimersAndStopTokensAsAnyPollable() {
    set.add(Timeout.after(Duration.ofSeconds(2), a));
    set.add(Timeout.after(Duration.ofSeconds(1), b));
    set.add(cx -> cx.stopToken().pollStopped(cx).map(stopped -> "stopped"));
    Bench.Running<Complete> running = collect();
    bench.advance(Duration.ofSeconds(1));
    assertThat(outcomes).hasSize(1);
    assertThat(outcomes.get(0).child()).hasToString("time-out");
    assertThatThrownBy(outcomes.get(0)::get)
        .isInstanceOf(TimeoutException.class)
        .hasMessageContaining("'b'");
    a.complete("A");
    bench.run();
    assertThat(outcomes).hasSize(2);

    running.handle.cancel();
    bench.run();
    assertThat(b.cancels).isEqualTo(1);
  }

  @Test
  void aSetMayBeAChildOfASet() {
    PollableSet<@Nullable Outcome<String>> outer = new PollableSet<>();
    addAll();
    outer.add(set.next());
    Bench.Running<@Nullable Outcome<@Nullable Outcome<String>>> running = bench.start(outer.next());
    int polls = a.polls;
    b.complete("B");
    bench.run();

    Outcome<@Nullable Outcome<String>> outcome = running.value();
    assertThat(outcome).isInstanceOf(Outcome.Success.class);
    assertThat(outcome.toString()).contains("value=B");
    assertThat(a.polls).isEqualTo(polls);
  }

  // ------------------------------------------------------------------ adding

  @Test
  void aChildThatIsAddedWakesTheTaskThatWaits() {
    set.add(a);
    collect();
    bench.loop.post(() -> set.add(Probe.ready("late", "value")));
    bench.run();

    assertThat(outcomes).extracting(Outcome::get).containsExactly("value");
  }

  @Test
  void aChildMayAddOthersInItsPoll() {
    set.add(
        cx -> {
          set.add(b);
          set.add(Probe.ready("sibling", "sibling"));
          return Poll.ready("parent");
        });
    collect();

    assertThat(outcomes).extracting(Outcome::get).containsExactly("parent", "sibling");
    assertThat(set.size()).isEqualTo(1);
  }

  @Test
  void fromAnotherThreadItIsRefusedWhileTheLoopIsDriven() throws Exception {
    set.add(a);
    collect();
    set.add(b); // nobody drives
    Driving driving = bench.rig.drive(bench.loop, loop -> loop.run()).awaitAsleep();

    for (Runnable call : List.<Runnable>of(() -> set.add(c), set::cancelAll, set::cancel)) {
      assertThatThrownBy(call::run)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("PollableSet.")
          .hasMessageContaining("belongs on the loop");
    }
    bench.loop.stop();
    driving.awaitOutcome();
    assertThat(set.size()).isEqualTo(2);
    assertThat(a.cancels).isZero();
  }

  @Test
  void aChildThatPollsTheSetThatItIsInIsRefused() {
    set.add(cx -> set.pollNext(cx).map(outcome -> "never"));
    collect();

    assertThat(outcomes).hasSize(1);
    assertThatThrownBy(outcomes.get(0)::get).hasMessageContaining("the set that it is in");
  }

  // ------------------------------------------------------------------ cancel

  @Test
  void cancelAllReachesEveryChildInTheOrderOfTheirComingWhateverAnEarlierOneThrew() {
    List<String> log = new ArrayList<>();
    IllegalStateException one = new IllegalStateException("one");
    IllegalStateException two = new IllegalStateException("two");
    set.add(a.loggingTo(log).whoseCancelThrows(one));
    set.add(b.loggingTo(log).whoseCancelThrows(two));
    set.add(c.loggingTo(log));

    assertThatThrownBy(set::cancelAll).isSameAs(one).hasSuppressedException(two);
    set.cancelAll();

    assertThat(log).containsExactly("-a", "-b", "-c");
    assertThat(set.isEmpty()).isTrue();
  }

  @Test
  void afterCancelAllATaskThatWaitsFindsTheSetEmptyAndItCanBeUsedAgain() {
    addAll();
    Bench.Running<Complete> running = collect();
    set.cancelAll();
    bench.run();
    assertThat(running.isDone()).isTrue();

    set.add(Probe.ready("again", "value"));
    collect();

    assertThat(outcomes).extracting(Outcome::get).containsExactly("value");
  }

  @Test
  void aFinishedChildIsNotCancelled() {
    addAll();
    collect();
    b.complete("B");
    bench.run();
    set.cancelAll();

    assertThat(List.of(a.cancels, b.cancels, c.cancels)).containsExactly(1, 0, 1);
  }

  @Test
  void afterCancelNothingCanBeAdded() {
    addAll();
    set.cancel();
    set.cancel();

    assertThat(List.of(a.cancels, b.cancels, c.cancels)).containsExactly(1, 1, 1);
    Probe<String> late = Probe.pending("late");
    assertThatThrownBy(() -> set.add(late))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("'late' added to a set that was cancelled");
    assertThat(late.cancels).isZero();
    assertThat(bench.start(set.next()).value()).isNull();
  }

  @Test
  void aChildMayCancelTheSetThatItIsIn() {
    set.add(
        cx -> {
          set.cancelAll();
          return Poll.ready("nobody asks any more");
        });
    addAll();
    Bench.Running<Complete> running = collect();

    assertThat(running.isDone()).isTrue();
    assertThat(outcomes).isEmpty();
    assertThat(List.of(a.cancels, b.cancels, c.cancels)).containsExactly(1, 1, 1);
  }

  @Test
  void theCancelOfOneNextLeavesTheChildrenAlone() {
    addAll();
    Bench.Running<@Nullable Outcome<String>> next = bench.start(set.next());
    next.handle.cancel();
    bench.run();
    b.complete("B");
    bench.run();
    assertThat(a.cancels).isZero();

    assertThat(bench.start(set.next()).value()).isEqualTo(new Outcome.Success<>(b, "B"));
  }

  @Test
  void aTaskThatOwnsTheSetPassesItsCancelOn() {
    addAll();
    Pollable<Complete> body = cx -> set.pollNext(cx).map(outcome -> Complete.COMPLETE);
    Bench.Running<Complete> running = bench.start(Pollables.withCleanup(body, set::cancel));
    running.handle.cancel();
    bench.run();

    assertThat(a.cancels).isEqualTo(1);
  }

  @Test
  void nullIsRefused() {
    assertThatThrownBy(() -> set.add(null)).isInstanceOf(NullPointerException.class);
  }
}
