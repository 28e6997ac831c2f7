package dev.reveille.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.management.ThreadMXBean;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Task;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A request costs no garbage: neither the selector's nor the loop's nor the socket's. */
final class ReactorAllocationTest {
  private static final int SIZE = 64;
  private static final int WARM_UP = 30_000;
  private static final int REQUESTS = 20_000;

  /** For the whole of a run, whatever the number of its requests. */
  private static final long CONSTANT = 16_384;

  private final SelectorDispatcher loop = new SelectorDispatcher();

  @AfterEach
  void close() {
    loop.close();
  }

  /** Sends 64 bytes and waits for them to come back; or sends back what comes. */
  private static final class Player extends Task {
    private final TcpStream stream;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(SIZE * 2);
    private final boolean serves;
    private boolean sending;
    int left;

    Player(String name, TcpStream stream, boolean serves) {
      super(name);
      this.stream = stream;
      this.serves = serves;
    }

    @Override
    protected void init() {
      sending = !serves;
      buffer.clear();
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) throws IOException {
      while (left > 0) {
        if (sending) {
          buffer.clear().limit(SIZE);
          stream.tryWrite(buffer);
          buffer.clear();
          sending = false;
          if (serves && --left == 0) {
            break;
          }
        }
        if (stream.pollReadable(cx).isPending()) {
          return Poll.pending();
        }
        stream.tryRead(buffer);
        if (buffer.position() == SIZE) {
          sending = true;
          if (!serves) {
            left--;
          }
        }
      }
      return Poll.ready();
    }
  }

  private void play(Player client, Player server, int requests) throws Exception {
    client.left = requests;
    server.left = requests;
    JoinHandle<Complete> served = loop.spawn(server);
    JoinHandle<Complete> played = loop.spawn(client);
    loop.runUntil(played.join());
    loop.runUntil(served.join());
  }

  @Test
  void aRequestOf64BytesAllocatesNothing() throws Exception {
    assumeThat(ManagementFactory.getThreadMXBean()).isInstanceOf(ThreadMXBean.class);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    assumeThat(threads.isThreadAllocatedMemorySupported()).isTrue();
    Ends ends = Ends.tcp(loop);
    Player client = new Player("client", ends.client, false);
    Player server = new Player("server", ends.server, true);
    play(client, server, WARM_UP);
    long id = Thread.currentThread().getId();
    threads.getThreadAllocatedBytes(id);

    long before = threads.getThreadAllocatedBytes(id);
    play(client, server, REQUESTS);
    long bytes = threads.getThreadAllocatedBytes(id) - before;

    assertThat(bytes).isLessThan(CONSTANT); // less than a byte a request
  }
}
