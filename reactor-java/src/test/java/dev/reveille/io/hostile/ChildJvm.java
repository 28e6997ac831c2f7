package dev.reveille.io.hostile;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import dev.reveille.io.SelectorDispatcher;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A process of our own with descriptors of its own. Its main class answers each line on its
 * standard input with one on its standard output, and ends with its input.
 */
final class ChildJvm implements AutoCloseable {
  private final Process process;
  private final PrintStream to;
  private final BufferedReader from;

  /**
   * Starts it.
   *
   * @param descriptors how many it may have; 0 for as many as this process may
   */
  ChildJvm(int descriptors, Class<?> main, Object... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    if (descriptors > 0) {
      command.addAll(List.of("sh", "-c", "ulimit -n " + descriptors + "; exec \"$@\"", "sh"));
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-ea"));
    command.addAll(List.of("-cp", classPath(), main.getName()));
    for (Object each : arguments) {
      command.add(String.valueOf(each));
    }
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    to = new PrintStream(process.getOutputStream(), true, US_ASCII);
    from = new BufferedReader(new InputStreamReader(process.getInputStream(), US_ASCII));
  }

  /** Where the classes come from, whoever has started this JVM with what. */
  private static String classPath() {
    return Stream.of(ChildJvm.class, Rig.class, RunnableDispatcher.class, SelectorDispatcher.class)
        .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
        .map(location -> Path.of(URI.create(location.toString())).toString())
        .distinct()
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Says a line, and waits for the answer. */
  String tell(String line) throws IOException {
    to.println(line);
    return String.valueOf(from.readLine());
  }

  @Override
  public void close() throws Exception {
    to.close();
    boolean ended = process.waitFor(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    if (!ended) {
      process.destroyForcibly().waitFor();
    }
    from.close();
    process.getErrorStream().close();
    if (!ended || process.exitValue() != 0) {
      throw new AssertionError("the child did not end with its input: " + process);
    }
  }
}
