package dev.reveille.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Forks of real JVMs, of the shortest kind. */
class ForksTest {
  private static final Effort SHORTEST = new Effort(1, 0, 1, Duration.ofMillis(10));

  @Test
  void jmhMeasuresEveryCompetitorAndAPeerThatFailsIsLeftOut() throws IOException {
    System.setProperty("jmh.ignoreLock", "true");
    JmhCase one = new JmhCase("small", SmallBenchmark.class, Map.of("n", "3"), Target.NONE);

    assertThat(one.competitors()).containsExactly("floor", "reveille", "throwing");
    Map<String, Measurement> round = one.round(SHORTEST, 0);

    assertThat(round).containsOnlyKeys("floor", "reveille");
    assertThat(round.get("reveille").time()).isPositive();
    // At least: what JMH itself allocates has few operations to go by, in so short an iteration.
    assertThat(round.get("reveille").bytes()).isGreaterThanOrEqualTo(24);
  }

  @Test
  void aProgramMeasuresEveryCompetitorAndOneThatSaysNothingIsLeftOut() throws IOException {
    ProcessCase one =
        new ProcessCase(
            "small",
            SmallProgram.class,
            List.of("reveille", "floor", "elsewhere"),
            List.of("3"),
            List.of("-Dtwice=2"),
            Target.NONE);

    assertThat(one.round(SHORTEST, 0))
        .containsOnly(
            Map.entry("reveille", new Measurement(6, 40.5)),
            Map.entry("floor", new Measurement(3, Double.NaN)));
  }

  @Test
  void aProgramThatFailsIsAnError() {
    ProcessCase one =
        new ProcessCase(
            "small",
            SmallProgram.class,
            List.of("reveille"),
            List.of("no number"),
            List.of(),
            Target.NONE);

    assertThatThrownBy(() -> one.round(SHORTEST, 0))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("exit status 1");
  }

  @Test
  void theLineOfTheComparisonOfEchoServersIsUnderstood() {
    assertThat(
            EchoRounds.parse(
                "reveille=6102 best-peer=netty-nio:6800 ratio=1.11 floor=6050 floor-ratio=1.01"
                    + " bytes=0.25"))
        .containsOnly(
            Map.entry("reveille", new Measurement(6102, 0.25)),
            Map.entry("netty-nio", new Measurement(6800, Double.NaN)),
            Map.entry("floor", new Measurement(6050, Double.NaN)));
  }
}
