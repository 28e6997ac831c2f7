package dev.reveille.benchmarks;

import dev.reveille.benchmarks.echo.EchoComparison;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A case of {@code echo}: {@link EchoComparison} has its own processes and takes turns in slices.
 *
 * @param connections how many there are
 * @param depth requests on a connection that are sent at once
 * @param target what is to be reached
 */
record EchoRounds(int connections, int depth, Target target) implements Case {
  private static final Pattern VALUE = Pattern.compile("(\\S+)=(?:(\\S+):)?([0-9.]+)");

  @Override
  public String name() {
    return (depth == 1 ? "pingpong-" : "pipeline" + depth + "-") + connections;
  }

  @Override
  public Map<String, Measurement> round(Effort effort, int round) throws IOException {
    List<String> args = new ArrayList<>();
    if (effort.isQuick()) {
      args.add("--quick");
    }
    args.addAll(
        List.of(
            "--rounds",
            "1",
            "--connections",
            "" + connections,
            "--depths",
            Integer.toString(depth)));
    String prefix = "echo." + name() + " ";
    for (String line : ProcessCase.run(EchoComparison.class, List.of(), args)) {
      if (line.startsWith(prefix)) {
        return parse(line.substring(prefix.length()));
      }
    }
    throw new IOException("EchoComparison says nothing on " + name());
  }

  /** Of the peers it names the best only; which one that is may differ from round to round. */
  static Map<String, Measurement> parse(String line) {
    Map<String, Measurement> measured = new LinkedHashMap<>();
    double bytes = Double.NaN;
    for (Matcher value = VALUE.matcher(line); value.find(); ) {
      double number = Double.parseDouble(value.group(3));
      switch (value.group(1)) {
        case REVEILLE, FLOOR -> measured.put(value.group(1), new Measurement(number, Double.NaN));
        case "best-peer" -> measured.put(value.group(2), new Measurement(number, Double.NaN));
        case "bytes" -> bytes = number;
        default -> {} // the ratios follow from these
      }
    }
    double allocated = bytes;
    measured.computeIfPresent(REVEILLE, (name, ours) -> new Measurement(ours.time(), allocated));
    return measured;
  }
}
