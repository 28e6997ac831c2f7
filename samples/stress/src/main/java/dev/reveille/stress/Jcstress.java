package dev.reveille.stress;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One run of jcstress in a JVM of its own. */
final class Jcstress {
  private static final Pattern TEST = Pattern.compile("\\.+ \\[(\\w+)] (\\S+)");
  private static final Pattern FORBIDDEN =
      Pattern.compile("\\s+\\S.*?\\s{2,}([\\d,]+)\\s+<?[\\d.]+%\\s+Forbidden\\s.*");
  private static final Pattern ANY =
      Pattern.compile(
          "\\s+\\S.*?\\s{2,}([\\d,]+)\\s+<?[\\d.]+%\\s+(Forbidden|Acceptable|Interesting)\\s.*");

  /**
   * What became of one test, over all configurations.
   *
   * @param verdict the word that jcstress has for it: OK, FAILED, ERROR
   * @param samples how many races were run
   * @param forbidden how many of them ended as they must not
   */
  record Result(String verdict, long samples, long forbidden) {}

  private final Path work;
  private final String classPath;
  private final List<String> arguments;
  private final boolean thorough;

  /**
   * Prepares a run.
   *
   * @param work a folder for the report and the log
   * @param classPath where the tests are
   * @param arguments of jcstress
   * @param thorough whether to run with biased locking, too, where a JVM has it
   */
  Jcstress(Path work, String classPath, List<String> arguments, boolean thorough) {
    this.work = work;
    this.classPath = classPath;
    this.arguments = arguments;
    this.thorough = thorough;
  }

  /** The log of the last run, for those who want to know more. */
  Path log() {
    return work.resolve("jcstress.log");
  }

  /**
   * Runs.
   *
   * @return the results by the names of the tests
   */
  Map<String, Result> run() throws IOException, InterruptedException {
    Files.createDirectories(work);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED"); // of JNA, which jcstress binds threads with
    if (!thorough && Runtime.version().feature() < 18) {
      command.add("-Djava.home=" + homeWithoutBiasedLocking());
    }
    command.add("-cp");
    command.add(classPath);
    command.add("org.openjdk.jcstress.Main");
    command.add("-v");
    command.add("-r");
    command.add(work.resolve("report").toString());
    command.addAll(arguments);
    File log = log().toFile();
    int status =
        new ProcessBuilder(command)
            .directory(work.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log)
            .start()
            .waitFor();
    Map<String, Result> results = parse();
    if (results.isEmpty()) {
      throw new IllegalStateException(
          "jcstress ran no test, and ended with status " + status + ": see " + log);
    }
    return results;
  }

  /**
   * Where a JVM still knows the flag of biased locking, jcstress runs everything twice, with it and
   * without, and it takes its JVM from this property. Nobody uses that flag any more, and nothing
   * of ours relies on a lock, so it is not worth half of the time: this one does not know it.
   */
  private Path homeWithoutBiasedLocking() throws IOException {
    Path real = Path.of(System.getProperty("java.home"));
    Path home = work.resolve("jdk").toAbsolutePath();
    Path java = home.resolve("bin/java");
    if (Files.exists(java)) {
      return home;
    }
    Files.createDirectories(java.getParent());
    for (String folder : List.of("conf", "lib")) {
      Files.createSymbolicLink(home.resolve(folder), real.resolve(folder));
    }
    Files.writeString(
        java,
        "#!/bin/sh\n"
            + "case \" $* \" in *UseBiasedLocking*) exit 1 ;; esac\n"
            + "exec '"
            + real.resolve("bin/java")
            + "' \"$@\"\n");
    if (!java.toFile().setExecutable(true)) {
      throw new IOException(java + " can not be made executable");
    }
    return home;
  }

  /** Reads the summary at the end of the log: a heading for each test, its table under it. */
  private Map<String, Result> parse() throws IOException {
    Map<String, Result> results = new TreeMap<>();
    try (BufferedReader reader = Files.newBufferedReader(log())) {
      boolean summary = false;
      String test = null;
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        summary |= line.startsWith("RUN RESULTS");
        if (!summary) {
          continue;
        }
        Matcher heading = TEST.matcher(line);
        if (heading.lookingAt()) {
          test = heading.group(2);
          results.put(test, new Result(heading.group(1), 0, 0));
          continue;
        }
        Matcher row = ANY.matcher(line);
        if (test != null && row.matches()) {
          long samples = Long.parseLong(row.group(1).replace(",", ""));
          boolean forbidden = FORBIDDEN.matcher(line).matches();
          results.computeIfPresent(
              test,
              (name, r) ->
                  new Result(
                      r.verdict, r.samples + samples, r.forbidden + (forbidden ? samples : 0)));
        }
      }
    }
    return results;
  }
}
