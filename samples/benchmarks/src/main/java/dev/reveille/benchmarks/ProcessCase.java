package dev.reveille.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A program that measures one competitor for itself, in a JVM of its own, and says the result.
 *
 * <p>It is started as {@code MAIN COMPETITOR ARGS… [--quick]} and prints a line {@code time=NANOS
 * bytes=B} with the CPU time and the bytes for an operation; other lines go to standard error. A
 * program that ends well without this line says that it can not run this competitor here, and the
 * competitor is left out.
 *
 * @param name of the case
 * @param main the program
 * @param competitors ours and the floor's under the names that {@link Case} has for them
 * @param args further arguments
 * @param jvmArgs for the JVM of the program
 * @param target what is to be reached
 */
public record ProcessCase(
    String name,
    Class<?> main,
    List<String> competitors,
    List<String> args,
    List<String> jvmArgs,
    Target target)
    implements Case {
  private static final Pattern RESULT =
      Pattern.compile("time=([0-9.eE+-]+) bytes=([0-9.eE+-]+|NaN)");

  /** Refuses a comparison without ours. */
  public ProcessCase {
    competitors = List.copyOf(competitors);
    args = List.copyOf(args);
    jvmArgs = List.copyOf(jvmArgs);
    if (!competitors.contains(REVEILLE)) {
      throw new IllegalArgumentException(name + " compares " + competitors + " with nobody");
    }
  }

  @Override
  public Map<String, Measurement> round(Effort effort, int round) throws IOException {
    List<String> order = new ArrayList<>(competitors);
    Collections.rotate(order, round);
    Map<String, Measurement> measured = new LinkedHashMap<>();
    for (String competitor : order) {
      measure(competitor, effort).ifPresent(m -> measured.put(competitor, m));
    }
    return measured;
  }

  private Optional<Measurement> measure(String competitor, Effort effort) throws IOException {
    List<String> programArgs = new ArrayList<>();
    programArgs.add(competitor);
    programArgs.addAll(args);
    if (effort.isQuick()) {
      programArgs.add("--quick");
    }
    for (String line : run(main, jvmArgs, programArgs)) {
      Optional<Measurement> measurement = parse(line);
      if (measurement.isPresent()) {
        return measurement;
      }
    }
    if (competitor.equals(REVEILLE)) {
      throw new IOException(main.getSimpleName() + " says nothing on " + programArgs);
    }
    return Optional.empty();
  }

  static Optional<Measurement> parse(String line) {
    Matcher result = RESULT.matcher(line);
    return result.matches()
        ? Optional.of(
            new Measurement(
                Double.parseDouble(result.group(1)), Double.parseDouble(result.group(2))))
        : Optional.empty();
  }

  /**
   * Runs a program in a JVM of this JDK, with our class path.
   *
   * @return what it printed on standard output
   * @throws IOException if it fails
   */
  static List<String> run(Class<?> main, List<String> jvmArgs, List<String> args)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    command.addAll(jvmArgs);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(args);
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      List<String> lines = out.lines().toList();
      int status = process.waitFor();
      if (status != 0) {
        throw new IOException("exit status %d of %s".formatted(status, command));
      }
      return lines;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted in " + main.getSimpleName(), e);
    } finally {
      process.destroy();
    }
  }
}
