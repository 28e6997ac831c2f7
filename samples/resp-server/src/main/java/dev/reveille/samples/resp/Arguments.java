package dev.reveille.samples.resp;

import dev.reveille.samples.resp.journal.FsyncPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The command line.
 *
 * @param demo whether to run the demo instead of serving
 * @param port where to serve
 * @param folder where the journal is
 * @param fsync when the journal is forced to the disk
 * @param lasting how long the demo lasts
 */
record Arguments(boolean demo, int port, Path folder, FsyncPolicy fsync, Duration lasting) {
  static final String USAGE =
      """
      usage: resp-server --demo [--seconds 5] [--fsync always|everysec|no]
             resp-server --serve [--port 6379] [--dir PATH] [--fsync always|everysec|no]
      """;

  private static final int REDIS_PORT = 6379;
  private static final int LAST_PORT = 65_535;

  /**
   * Reads the command line.
   *
   * @throws IllegalArgumentException if it is not understood; the message says what is wrong
   */
  static Arguments parse(String... args) {
    @Nullable Boolean demo = null;
    int port = REDIS_PORT;
    Path folder = Path.of(".");
    FsyncPolicy fsync = FsyncPolicy.EVERYSEC;
    Duration lasting = Duration.ofSeconds(5);
    for (Iterator<String> words = List.of(args).iterator(); words.hasNext(); ) {
      String word = words.next();
      switch (word) {
        case "--demo" -> demo = true;
        case "--serve" -> demo = false;
        case "--port" -> port = number(word, value(word, words), LAST_PORT);
        case "--dir" -> folder = Path.of(value(word, words));
        case "--fsync" -> fsync = FsyncPolicy.of(value(word, words));
        case "--seconds" -> lasting = Duration.ofSeconds(number(word, value(word, words), 3_600));
        default -> throw new IllegalArgumentException("unknown argument " + word);
      }
    }
    if (demo == null) {
      throw new IllegalArgumentException("neither --demo nor --serve");
    }
    return new Arguments(demo, port, folder, fsync, lasting);
  }

  private static String value(String name, Iterator<String> words) {
    if (!words.hasNext()) {
      throw new IllegalArgumentException(name + " needs a value");
    }
    return words.next();
  }

  private static int number(String name, String text, int most) {
    try {
      int number = Integer.parseInt(text);
      if (number >= 0 && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + " needs a number, not " + text, e);
    }
    throw new IllegalArgumentException(name + " needs a number up to " + most + ", not " + text);
  }
}
