package dev.reveille.combine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Complete;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A select for many rounds. */
final class ArmedSelectTest {
  private final Bench bench = new Bench();
  private final List<String> log = new ArrayList<>();
  private final Probe<String> a = Probe.<String>pending("a").loggingTo(log);
  private final Probe<String> b = Probe.<String>pending("b").loggingTo(log);
  private final Probe<String> c = Probe.<String>pending("c").loggingTo(log);
  private final ArmedSelect<String> select = ArmedSelect.of(List.of(a, b, c));

  @AfterEach
  void closeTheBench() throws Exception {
    bench.close();
  }

  @Test
  void theLosersStayArmedAndArePolledOnInTheNextRound() {
    Bench.Running<Select.Winner<String>> first = bench.start(select.next());
    b.complete("B");
    bench.run();
    assertThat(first.value()).isEqualTo(new Select.Winner<>(1, "B"));
    assertThat(select.isArmed(1)).isFalse();
    assertThat(select.armed()).isEqualTo(2);
    int pollsOfB = b.polls;

    Bench.Running<Select.Winner<String>> second = bench.start(select.next());
    a.complete("A");
    bench.run();

    assertThat(second.value()).isEqualTo(new Select.Winner<>(0, "A"));
    assertThat(List.of(a.cancels, b.cancels, c.cancels)).containsExactly(0, 0, 0);
    assertThat(b.polls).isEqualTo(pollsOfB);
  }

  @Test
  void aSpentBranchIsArmedAgainWithSomethingNew() {
    a.complete("A");
    bench.start(select.next());
    Probe<String> again = Probe.ready("again", "A2");

    select.arm(0, again);

    assertThat(select.isArmed(0)).isTrue();
    assertThat(bench.start(select.next()).value()).isEqualTo(new Select.Winner<>(0, "A2"));
  }

  @Test
  void whatIsReplacedWhileItIsArmedIsCancelled() {
    select.arm(0, Probe.pending("other"));

    assertThat(a.cancels).isEqualTo(1);
    assertThat(select.armed()).isEqualTo(3);
  }

  @Test
  void aBranchCanBeDisarmed() {
    select.disarm(1);
    select.disarm(1);

    assertThat(b.cancels).isEqualTo(1);
    assertThat(select.isArmed(1)).isFalse();
    bench.start(select.next());
    assertThat(log).containsOnlyOnce("a").doesNotContain("b");
  }

  @Test
  void aBranchThatFailsIsSpentAndTheOthersStayArmed() {
    IOException failure = new IOException("b");
    Bench.Running<Select.Winner<String>> first = bench.start(select.next());
    b.fail(failure);
    bench.run();

    assertThat(first.failure()).isSameAs(failure);
    assertThat(List.of(select.isArmed(0), select.isArmed(1), select.isArmed(2)))
        .containsExactly(true, false, true);
    c.complete("C");
    assertThat(bench.start(select.next()).value()).isEqualTo(new Select.Winner<>(2, "C"));
  }

  @Test
  void branchesThatAreAlwaysReadyTakeTurns() {
    List<Integer> winners = new ArrayList<>();
    bench.start(
        cx -> {
          for (int i = 0; i < 9; i++) {
            for (int branch = 0; branch < 3; branch++) {
              select.arm(branch, Probe.ready("ready", ""));
            }
            winners.add(select.pollNext(cx).value().index());
          }
          return Poll.ready();
        });

    assertThat(winners).containsExactly(0, 1, 2, 0, 1, 2, 0, 1, 2);
  }

  @Test
  void biasedKeepsTheOrder() {
    ArmedSelect<String> biased = select.biased();
    bench.start(
        cx -> {
          biased.pollNext(cx);
          return biased.pollNext(cx);
        });

    assertThat(String.join("", log)).isEqualTo("abcabc");
  }

  @Test
  void whileNothingIsReadyEachPollBeginsWithAnotherBranch() {
    bench.start(
        cx -> {
          select.pollNext(cx);
          return select.pollNext(cx);
        });

    assertThat(String.join("", log)).isEqualTo("abcbca");
  }

  @Test
  void theCancelOfOneRoundLeavesTheBranchesAlone() {
    Bench.Running<Select.Winner<String>> round = bench.start(select.next());
    round.handle.cancel();
    bench.run();

    assertThat(select.armed()).isEqualTo(3);
    assertThat(a.cancels).isZero();
  }

  @Test
  void withNothingArmedItIsRefused() {
    assertThatThrownBy(() -> ArmedSelect.of(List.<Pollable<String>>of()))
        .isInstanceOf(IllegalArgumentException.class);
    ArmedSelect<String> one = ArmedSelect.of(Arrays.asList(null, Probe.ready("one", "1")));
    bench.start(one.next());

    assertThat(bench.start(one.next()).failure())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("arm() one");
  }

  @Test
  void cancelReachesEveryArmedBranchOnceAndEndsIt() {
    IllegalStateException ofCancel = new IllegalStateException("cancel of a");
    a.whoseCancelThrows(ofCancel);
    select.disarm(1);

    assertThatThrownBy(select::cancel).isSameAs(ofCancel);
    select.cancel();

    assertThat(List.of(a.cancels, b.cancels, c.cancels)).containsExactly(1, 1, 1);
    Probe<String> late = Probe.pending("late");
    assertThatThrownBy(() -> select.arm(0, late)).isInstanceOf(IllegalStateException.class);
    assertThat(late.cancels).isZero();
    assertThat(bench.start(select.next()).failure()).hasMessageContaining("after its cancel");
  }

  @Test
  void aBodyThatOwnsItPassesItsCancelOn() {
    Pollable<Complete> body = cx -> select.pollNext(cx).map(w -> Complete.COMPLETE);
    Bench.Running<Complete> running = bench.start(Pollables.withCleanup(body, select::cancel));

    running.handle.cancel();
    bench.run();

    assertThat(c.cancels).isEqualTo(1);
  }
}
