package dev.reveille.samples.compat.okhttp;

import dev.reveille.contract.Rig;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.Dispatcher;
import okhttp3.EventListener;
import okhttp3.OkHttpClient;
import okhttp3.Request;

/**
 * A server that answers with the path that was asked for, at once or (below {@code /held/}) when it
 * is told to; and a client that counts the connections which its calls take and give back.
 */
final class Web implements AutoCloseable {
  private final CountDownLatch release = new CountDownLatch(1);
  private final CountDownLatch held = new CountDownLatch(1);
  private final ConcurrentLinkedQueue<Throwable> uncaught = new ConcurrentLinkedQueue<>();
  private final AtomicInteger taken = new AtomicInteger();
  private final AtomicInteger givenBack = new AtomicInteger();
  private final MockWebServer server = new MockWebServer();
  private final ExecutorService threads;
  final OkHttpClient client;

  Web() throws IOException {
    server.setServerSocketFactory(new PromptSockets());
    server.setDispatcher(
        new mockwebserver3.Dispatcher() {
          @Override
          public MockResponse dispatch(RecordedRequest request) throws InterruptedException {
            String path = request.getUrl().encodedPath();
            if (path.startsWith("/held/")) {
              held.countDown();
              Rig.await(release);
            }
            return new MockResponse.Builder().body(path).build();
          }
        });
    server.start(InetAddress.getLoopbackAddress(), 0);
    threads =
        Executors.newCachedThreadPool(
            work -> {
              Thread thread = new Thread(work, "calls");
              thread.setUncaughtExceptionHandler((t, failure) -> uncaught.add(failure));
              return thread;
            });
    client =
        new OkHttpClient.Builder()
            .dispatcher(new Dispatcher(threads))
            .eventListener(
                new EventListener() {
                  @Override
                  public void connectionAcquired(Call call, Connection connection) {
                    taken.incrementAndGet();
                  }

                  @Override
                  public void connectionReleased(Call call, Connection connection) {
                    givenBack.incrementAndGet();
                  }
                })
            .build();
  }

  Call call(String path) {
    return client.newCall(new Request.Builder().url(server.url(path)).build());
  }

  /** Waits until a call below {@code /held/} is at the server. */
  void awaitHeld() throws InterruptedException {
    Rig.await(held);
  }

  /** Lets the server answer what it held back. */
  void release() {
    release.countDown();
  }

  /** No call is left that holds a connection. */
  boolean isAtRest() {
    return client.dispatcher().runningCallsCount() == 0
        && client.dispatcher().queuedCallsCount() == 0
        && taken.get() == givenBack.get();
  }

  int connectionsTaken() {
    return taken.get();
  }

  /** What was thrown through the threads of the calls. */
  List<Throwable> uncaught() {
    return List.copyOf(uncaught);
  }

  /** Fails if a response was not closed. */
  @Override
  public void close() throws InterruptedException {
    release();
    Rig.awaitState(
        "each connection was given back: " + taken + " taken, " + givenBack + " given back",
        this::isAtRest);
    threads.shutdown();
    if (!threads.awaitTermination(Rig.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AssertionError("a thread of the client did not end");
    }
    client.connectionPool().evictAll();
    server.close();
  }
}
