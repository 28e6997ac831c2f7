package dev.reveille.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The READMEs show what the build compiles and runs, and nothing else. */
class ReadmeTest {
  private static final Path README = Path.of("..", "..", "README.md");
  private static final Path KOTLIN_README = Path.of("..", "..", "interop-kotlin", "README.md");
  private static final Path SOURCES = Path.of("src", "main");
  private static final Path KOTLIN_TESTS =
      Path.of("..", "..", "interop-kotlin", "src", "test", "kotlin");
  private static final Pattern FENCED =
      Pattern.compile("^```(java|kotlin)\\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
  private static final Pattern MARKED =
      Pattern.compile(
          "^ *// (readme|readme-kotlin): [a-z-]+\\n(.*?)^ *// readme: end$",
          Pattern.MULTILINE | Pattern.DOTALL);

  @Test
  void eachSnippetOfTheReadmeIsAMarkedPieceOfTheSourcesAndTheOtherWayRound() throws IOException {
    assertThat(shownBy(README))
        .isNotEmpty()
        .containsExactlyInAnyOrderElementsOf(marked("readme", SOURCES));
  }

  @Test
  void eachSnippetOfTheKotlinReadmeIsAMarkedPieceOfTheSourcesAndTheOtherWayRound()
      throws IOException {
    List<String> pieces = marked("readme-kotlin", SOURCES);
    pieces.addAll(marked("readme-kotlin", KOTLIN_TESTS)); // what is on no user's class path
    assertThat(shownBy(KOTLIN_README)).isNotEmpty().containsExactlyInAnyOrderElementsOf(pieces);
  }

  @Test
  void theTwoCommandsAreTwoLines() throws IOException {
    String block = Files.readString(README).split("## Two commands", 2)[1].split("```sh\n", 2)[1];
    assertThat(block.substring(0, block.indexOf("```")).lines()).hasSize(2);
  }

  private static List<String> shownBy(Path readme) throws IOException {
    List<String> shown = new ArrayList<>();
    Matcher fenced = FENCED.matcher(Files.readString(readme));
    while (fenced.find()) {
      shown.add(fenced.group(2));
    }
    return shown;
  }

  private static List<String> marked(String as, Path sources) throws IOException {
    List<String> pieces = new ArrayList<>();
    try (Stream<Path> files = Files.walk(sources)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Matcher matcher = MARKED.matcher(Files.readString(file));
        while (matcher.find()) {
          if (matcher.group(1).equals(as)) {
            // The last line feed off and on again: an empty last line would count as indentation.
            pieces.add(matcher.group(2).stripTrailing().stripIndent() + "\n");
          }
        }
      }
    }
    return pieces;
  }
}
