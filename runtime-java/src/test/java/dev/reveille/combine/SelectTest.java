package dev.reveille.combine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Poll;
import dev.reveille.Pollable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The first of several. */
final class SelectTest {
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
  void theWinnerIsNamedByItsIndexAndTheOthersAreCancelledInTheSamePoll() {
    Bench.Running<Select.Winner<String>> select = bench.start(Select.of(a, b, c));
    assertThat(select.isDone()).isFalse();

    b.complete("B");
    bench.run();

    assertThat(select.value()).isEqualTo(new Select.Winner<>(1, "B"));
    assertThat(List.of(a.cancels, b.cancels, c.cancels)).containsExactly(1, 0, 1);
  }

  @Test
  void aBranchThatFailsWinsByThat() {
    IOException failure = new IOException("b");
    IllegalStateException ofCancel = new IllegalStateException("cancel of a");
    Bench.Running<Select.Winner<String>> select =
        bench.start(Select.of(a.whoseCancelThrows(ofCancel), b, c));

    b.fail(failure);
    bench.run();

    assertThat(select.failure()).isSameAs(failure).hasSuppressedException(ofCancel);
    assertThat(List.of(a.cancels, c.cancels)).containsExactly(1, 1);
  }

  @Test
  void whatTheCancelOfALoserThrowsFailsTheSelect() {
    IllegalStateException ofCancel = new IllegalStateException("cancel of a");
    Bench.Running<Select.Winner<String>> select =
        bench.start(Select.of(a.whoseCancelThrows(ofCancel), b, c));

    b.complete("B");
    bench.run();

    assertThat(select.failure()).isSameAs(ofCancel);
    assertThat(c.cancels).isEqualTo(1);
  }

  @Test
  void eachPollBeginsWithAnotherBranch() {
    bench.start(Select.of(a, b, c));
    for (int i = 0; i < 2; i++) {
      a.waker.wake();
      bench.run();
    }

    String polls = String.join("", log);
    String first = polls.substring(0, 3);
    assertThat("abcabc").contains(first);
    assertThat(polls).isEqualTo(first + rotate(first, 1) + rotate(first, 2)).hasSize(9);
  }

  private static String rotate(String text, int by) {
    return text.substring(by) + text.substring(0, by);
  }

  @Test
  void biasedKeepsTheOrder() {
    bench.start(Select.of(a, b, c).biased());
    a.waker.wake();
    bench.run();

    assertThat(String.join("", log)).isEqualTo("abcabc");
  }

  /** A select that is made anew for each round must not favour its first branch (embassy #5538). */
  @Test
  void newSelectsGiveEachBranchThatIsAlwaysReadyItsTurn() {
    int[] wins = new int[3];
    for (int i = 0; i < 300; i++) {
      wins[bench.start(selectOfReady()).value().index()]++;
    }

    assertThat(IntStream.of(wins)).allMatch(count -> count >= 60);
  }

  /** Each of two tasks in lockstep gets every second number of a counter. */
  @Test
  void alsoWhereTwoTasksTakeTurns() {
    int[][] wins = new int[2][2];
    for (int i = 0; i < 400; i++) {
      List<Probe<String>> two = List.of(Probe.ready("x", ""), Probe.ready("y", ""));
      wins[i % 2][bench.start(Select.<String>of(two)).value().index()]++;
    }

    assertThat(Stream.of(wins).flatMapToInt(IntStream::of)).allMatch(count -> count >= 60);
  }

  @Test
  void andTheirRowIsTheSameInEachRun() throws Exception {
    List<Integer> here = new ArrayList<>();
    List<Integer> again = new ArrayList<>();
    Bench other = new Bench();
    for (int i = 0; i < 20; i++) {
      here.add(bench.start(selectOfReady()).value().index());
      again.add(other.start(selectOfReady()).value().index());
    }
    other.close();

    assertThat(again).isEqualTo(here);
  }

  private static Select<String> selectOfReady() {
    return Select.of(Probe.ready("x", ""), Probe.ready("y", ""), Probe.ready("z", ""));
  }

  @Test
  void aBiasedSelectOfReadyOnesIsAlwaysWonByTheFirst() {
    for (int i = 0; i < 20; i++) {
      assertThat(bench.start(selectOfReady().biased()).value().index()).isZero();
    }
  }

  @Test
  void aDisabledBranchIsNotPolledAndTheOthersKeepTheirIndexes() {
    Bench.Running<Select.Winner<String>> select =
        bench.start(Select.of(Arrays.asList(null, null, Probe.ready("third", "value"))));

    assertThat(select.value()).isEqualTo(new Select.Winner<>(2, "value"));
  }

  @Test
  void withoutABranchToWaitForItIsRefusedAtOnce() {
    assertThatThrownBy(() -> Select.of(List.<Pollable<String>>of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no branches");
    assertThatThrownBy(() -> Select.of(Arrays.<Pollable<String>>asList(null, null)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("every branch is disabled");
  }

  @Test
  void cancelReachesEveryBranchWhateverAnEarlierOneThrew() {
    IllegalStateException first = new IllegalStateException("cancel of a");
    IllegalStateException second = new IllegalStateException("cancel of b");
    Select<String> select = Select.of(a.whoseCancelThrows(first), b.whoseCancelThrows(second), c);

    assertThatThrownBy(select::cancel).isSameAs(first).hasSuppressedException(second);
    assertThat(c.cancels).isEqualTo(1);
  }

  @Test
  void aBranchThatIsPendingWithoutAWakerIsNamed() {
    Pollable<String> forgetful = cx -> Poll.pending();

    assertThat(bench.start(Select.of(forgetful, a)).failure())
        .hasMessageContaining("lambda in SelectTest");
    assertThat(a.cancels).isEqualTo(1);
  }

  @Test
  void valuesMayBeOfDifferentTypes() {
    Select<Object> select = Select.of(Probe.<Integer>pending("n"), Probe.ready("s", "text"));

    assertThat(bench.start(select).value().value()).isEqualTo("text");
  }
}
