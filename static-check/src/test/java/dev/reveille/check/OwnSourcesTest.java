package dev.reveille.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The library keeps its own rule. */
class OwnSourcesTest {

  @ParameterizedTest
  @ValueSource(strings = {"runtime-java", "reactor-java", "legacy-callback-shim"})
  void noLambdaCapturesAPollable(String module) throws IOException {
    assertThat(Compiled.warningsIn(sources(module))).isEmpty();
  }

  private static List<Path> sources(String module) throws IOException {
    Path root = Path.of("..", module, "src", "main", "java");
    try (Stream<Path> files = Files.walk(root)) {
      List<Path> sources =
          files
              .filter(f -> f.toString().endsWith(".java") && !f.endsWith("module-info.java"))
              .toList();
      assertThat(sources).hasSizeGreaterThan(5);
      return sources;
    }
  }
}
