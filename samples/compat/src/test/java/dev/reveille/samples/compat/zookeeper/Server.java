package dev.reveille.samples.compat.zookeeper;

import dev.reveille.contract.Rig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.server.embedded.ExitHandler;
import org.apache.zookeeper.server.embedded.ZooKeeperServerEmbedded;

/** An embedded server on loopback, and clients of it. */
final class Server implements AutoCloseable {
  private static final int SESSION_MILLIS = 20_000;
  private final Path directory;
  private final ZooKeeperServerEmbedded server;
  final int port;

  private Server(Path directory, int port, ZooKeeperServerEmbedded server) {
    this.directory = directory;
    this.port = port;
    this.server = server;
  }

  /** ZooKeeper asks for a port by number, so a free one is found first; another if it was taken. */
  static Server start() throws Exception {
    for (int attempt = 1; ; attempt++) {
      try {
        return start(freePort());
      } catch (IOException e) {
        if (attempt == 5) {
          throw e;
        }
      }
    }
  }

  private static Server start(int port) throws Exception {
    Path directory = Files.createTempDirectory("reveille-zookeeper");
    try {
      Properties configuration = new Properties();
      configuration.setProperty("clientPort", Integer.toString(port));
      configuration.setProperty("clientPortAddress", "127.0.0.1");
      configuration.setProperty("admin.enableServer", "false");
      configuration.setProperty("forceSync", "no"); // tests need no durable log
      configuration.setProperty("maxClientCnxns", "0");
      ZooKeeperServerEmbedded server =
          ZooKeeperServerEmbedded.builder()
              .baseDir(directory)
              .configuration(configuration)
              .exitHandler(ExitHandler.LOG_ONLY)
              .build();
      server.start(Rig.PATIENCE.toMillis());
      return new Server(directory, port, server);
    } catch (Exception e) {
      delete(directory);
      throw e;
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** A client with a session of its own. */
  ZooKeeper connect() throws Exception {
    return connect(port);
  }

  /** A client that goes by way of some other port. */
  static ZooKeeper connect(int port) throws Exception {
    CountDownLatch connected = new CountDownLatch(1);
    ZooKeeper client =
        new ZooKeeper(
            "127.0.0.1:" + port,
            SESSION_MILLIS,
            event -> {
              if (event.getState() == KeeperState.SyncConnected) {
                connected.countDown();
              }
            });
    Rig.await(connected);
    return client;
  }

  /** Closes a client and waits for its threads. */
  static void disconnect(ZooKeeper client) throws InterruptedException {
    if (!client.close((int) Rig.PATIENCE.toMillis())) {
      throw new AssertionError("the threads of a client did not end with it");
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    delete(directory);
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }
}
