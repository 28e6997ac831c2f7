package dev.reveille.samples.resp;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.DispatcherSnapshot;
import dev.reveille.samples.resp.demo.Workload;
import dev.reveille.samples.resp.demo.WorkloadOptions;
import dev.reveille.samples.resp.demo.WorkloadReport;
import dev.reveille.samples.resp.journal.FsyncPolicy;
import dev.reveille.samples.resp.protocol.RequestLimits;
import dev.reveille.samples.resp.server.ConnectionLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.params.SetParams;

/** The server over real sockets, driven by Jedis and by peers that do not behave. */
class ServerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path folder;

  private Host host(FsyncPolicy fsync, ConnectionLimits limits) throws Exception {
    return new Host(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), folder, fsync, limits);
  }

  private Host host() throws Exception {
    return host(FsyncPolicy.NO, ConnectionLimits.DEFAULTS);
  }

  private static Jedis client(Host host) {
    return new Jedis(host.address().getHostString(), host.address().getPort());
  }

  private static void awaitLoop(Host host, Predicate<DispatcherSnapshot> state) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!state.test(host.dispatcher().snapshot())) {
      assertThat(System.nanoTime()).as("within %s", PATIENCE).isLessThan(end);
      Thread.yield();
    }
  }

  private static boolean waitsFor(DispatcherSnapshot snapshot, String name, long count) {
    return snapshot.tasks().stream().filter(task -> task.name().startsWith(name)).count() == count;
  }

  @Test
  void aCrowdOfClientsGetsTheRepliesThatTheModelExpects() throws Exception {
    for (FsyncPolicy fsync : FsyncPolicy.values()) {
      Path own = folder.resolve(fsync.toString());
      own.toFile().mkdir();
      try (Host host =
          new Host(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
              own,
              fsync,
              ConnectionLimits.DEFAULTS)) {
        WorkloadReport report =
            new Workload(
                    WorkloadOptions.on(host.address().getHostString(), host.address().getPort())
                        .lasting(Duration.ofSeconds(1)))
                .run(line -> {});
        assertThat(report.mismatches()).isEmpty();
        assertThat(report.isGood()).as("%s", report).isTrue();
      }
    }
  }

  @Test
  void whatWasWrittenIsThereAfterARestart() throws Exception {
    try (Host host = host();
        Jedis jedis = client(host)) {
      jedis.set("string", "value");
      jedis.set("with deadline", "value", SetParams.setParams().ex(1000));
      jedis.set("gone", "value", SetParams.setParams().px(1));
      jedis.rpush("list", "a", "b", "c", "d");
      jedis.lpop("list");
      assertThat(jedis.blpop(1, "list")).containsExactly("list", "b");
      jedis.set("deleted", "value");
      jedis.del("deleted");
      jedis.incrBy("number", 42);
    }
    try (Host host = host();
        Jedis jedis = client(host)) {
      assertThat(jedis.get("string")).isEqualTo("value");
      assertThat(jedis.ttl("with deadline")).isBetween(900L, 1000L);
      assertThat(jedis.get("gone")).isNull();
      assertThat(jedis.lrange("list", 0, -1)).containsExactly("c", "d");
      assertThat(jedis.exists("deleted")).isFalse();
      assertThat(jedis.incr("number")).isEqualTo(43);
      jedis.flushAll();
    }
    try (Host host = host();
        Jedis jedis = client(host)) {
      assertThat(jedis.dbSize()).isZero();
    }
  }

  @Test
  void blockedClientsAreServedInTheOrderOfTheirArrival() throws Exception {
    try (Host host = host();
        Jedis first = client(host);
        Jedis second = client(host);
        Jedis pusher = client(host)) {
      var firstPop = blocking(() -> first.blpop(0, "other", "queue"));
      awaitCommand(pusher, "cmd=blpop");
      var secondPop = blocking(() -> second.brpop(0, "queue"));
      awaitCommand(pusher, "cmd=brpop");

      pusher.rpush("queue", "a", "b");

      assertThat(firstPop.get(20, TimeUnit.SECONDS)).containsExactly("queue", "a");
      assertThat(secondPop.get(20, TimeUnit.SECONDS)).containsExactly("queue", "b");
      assertThat(pusher.exists("queue")).isFalse();
    }
  }

  /** On a thread of its own: the common pool has one on two cores, and both calls block. */
  private static <T> CompletableFuture<T> blocking(Supplier<T> call) {
    return CompletableFuture.supplyAsync(call, task -> new Thread(task).start());
  }

  /** Waits until some client's last command is this one: a blocked client has begun it. */
  private static void awaitCommand(Jedis jedis, String command) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!jedis.clientList().contains(command)) {
      assertThat(System.nanoTime()).as("within %s", PATIENCE).isLessThan(end);
    }
  }

  @Test
  void aBlockedClientGetsANullWhenItsTimeIsOver() throws Exception {
    try (Host host = host();
        Jedis jedis = client(host)) {
      assertThat(jedis.blpop(0.05, "nothing")).isNull();
      jedis.rpush("nothing", "something");
      assertThat(jedis.blpop(0.05, "nothing").getValue()).isEqualTo("something");
    }
  }

  @Test
  void aClientThatHangsUpWhileItWaitsTakesNothing() throws Exception {
    try (Host host = host();
        Jedis pusher = client(host)) {
      pusher.ping();
      try (Socket socket = new Socket(host.address().getAddress(), host.address().getPort())) {
        socket.getOutputStream().write("BLPOP queue 0\r\nPING\r\n".getBytes(US_ASCII));
        awaitLoop(host, s -> waitsFor(s, "client", 2));
      }
      awaitLoop(host, s -> waitsFor(s, "client", 1));
      pusher.rpush("queue", "kept");
      assertThat(pusher.llen("queue")).isEqualTo(1);
    }
  }

  @Test
  void aMalformedFrameIsAnsweredAndTheConnectionClosed() throws Exception {
    try (Host host = host()) {
      assertThat(talk(host, "*1\r\n:1\r\n"))
          .isEqualTo("-ERR Protocol error: expected '$', got ':'\r\n");
      assertThat(talk(host, "*x\r\n"))
          .isEqualTo("-ERR Protocol error: invalid multibulk length\r\n");
      assertThat(talk(host, "PING\r\nQUIT\r\n")).isEqualTo("+PONG\r\n+OK\r\n");
    }
  }

  /** Sends, and reads to the end. */
  private static String talk(Host host, String request) throws IOException {
    try (Socket socket = new Socket(host.address().getAddress(), host.address().getPort())) {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.getOutputStream().write(request.getBytes(US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), US_ASCII);
    }
  }

  @Test
  void moreClientsThanTheLimitAreTurnedAway() throws Exception {
    ConnectionLimits two = new ConnectionLimits(RequestLimits.DEFAULTS, 1024, 4096, 2);
    try (Host host = host(FsyncPolicy.NO, two);
        Jedis first = client(host);
        Jedis second = client(host)) {
      first.ping();
      second.ping();
      assertThat(talk(host, "")).isEqualTo("-ERR max number of clients reached\r\n");
      assertThat(first.ping()).isEqualTo("PONG");
    }
  }

  @Test
  void aClientThatDoesNotReadIsHeldBackAndServedWhenItReads() throws Exception {
    int size = 1 << 20;
    int requests = 200;
    try (Host host = host();
        Jedis jedis = client(host);
        Socket lazy = new Socket(host.address().getAddress(), host.address().getPort())) {
      lazy.setSoTimeout((int) PATIENCE.toMillis());
      jedis.set("big", "x".repeat(size));
      lazy.getOutputStream().write("GET big\r\n".repeat(requests).getBytes(US_ASCII));
      awaitLoop(
          host, s -> s.tasks().stream().anyMatch(t -> "room to write".equals(t.waitReason())));
      assertThat(jedis.ping()).isEqualTo("PONG"); // others are served
      long reply = ("$" + size + "\r\n").length() + size + 2L;
      assertThat(lazy.getInputStream().skip(0)).isZero();
      lazy.getInputStream().skipNBytes(reply * requests);
    }
  }

  @Test
  void aSubscriberThatDoesNotReadIsDisconnected() throws Exception {
    ConnectionLimits small = new ConnectionLimits(RequestLimits.DEFAULTS, 1 << 16, 1 << 20, 100);
    try (Host host = host(FsyncPolicy.NO, small);
        Jedis publisher = client(host);
        Socket lazy = new Socket(host.address().getAddress(), host.address().getPort())) {
      lazy.getOutputStream().write("SUBSCRIBE news\r\n".getBytes(US_ASCII));
      String message = "x".repeat(1 << 16);
      long end = System.nanoTime() + PATIENCE.toNanos();
      long receivers;
      do {
        receivers = publisher.publish("news", message);
        assertThat(System.nanoTime()).isLessThan(end);
      } while (receivers == 0); // the subscription may still be on its way
      while (publisher.publish("news", message) > 0) {
        assertThat(System.nanoTime()).isLessThan(end);
      }
      assertThat(publisher.ping()).isEqualTo("PONG");
    }
  }

  @Test
  void aStoppedServerAnswersWhatItHasAndTakesNothingMore() throws Exception {
    Host host = host(FsyncPolicy.ALWAYS, ConnectionLimits.DEFAULTS);
    Jedis jedis = client(host);
    assertThat(jedis.set("key", "value")).isEqualTo("OK");
    host.close();
    assertThatThrownBy(jedis::ping).isInstanceOf(JedisConnectionException.class);
    assertThat(host.dispatcher().isClosed()).isTrue();
    try (Host again = host();
        Jedis other = client(again)) {
      assertThat(other.mget("key", "none")).isEqualTo(java.util.Arrays.asList("value", null));
      assertThat(List.of(other.ping())).containsExactly("PONG");
    }
    jedis.close();
  }
}
