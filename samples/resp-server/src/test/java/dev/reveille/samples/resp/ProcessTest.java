package dev.reveille.samples.resp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisException;

/** The server as a process of its own: killed, stopped, and driven by Redis' own tools. */
class ProcessTest {
  @TempDir Path folder;

  /** A server in a JVM of its own. */
  private static final class Served implements AutoCloseable {
    final Process process;
    final BufferedReader output;
    final int port;

    Served(Path folder, String fsync) throws IOException {
      process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  Main.class.getName(),
                  "--serve",
                  "--port",
                  "0",
                  "--dir",
                  folder.toString(),
                  "--fsync",
                  fsync)
              .redirectErrorStream(true)
              .start();
      output = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
      String ready = output.readLine();
      assertThat(ready).startsWith("ready on port ");
      port = Integer.parseInt(ready.substring("ready on port ".length()));
    }

    Jedis client() {
      return new Jedis("127.0.0.1", port);
    }

    @Override
    public void close() {
      process.destroyForcibly().onExit().join();
    }
  }

  /** Sets keys until the connection breaks; returns how many sets were confirmed. */
  private static int setUntilItBreaks(Served served, String prefix, CountDownLatch some) {
    int confirmed = 0;
    try (Jedis jedis = served.client()) {
      for (; ; ) {
        jedis.set(prefix + confirmed, "value " + confirmed);
        confirmed++;
        if (confirmed == 50) {
          some.countDown();
        }
      }
    } catch (JedisException broken) {
      return confirmed;
    }
  }

  @Test
  void withFsyncAlwaysNothingThatWasAcknowledgedIsLostWhenTheProcessIsKilled() throws Exception {
    int clients = 4;
    for (int round = 0; round < 3; round++) {
      List<CompletableFuture<Integer>> writers = new ArrayList<>();
      CountDownLatch some = new CountDownLatch(clients);
      try (Served served = new Served(folder, "always")) {
        for (int i = 0; i < clients; i++) {
          String prefix = "round " + round + " client " + i + " key ";
          writers.add(
              CompletableFuture.supplyAsync(
                  () -> setUntilItBreaks(served, prefix, some), task -> new Thread(task).start()));
        }
        assertThat(some.await(30, TimeUnit.SECONDS)).isTrue();
      } // SIGKILL, in the middle of it
      try (Served served = new Served(folder, "always");
          Jedis jedis = served.client()) {
        for (int i = 0; i < clients; i++) {
          int confirmed = writers.get(i).get(20, TimeUnit.SECONDS);
          assertThat(confirmed).isGreaterThanOrEqualTo(50);
          for (int key = 0; key < confirmed; key++) {
            assertThat(jedis.get("round " + round + " client " + i + " key " + key))
                .isEqualTo("value " + key);
          }
        }
      }
    }
  }

  @Test
  void aTerminationSignalDrainsAndFlushes() throws Exception {
    try (Served served = new Served(folder, "no")) {
      try (Jedis jedis = served.client()) {
        for (int i = 0; i < 100; i++) {
          jedis.set("key " + i, "value");
        }
      }
      served.process.toHandle().destroy(); // which leaves its output open
      assertThat(served.process.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(served.output.readLine()).isEqualTo("bye");
    }
    try (Served served = new Served(folder, "no");
        Jedis jedis = served.client()) {
      assertThat(jedis.dbSize()).isEqualTo(100);
    }
  }

  @Test
  void aWrongArgumentIsToldWithTheUsage() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "--sreve")
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).isEqualTo(2);
    assertThat(output).contains("unknown argument --sreve").contains("usage:");
  }

  @Test
  void redisBenchmarkFinishesWithoutAnError() throws Exception {
    Path benchmark = onPath("redis-benchmark");
    if (benchmark == null) {
      System.out.println("skipped: redis-benchmark is not installed");
      return;
    }
    try (Served served = new Served(folder, "everysec")) {
      String[] tests = {"-t", "ping,set,get,incr,lpush,lpop", "-n", "100000", "-P", "16", "-q"};
      List<String> command = new ArrayList<>(List.of(benchmark.toString(), "-p", "" + served.port));
      command.addAll(List.of(tests));
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), UTF_8);
      assertThat(process.waitFor()).as(output).isZero();
      assertThat(output).contains("SET").contains("LPOP").doesNotContainIgnoringCase("error");
    }
  }

  @Test
  void redisCliIsServed() throws Exception {
    Path cli = onPath("redis-cli");
    if (cli == null) {
      System.out.println("skipped: redis-cli is not installed");
      return;
    }
    try (Served served = new Served(folder, "everysec")) {
      assertThat(cli(cli, served, "SET", "key", "a value")).isEqualTo("OK\n");
      assertThat(cli(cli, served, "GET", "key")).isEqualTo("a value\n");
      assertThat(cli(cli, served, "INCR", "key"))
          .isEqualTo("ERR value is not an integer or out of range\n\n");
    }
  }

  private static String cli(Path cli, Served served, String... words) throws IOException {
    List<String> command = new ArrayList<>(List.of(cli.toString(), "-p", "" + served.port));
    command.addAll(List.of(words));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), UTF_8);
  }

  private static @Nullable Path onPath(String program) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1))
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }
}
