package dev.reveille.samples.compat.nio2;

import dev.reveille.contract.Rig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.AsynchronousChannelGroup;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.AsynchronousSocketChannel;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * The channels of one test, in a group of their own: at the end no channel and no thread is left.
 */
final class Sockets implements AutoCloseable {
  private final ConcurrentLinkedQueue<Throwable> uncaught = new ConcurrentLinkedQueue<>();
  private final AsynchronousChannelGroup group;

  Sockets() throws IOException {
    // Two threads: with one, a handler that waits for another one would wait for itself.
    group =
        AsynchronousChannelGroup.withFixedThreadPool(
            2,
            work -> {
              Thread thread = new Thread(work, "handlers");
              thread.setDaemon(true);
              thread.setUncaughtExceptionHandler((t, failure) -> uncaught.add(failure));
              return thread;
            });
  }

  AsynchronousServerSocketChannel listening() throws IOException {
    return AsynchronousServerSocketChannel.open(group)
        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 128);
  }

  AsynchronousSocketChannel open() throws IOException {
    return AsynchronousSocketChannel.open(group);
  }

  /** Two ends of one connection. */
  Pair pair() throws IOException, InterruptedException, ExecutionException {
    try (AsynchronousServerSocketChannel server = listening()) {
      AsynchronousSocketChannel near = open();
      var connected = near.connect(server.getLocalAddress());
      AsynchronousSocketChannel far = server.accept().get();
      connected.get();
      return new Pair(near, far);
    }
  }

  record Pair(AsynchronousSocketChannel near, AsynchronousSocketChannel far) {}

  /** What killed a thread of the group. */
  List<Throwable> uncaught() {
    return List.copyOf(uncaught);
  }

  @Override
  public void close() throws IOException, InterruptedException {
    group.shutdownNow();
    if (!group.awaitTermination(Rig.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new AssertionError("the group of channels did not end");
    }
  }
}
