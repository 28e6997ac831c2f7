package dev.reveille.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CaseResultTest {
  private static final Effort THREE_ROUNDS = new Effort(3, 0, 1, Duration.ofMillis(1));

  private static CaseResult measured(Target target, List<Map<String, Measurement>> rounds)
      throws IOException {
    Effort effort = THREE_ROUNDS.withRounds(rounds.size());
    return Compare.measure("hop", new FixedCase("self", target, rounds), effort);
  }

  @Test
  void aRatioIsTheMedianOfTheRatiosOfTheRounds() throws IOException {
    // In the second round the machine was ten times slower, in the third only when ours ran.
    CaseResult result =
        measured(
            Target.NONE,
            List.of(
                FixedCase.round(10, 8, 20, 50),
                FixedCase.round(100, 80, 210, 500),
                FixedCase.round(30, 8, 20, 50)));

    assertThat(result.ratio()).hasValue(2.0);
    assertThat(result.floorRatio()).hasValue(1.25);
    assertThat(result.time(Case.REVEILLE)).isEqualTo(30);
  }

  @Test
  void theMedianOfAnEvenNumberLiesInBetween() {
    assertThat(CaseResult.median(new double[] {4, 1, 3, 2})).isEqualTo(2.5);
    assertThat(CaseResult.median(new double[] {7})).isEqualTo(7);
    assertThat(CaseResult.median(new double[0])).isNaN();
  }

  @Test
  void theLineNamesOursTheBestPeerTheFloorAndTheBytes() throws IOException {
    CaseResult result = measured(Target.NONE, List.of(FixedCase.round(6.514, 5, 20.12, 251.6)));

    assertThat(result.line())
        .isEqualTo(
            "hop.self reveille=6.51 best-peer=fast:20.1 ratio=3.09 floor=5.00 floor-ratio=1.30"
                + " bytes=24.0");
  }

  @Test
  void theLineLeavesOutWhatTheCaseHasNot() throws IOException {
    CaseResult result =
        measured(Target.NONE, List.of(Map.of(Case.REVEILLE, new Measurement(1234.5, Double.NaN))));

    assertThat(result.line()).isEqualTo("hop.self reveille=1235");
  }

  @Test
  void theBestPeerIsOneOfThoseThatTheTargetIsMeantAgainst() throws IOException {
    CaseResult result =
        measured(Target.ratio(4).against("slow"), List.of(FixedCase.round(10, 8, 20, 50)));

    assertThat(result.line()).contains("best-peer=slow:50.0 ratio=5.00");
    assertThat(result.isReached()).isTrue();
  }

  @Test
  void aPeerThatFailedInOneRoundIsComparedInTheOthers() throws IOException {
    CaseResult result =
        measured(
            Target.NONE,
            List.of(
                FixedCase.round(10, 8, 20, 50),
                Map.of(Case.REVEILLE, new Measurement(10, 0), Case.FLOOR, new Measurement(8, 0))));

    assertThat(result.ratio()).hasValue(2.0);
    assertThat(result.ratios("slow", Case.REVEILLE)).containsExactly(5);
  }

  @Test
  void aRatioCountsAsReachedFromFivePercentBelow() throws IOException {
    List<Map<String, Measurement>> rounds = List.of(FixedCase.round(10, 8, 20, 50));

    assertThat(measured(Target.ratio(2.1), rounds).isReached()).isTrue();
    assertThat(measured(Target.ratio(2.2), rounds).isReached()).isFalse();
    assertThat(measured(Target.ratio(2).floorRatio(1.2), rounds).isReached()).isTrue();
    assertThat(measured(Target.ratio(2).floorRatio(1.15), rounds).isReached()).isFalse();
    assertThat(measured(Target.ratio(2).bytes(24), rounds).isReached()).isTrue();
    assertThat(measured(Target.ratio(2).bytes(16), rounds).isReached()).isFalse();
    assertThat(measured(Target.NONE.nanos(10), rounds).isReached()).isTrue();
    assertThat(measured(Target.NONE.nanos(9.9), rounds).isReached()).isFalse();
  }

  @Test
  void aTargetAgainstAPeerThatWasNotMeasuredIsNotReached() throws IOException {
    CaseResult result =
        measured(Target.ratio(1).against("other"), List.of(FixedCase.round(10, 8, 20, 50)));

    assertThat(result.isReached()).isFalse();
    assertThat(result.line()).doesNotContain("best-peer", " ratio");
  }

  @Test
  void aRoundWithoutOursIsRefused() {
    assertThatThrownBy(
            () -> measured(Target.NONE, List.of(Map.of(Case.FLOOR, new Measurement(1, 1)))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("hop.self without ours");
  }
}
