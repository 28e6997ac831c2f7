package dev.reveille.io.hostile;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.DispatcherOptions;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Task;
import dev.reveille.Timer;
import dev.reveille.io.SelectorDispatcher;
import dev.reveille.io.TcpListener;
import dev.reveille.io.TcpStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;

/** A server whose descriptors run out: see {@link DescriptorsRunOutTest}. */
final class PoorServer {
  private volatile int accepted;
  private volatile int refused;
  private volatile int polls;
  private volatile int uncaught;
  private final SelectorDispatcher loop =
      new SelectorDispatcher(
          DispatcherOptions.defaults().withUncaughtHandler((d, name, t) -> uncaught++));
  private final Timer pause = new Timer(loop);

  public static void main(String[] args) throws IOException {
    if (args.length > 0) {
      // The JDK's logging opens files when it logs for the first time: tzdb.dat, classes.
      System.getLogger("poor server").log(System.Logger.Level.WARNING, args[0], new IOException());
    }
    new PoorServer().serve();
  }

  private void serve() throws IOException {
    TcpListener listener = loop.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    loop.spawn("acceptor", acceptor(listener));
    Thread driver = new Thread(loop::run, "driver");
    driver.setDaemon(true);
    driver.start();
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, US_ASCII));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      System.out.println(
          line.equals("port")
              ? ((InetSocketAddress) listener.localAddress()).getPort()
              : accepted + " " + refused + " " + polls + " " + uncaught);
    }
  }

  /** Should a failure get here, it goes on after a pause; the listener has one of its own. */
  private Pollable<Object> acceptor(TcpListener listener) {
    return cx -> {
      polls++;
      for (; ; ) {
        if (pause.isPending() && pause.poll(cx).isPending()) {
          return Poll.pending();
        }
        try {
          Poll<TcpStream> stream = listener.pollAccept(cx);
          if (stream.isPending()) {
            return Poll.pending();
          }
          accepted++;
          loop.post(new Session(stream.value()));
        } catch (IOException e) {
          refused++;
          pause.reset(Duration.ofMillis(20));
        }
      }
    };
  }

  /** Sends back what comes. */
  private static final class Session extends Task {
    private final TcpStream stream;
    private final ByteBuffer one = ByteBuffer.allocate(1);

    Session(TcpStream stream) {
      super("session");
      this.stream = stream;
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      try {
        while (stream.pollReadable(cx).isReady()) {
          if (stream.tryRead(one.clear()) < 0) {
            return Poll.ready();
          }
          stream.tryWrite(one.flip());
        }
        return Poll.pending();
      } catch (IOException e) { // a peer of the test leaves by RST
        return Poll.ready();
      }
    }

    @Override
    protected void cleanup() {
      stream.close();
    }
  }
}
