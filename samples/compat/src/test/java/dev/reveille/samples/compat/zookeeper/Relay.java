package dev.reveille.samples.compat.zookeeper;

import dev.reveille.contract.Rig;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

/**
 * What lies between a client and its server: passes the bytes of one connection on until the
 * answers are held back, and goes away when it is cut, with what it holds. So the moment at which a
 * server is lost is that of the test.
 */
final class Relay implements AutoCloseable {
  private final ServerSocket listener;
  private final int target;
  private final CountDownLatch asked = new CountDownLatch(1);
  private volatile boolean holding;
  private volatile Socket client = new Socket();
  private volatile Socket server = new Socket();

  Relay(Rig rig, int target) throws IOException {
    listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    this.target = target;
    rig.start("relay", untilClosed(() -> relay(rig)));
  }

  int port() {
    return listener.getLocalPort();
  }

  private void relay(Rig rig) throws IOException {
    client = listener.accept();
    listener.close(); // who comes back finds nobody
    server = new Socket(InetAddress.getLoopbackAddress(), target);
    rig.start("answers", untilClosed(() -> copy(server, client, true)));
    copy(client, server, false);
  }

  private void copy(Socket from, Socket to, boolean answers) throws IOException {
    InputStream in = from.getInputStream();
    OutputStream out = to.getOutputStream();
    byte[] bytes = new byte[4096];
    for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
      if (holding && answers) {
        asked.countDown(); // an answer is there: the request was carried out
      } else {
        out.write(bytes, 0, n);
      }
    }
  }

  /** From now on no answer reaches the client. */
  void holdAnswers() {
    holding = true;
  }

  /** Waits until an answer was held back. */
  void awaitHeldAnswer() throws InterruptedException {
    Rig.await(asked);
  }

  void cut() throws IOException {
    listener.close();
    client.close();
    server.close();
  }

  @Override
  public void close() throws IOException {
    cut();
  }

  private interface Body {
    void run() throws IOException;
  }

  /** A socket that is closed under a read is how each of these threads ends. */
  private static Callable<String> untilClosed(Body body) {
    return () -> {
      try {
        body.run();
        return "end of the stream";
      } catch (IOException e) {
        return "cut: " + e.getMessage();
      }
    };
  }
}
