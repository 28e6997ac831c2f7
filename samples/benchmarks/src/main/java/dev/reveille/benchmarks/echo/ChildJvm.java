package dev.reveille.benchmarks.echo;

import dev.reveille.benchmarks.UnsafeWarning;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A process that we talk to in lines. Runs this JVM's JDK with a fixed heap and the collector
 * without threads, and on one CPU where {@code taskset} is installed.
 */
final class ChildJvm implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 120;

  private static final boolean PINS = isInstalled("taskset");

  private final String name;
  private final Process process;
  private final BufferedReader out;
  private final PrintStream in;

  ChildJvm(Class<?> mainClass, String classPath, int cpu) throws IOException {
    name = mainClass.getSimpleName();
    process =
        new ProcessBuilder(command(mainClass, classPath, cpu))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    out = process.inputReader(StandardCharsets.US_ASCII);
    in = new PrintStream(process.getOutputStream(), true, StandardCharsets.US_ASCII);
  }

  private static List<String> command(Class<?> mainClass, String classPath, int cpu) {
    List<String> command = new ArrayList<>();
    if (isPinned()) {
      command.addAll(List.of("taskset", "-c", Integer.toString(cpu)));
    }
    command.addAll(
        List.of(
            System.getProperty("java.home") + "/bin/java",
            "-Xms256m",
            "-Xmx256m",
            "-XX:+UseSerialGC",
            // A thread that ends takes its CPU time with it.
            "-XX:-UseDynamicNumberOfCompilerThreads",
            // One carrier, as all have one loop.
            "-Djdk.virtualThreadScheduler.parallelism=1",
            "-Djdk.virtualThreadScheduler.maxPoolSize=1"));
    UnsafeWarning.off().ifPresent(command::add);
    command.addAll(List.of("-cp", classPath, mainClass.getName()));
    return command;
  }

  /** Whether there are a tool to pin with and two CPUs to pin to. */
  static boolean isPinned() {
    return PINS && Runtime.getRuntime().availableProcessors() > 1;
  }

  private static boolean isInstalled(String tool) {
    try {
      return new ProcessBuilder(tool, "--version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false; // not found
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  long pid() {
    return process.pid();
  }

  void tell(String line) {
    in.println(line);
  }

  /** The next line, as the words after the expected first one. */
  List<String> expect(String first) throws IOException {
    String line = readLine();
    if (line == null) {
      throw new IOException(name + " has ended; we expected '" + first + "'");
    }
    List<String> words = List.of(line.split(" "));
    if (!words.get(0).equals(first)) {
      throw new IOException(name + " said '" + line + "'; we expected '" + first + "'");
    }
    return words.subList(1, words.size());
  }

  private String readLine() throws IOException {
    CompletableFuture<String> line =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return out.readLine();
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    try {
      return line.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException(name + " said nothing", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("while " + name + " was awaited");
    }
  }

  /** Ends it by the end of its input; by force if that does not help. */
  @Override
  public void close() {
    in.close();
    try {
      if (process.waitFor(5, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}
