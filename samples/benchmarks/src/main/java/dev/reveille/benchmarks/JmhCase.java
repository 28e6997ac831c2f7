package dev.reveille.benchmarks;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * A class of JMH benchmarks: its methods are the competitors, and named after them.
 *
 * @param name of the case
 * @param benchmark the class
 * @param params of JMH, one value each
 * @param target what is to be reached
 */
public record JmhCase(String name, Class<?> benchmark, Map<String, String> params, Target target)
    implements Case {
  /** Refuses a class without benchmarks. */
  public JmhCase {
    params = Map.copyOf(params);
    if (methods(benchmark).isEmpty()) {
      throw new IllegalArgumentException(benchmark + " has no benchmarks");
    }
  }

  /** Without params. */
  public JmhCase(String name, Class<?> benchmark, Target target) {
    this(name, benchmark, Map.of(), target);
  }

  private static List<Method> methods(Class<?> benchmark) {
    return Arrays.stream(benchmark.getMethods())
        .filter(method -> method.isAnnotationPresent(Benchmark.class))
        .toList();
  }

  /** Those that this JDK can run. */
  List<String> competitors() {
    return methods(benchmark).stream()
        .filter(JmhCase::runsHere)
        .map(Method::getName)
        .sorted()
        .toList();
  }

  private static boolean runsHere(Method method) {
    FromRelease from = method.getAnnotation(FromRelease.class);
    return from == null || from.value() <= Runtime.version().feature();
  }

  @Override
  public Map<String, Measurement> round(Effort effort, int round) throws IOException {
    List<String> order = new ArrayList<>(competitors());
    Collections.rotate(order, round);
    Map<String, Measurement> measured = new LinkedHashMap<>();
    for (String competitor : order) {
      Optional<Measurement> measurement = measure(competitor, effort);
      measurement.ifPresent(m -> measured.put(competitor, m));
      if (measurement.isEmpty()) {
        if (competitor.equals(REVEILLE) || competitor.equals(FLOOR)) {
          throw new IOException(benchmark.getSimpleName() + "." + competitor + " has failed");
        }
        System.err.printf("%s.%s has failed%n", benchmark.getSimpleName(), competitor);
      }
    }
    return measured;
  }

  /** A fork. */
  private Optional<Measurement> measure(String competitor, Effort effort) throws IOException {
    TimeValue time = TimeValue.milliseconds(effort.iteration().toMillis());
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("^" + Pattern.quote(benchmark.getName() + "." + competitor) + "$")
            .forks(1)
            .warmupIterations(effort.warmUps())
            .warmupTime(time)
            .measurementIterations(effort.iterations())
            .measurementTime(time)
            .addProfiler(GCProfiler.class)
            .addProfiler(CpuTime.class);
    params.forEach((param, value) -> options.param(param, value));
    UnsafeWarning.off().ifPresent(options::jvmArgsAppend);
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    try {
      Optional<Measurement> measurement =
          new Runner(options.build(), quiet(log))
              .run().stream().findFirst().map(JmhCase::measurement);
      if (measurement.isEmpty()) {
        System.err.println(log.toString(StandardCharsets.UTF_8));
      }
      return measurement;
    } catch (RunnerException e) {
      throw new IOException(benchmark.getName() + "." + competitor + " can not be run", e);
    }
  }

  /** JMH talks a lot; what it said is of interest if a fork fails. */
  private static OutputFormat quiet(ByteArrayOutputStream log) {
    return OutputFormatFactory.createFormatInstance(
        new PrintStream(log, /* autoFlush= */ true, StandardCharsets.UTF_8), VerboseMode.NORMAL);
  }

  private static Measurement measurement(RunResult result) {
    return new Measurement(
        secondary(result, CpuTime.NORM), secondary(result, "gc.alloc.rate.norm"));
  }

  private static double secondary(RunResult result, String label) {
    var secondary = result.getSecondaryResults().get(label);
    if (secondary == null) {
      throw new IllegalStateException("JMH says nothing on " + label);
    }
    return secondary.getScore();
  }
}
