package dev.reveille.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every example in the Javadoc is a part of a test in {@code dev.reveille.examples}, word for word
 * but for white space; and every public type that a program works with has one.
 */
class JavadocExamplesTest {
  private static final String MAIN = "src/main/java";
  private static final String EXAMPLES = "src/test/java/dev/reveille/examples";

  private static final Pattern JAVADOC = Pattern.compile("/\\*\\*.*?\\*/", Pattern.DOTALL);
  private static final Pattern EXAMPLE =
      Pattern.compile("<pre>\\{@code\\s(.*?)\\}</pre>", Pattern.DOTALL);

  /** What a formatter or an author may have made of the beginning of an example. */
  private static final Pattern BEGINNING =
      Pattern.compile("<pre>[\\s*]*\\{@code|<pre><code|\\{@snippet");

  /** The Javadoc of a top-level type: it ends where the declaration begins in the first column. */
  private static final Pattern TYPE =
      Pattern.compile(
          "^(/\\*\\*(?:(?!\\*/).)*\\*/)\\s+(?:@\\w+(?:\\([^)]*\\))?\\s+)*^public (?:abstract |final"
              + " |sealed |non-sealed )*(class|interface) (\\w+)",
          Pattern.DOTALL | Pattern.MULTILINE);

  private static final Pattern PUBLIC_TYPE =
      Pattern.compile(
          "^public (?:abstract |final |sealed |non-sealed )*(?:class|interface) ",
          Pattern.MULTILINE);

  /** An example that was commented out is not run. Those of the Javadoc have line comments only. */
  private static final Pattern BLOCK_COMMENT =
      Pattern.compile("/\\*(?:(?!\\*/).)*\\*/", Pattern.DOTALL);

  @ParameterizedTest
  @ValueSource(strings = {"runtime-java", "reactor-java", "legacy-callback-shim"})
  void everyExampleIsPartOfATest(String module) {
    List<String> tests = new ArrayList<>();
    read(module, EXAMPLES)
        .forEach(
            (file, source) -> {
              if (file.toString().endsWith("ExampleTest.java") && source.contains("  @Test\n")) {
                tests.add(squash(BLOCK_COMMENT.matcher(source).replaceAll("")));
              }
            });
    List<String> strangers = new ArrayList<>();
    read(module, MAIN)
        .forEach(
            (file, source) -> {
              for (String javadoc : all(JAVADOC, source)) {
                for (String example : examplesIn(javadoc)) {
                  String code = squash(example);
                  if (code.isEmpty() || tests.stream().noneMatch(test -> test.contains(code))) {
                    strangers.add(file + ":\n" + example);
                  }
                }
              }
            });
    assertThat(strangers).as("examples that no test in %s runs", EXAMPLES).isEmpty();
  }

  /** So that no example escapes the test above by the way it is written. */
  @ParameterizedTest
  @ValueSource(strings = {"runtime-java", "reactor-java", "legacy-callback-shim"})
  void everyExampleIsWrittenInTheOneWayThatIsChecked(String module) {
    List<String> strange = new ArrayList<>();
    read(module, MAIN)
        .forEach(
            (file, source) -> {
              for (String javadoc : all(JAVADOC, source)) {
                List<String> examples = examplesIn(javadoc);
                if (all(BEGINNING, javadoc).size() != examples.size()
                    || examples.stream().anyMatch(example -> example.contains("<pre>"))) {
                  strange.add(file + ":\n" + javadoc);
                }
              }
            });
    assertThat(strange).as("examples that are not <pre>{@code, code, }</pre>").isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"runtime-java", "reactor-java", "legacy-callback-shim"})
  void everyTypeHasAnExample(String module) {
    List<String> without = new ArrayList<>();
    int[] types = {0};
    read(module, MAIN)
        .forEach(
            (file, source) -> {
              if (!PUBLIC_TYPE.matcher(source).find()) {
                return;
              }
              Matcher type = TYPE.matcher(source);
              boolean documented = type.find();
              if (documented && type.group(3).endsWith("Exception")) {
                return; // it speaks for itself, as enums and records do
              }
              types[0]++;
              if (!documented || examplesIn(type.group(1)).isEmpty()) {
                without.add(file.toString());
              }
            });
    assertThat(types[0]).isGreaterThan(5);
    assertThat(without).as("public types without an example in their Javadoc").isEmpty();
  }

  private static List<String> examplesIn(String javadoc) {
    List<String> examples = new ArrayList<>();
    Matcher example = EXAMPLE.matcher(javadoc);
    while (example.find()) {
      examples.add(example.group(1).replaceAll("(?m)^\\s*\\* ?", ""));
    }
    return examples;
  }

  private static List<String> all(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(MatchResult::group).toList();
  }

  private static String squash(String code) {
    return code.replaceAll("\\s+", "");
  }

  private static Map<Path, String> read(String module, String folder) {
    Path root = Path.of("..", module, folder);
    Map<Path, String> sources = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      files
          .filter(file -> file.toString().endsWith(".java"))
          .forEach(
              file -> {
                try {
                  sources.put(file, Files.readString(file));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sources;
  }
}
