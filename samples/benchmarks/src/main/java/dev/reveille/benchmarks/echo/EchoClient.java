package dev.reveille.benchmarks.echo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The client, the same for all servers. Its standard input says what to do, a line each:
 *
 * <ul>
 *   <li>{@code open NAME PORT PID CONNECTIONS DEPTH}
 *   <li>{@code run NAME WARM-UP-MILLIS MIN-BATCHES MILLIS}: says {@code begin} where the measured
 *       interval begins, and at its end what it has seen
 *   <li>{@code close NAME}: says how long batches took, in all runs
 * </ul>
 */
public final class EchoClient {
  private final Map<String, EchoLoad> loads = new HashMap<>();

  private EchoClient() {}

  /**
   * Obeys standard input until it ends.
   *
   * @param args none
   * @throws IOException if a server can not be reached, or echoes something else
   */
  public static void main(String[] args) throws IOException {
    EchoClient client = new EchoClient();
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      client.obey(List.of(line.split(" ")));
    }
  }

  private void obey(List<String> words) throws IOException {
    String name = words.get(1);
    switch (words.get(0)) {
      case "open" -> loads.put(name, open(words));
      case "run" ->
          load(name).run(number(words, 2), (int) number(words, 3), number(words, 4), System.out);
      case "close" -> {
        load(name).close(System.out);
        loads.remove(name);
      }
      default -> throw new IllegalArgumentException(words.get(0));
    }
  }

  private static EchoLoad open(List<String> words) throws IOException {
    EchoCase echoCase = new EchoCase((int) number(words, 4), (int) number(words, 5));
    return new EchoLoad((int) number(words, 2), number(words, 3), echoCase);
  }

  private EchoLoad load(String name) {
    EchoLoad load = loads.get(name);
    if (load == null) {
      throw new IllegalArgumentException(name + " is not open");
    }
    return load;
  }

  private static long number(List<String> words, int index) {
    return Long.parseLong(words.get(index));
  }
}
