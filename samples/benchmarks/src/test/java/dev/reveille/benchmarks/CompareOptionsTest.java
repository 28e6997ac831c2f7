package dev.reveille.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompareOptionsTest {
  private static final Family HOP =
      Family.of("hop", named("self"), named("wide"))
          .growing(Growth.of("hop", "tasks", Map.of(1, "self", 1000, "wide")));
  private static final Family ECHO = Family.of("echo", named("pingpong-1"));

  private static Case named(String name) {
    return new FixedCase(name, Target.NONE, List.of());
  }

  private static CompareOptions parse(String... args) {
    return CompareOptions.parse(List.of(args), List.of(HOP, ECHO));
  }

  @Test
  void withoutArgumentsAllFamiliesAreComparedInFiveRounds() {
    CompareOptions options = parse();

    assertThat(options.families()).containsExactly(HOP, ECHO);
    assertThat(options.effort()).isEqualTo(Effort.FULL);
    assertThat(options.effort().rounds()).isEqualTo(5);
    assertThat(options.effort().isQuick()).isFalse();
  }

  @Test
  void quickIsOneRoundOfShorterIterationsWhereverItStands() {
    CompareOptions options = parse("echo", "--quick");

    assertThat(options.effort().rounds()).isEqualTo(1);
    assertThat(options.effort().isQuick()).isTrue();
    assertThat(options.families()).containsExactly(ECHO);
  }

  @Test
  void directoryAndRoundsCanBeChosen() {
    CompareOptions options = parse("--out", "there", "--rounds", "3", "--quick", "hop");

    assertThat(options.out()).isEqualTo(Path.of("there"));
    assertThat(options.effort()).isEqualTo(Effort.QUICK.withRounds(3));
    assertThat(options.families()).containsExactly(HOP);
  }

  @Test
  void oneCaseOfAFamilyComesWithoutTheChartThatNeedsTheOthers() {
    CompareOptions options = parse("hop.wide");

    assertThat(options.families()).hasSize(1);
    assertThat(options.families().get(0).cases()).extracting(Case::name).containsExactly("wide");
    assertThat(options.families().get(0).growths()).isEmpty();
  }

  @Test
  void whatIsNamedTwiceIsMeasuredOnce() {
    assertThat(parse("hop.wide", "hop", "echo", "echo").families())
        .satisfiesExactly(
            hop ->
                assertThat(hop.cases())
                    .extracting(Case::name)
                    .containsExactlyInAnyOrder("self", "wide"),
            echo -> assertThat(echo).isEqualTo(ECHO));
  }

  @ParameterizedTest
  @CsvSource({
    "jump, no family 'jump'; there are [hop, echo]",
    "hop.high, 'no case ''hop.high''; hop has [self, wide]'",
    "--fast, what is --fast?",
    "--out, --out has no value"
  })
  void badInputIsRefusedByName(String word, String why) {
    assertThatThrownBy(() -> parse(word))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why.replace("''", "'"));
  }

  @Test
  void aNumberOfRoundsHasToBeOne() {
    assertThatThrownBy(() -> parse("--rounds", "many"))
        .hasMessageContaining("--rounds is no number: many");
    assertThatThrownBy(() -> parse("--rounds", "0")).hasMessageContaining("measure nothing");
  }
}
