package dev.reveille.samples.build;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** What a user of the three published modules gets on the run-time class path. */
final class Published {
  private Published() {}

  /**
   * The build writes it to a file. In {@code mvn verify} it names the jars that would be published;
   * in {@code mvn test} folders of classes stand in for ours.
   */
  static List<Path> classPath() throws IOException {
    String entries = Files.readString(Path.of("target", "published.classpath"));
    return Arrays.stream(entries.strip().split(File.pathSeparator, -1)).map(Path::of).toList();
  }
}
