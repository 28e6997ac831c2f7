package dev.reveille.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompareTest {
  private static final Effort ONE_ROUND = new Effort(1, 0, 1, Duration.ofMillis(1));

  private static final Family FAMILY =
      Family.of(
              "hop",
              new FixedCase(
                  "self", Target.ratio(2.2).bytes(24), List.of(FixedCase.round(10, 8, 30, 40))),
              new FixedCase("wide", Target.ratio(2.2), List.of(FixedCase.round(20, 8, 31, 140))))
          .growing(Growth.of("hop", "tasks", Map.of(1, "self", 1000, "wide")));

  @TempDir Path directory;

  private String compare(List<Family> families) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Compare.compare(
        new CompareOptions(ONE_ROUND, directory, families), new PrintStream(out, true, UTF_8));
    return out.toString(UTF_8);
  }

  @Test
  void standardOutputHasALinePerCaseAndNothingElse() throws Exception {
    assertThat(compare(List.of(FAMILY)).lines())
        .satisfiesExactly(
            line -> assertThat(line).startsWith("hop.self reveille=10.0 best-peer=fast:30.0"),
            line -> assertThat(line).startsWith("hop.wide reveille=20.0 best-peer=fast:31.0"));
  }

  @Test
  void theTableSaysWhatIsReachedAndShowsEveryCompetitor() throws Exception {
    compare(List.of(FAMILY));

    assertThat(Files.readAllLines(directory.resolve("compare.md")))
        .contains(
            "| `hop.self` | 10.0 |  | fast, 30.0 | 3.00 | 2.20 | 8.00 | 1.25 |  | 24.0 | 24 |"
                + " reached |",
            "| `hop.wide` | 20.0 |  | fast, 31.0 | 1.55 | 2.20 | 8.00 | 2.50 |  | 24.0 |  | **not"
                + " reached** |",
            "| slow | 140 |  | 7.00 |");
  }

  @Test
  void theChartsAreDrawingsThatNameEveryCompetitor() throws Exception {
    compare(List.of(FAMILY));

    for (String name : List.of("compare.svg", "growth-hop.svg")) {
      String drawing = Files.readString(directory.resolve(name));
      DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new ByteArrayInputStream(drawing.getBytes(UTF_8)));
      assertThat(drawing).contains(">reveille<", ">floor<", ">fast<", ">slow<");
      assertThat(drawing).doesNotContain("NaN", "Infinity");
    }
  }

  @Test
  void theRegistryNamesEveryCaseOnce() {
    Set<String> labels = new TreeSet<>();
    for (Family family : Families.ALL) {
      for (Case one : family.cases()) {
        assertThat(labels.add(family.name() + "." + one.name())).isTrue();
      }
    }
    assertThat(labels).contains("hop.self", "echo.pingpong-64");
  }

  @Test
  void everyJmhCaseHasOursAmongItsCompetitors() {
    for (Family family : Families.ALL) {
      for (Case one : family.cases()) {
        if (one instanceof JmhCase jmh) {
          assertThat(jmh.competitors()).as(family.name()).contains(Case.REVEILLE);
        }
      }
    }
  }
}
