package dev.reveille.samples.compat.jdkhttp;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The JDK's server and its client. {@code /echo} answers with the body that was sent, {@code
 * /bytes/n} with so many bytes, {@code /broken} ends in the middle of its body, {@code /endless}
 * never does, and {@code /held} answers when it is told to.
 */
final class Site implements AutoCloseable {
  private static final byte[] CHUNK = new byte[16 * 1024];

  private final ExecutorService serving = Executors.newCachedThreadPool();

  /** Refuses in silence: before JDK 21 a client can not be told that the test is over. */
  private final ExecutorService threads =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          1,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          new ThreadPoolExecutor.DiscardPolicy());

  private final CountDownLatch release = new CountDownLatch(1);
  private final CountDownLatch held = new CountDownLatch(1);
  private final AtomicInteger brokenOff = new AtomicInteger();
  private final HttpServer server;
  final HttpClient client = HttpClient.newBuilder().executor(threads).build();

  Site() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(serving);
    server.createContext(
        "/echo", exchange -> answer(exchange, exchange.getRequestBody().readAllBytes()));
    server.createContext("/bytes/", Site::bytes);
    server.createContext("/broken", Site::breakOff);
    server.createContext("/endless", this::endless);
    server.createContext("/held", this::hold);
    server.start();
  }

  private static void answer(HttpExchange exchange, byte[] body) throws IOException {
    try (exchange) {
      exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  /** Byte i is i, as far as it fits. */
  private static void bytes(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    byte[] body = new byte[Integer.parseInt(path.substring(path.lastIndexOf('/') + 1))];
    for (int i = 0; i < body.length; i++) {
      body[i] = (byte) i;
    }
    answer(exchange, body);
  }

  private static void breakOff(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 1_000);
    exchange.getResponseBody().write(new byte[10]);
    exchange.getResponseBody().flush();
    throw new IOException("broken off, as the test wants it"); // closes the connection
  }

  private void endless(HttpExchange exchange) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream body = exchange.getResponseBody()) {
      for (; ; ) {
        body.write(CHUNK);
      }
    } finally {
      brokenOff.incrementAndGet();
    }
  }

  private void hold(HttpExchange exchange) throws IOException {
    held.countDown();
    try {
      Rig.await(release);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    answer(exchange, new byte[] {'h', 'e', 'l', 'd'});
  }

  HttpRequest get(String path) {
    return request(path).build();
  }

  HttpRequest.Builder request(String path) {
    InetSocketAddress address = server.getAddress();
    return HttpRequest.newBuilder(
        URI.create(
            "http://" + address.getAddress().getHostAddress() + ":" + address.getPort() + path));
  }

  /** Waits until a request of {@code /held} is at the server. */
  void awaitHeld() throws InterruptedException {
    Rig.await(held);
  }

  void release() {
    release.countDown();
  }

  /** How many endless answers came to an end, because nobody wanted more. */
  int brokenOff() {
    return brokenOff.get();
  }

  @Override
  public void close() throws Exception {
    release();
    if ((Object) client instanceof AutoCloseable closeable) { // from JDK 21 on
      closeable.close();
    }
    server.stop(0);
    for (ExecutorService each : new ExecutorService[] {serving, threads}) {
      each.shutdown();
      if (!each.awaitTermination(Rig.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("a thread of client or server did not end");
      }
    }
  }
}
