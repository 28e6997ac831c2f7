package dev.reveille.io.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.DispatcherOptions;
import dev.reveille.Poll;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Task;
import dev.reveille.contract.Rig;
import dev.reveille.io.SelectorDispatcher;
import dev.reveille.io.TcpListener;
import dev.reveille.io.TcpStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A dispatcher is closed while a hundred conversations are at some point of theirs: every session
 * is cleaned up once, every peer hears of it, and nothing is kept.
 */
final class ClosedAtARandomMomentTest extends HostileFixture {
  private static final int CONVERSATIONS = 100;

  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger cleanedUp = new AtomicInteger();

  /** How many bytes are echoed before the dispatcher is closed. */
  private long moment;

  private long echoed;
  private final List<Throwable> failures = new CopyOnWriteArrayList<>();
  private final CountDownLatch hasCome = new CountDownLatch(1);

  private final class Echo extends Task {
    private final TcpStream stream;
    private final ByteBuffer buffer = ByteBuffer.allocate(256);

    Echo(TcpStream stream) {
      super("echo");
      this.stream = stream;
    }

    @Override
    protected void init() throws IOException {
      begun.incrementAndGet();
      stream.setOption(StandardSocketOptions.TCP_NODELAY, true); // it answers in pieces
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) throws IOException {
      for (; ; ) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          if (stream.pollWritable(cx).isPending()) {
            buffer.compact();
            return Poll.pending();
          }
          echoed += stream.tryWrite(buffer);
          if (echoed >= moment) {
            hasCome.countDown();
          }
        }
        buffer.clear();
        if (stream.pollReadable(cx).isPending()) {
          return Poll.pending();
        }
        if (stream.tryRead(buffer) < 0) {
          return Poll.ready();
        }
      }
    }

    @Override
    protected void cleanup() {
      cleanedUp.incrementAndGet();
      stream.close();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void everySessionIsCleanedUpAndEveryPeerHearsOfIt(long seed) throws Exception {
    Random random = new Random(seed);
    moment = random.nextInt(400_000);
    SelectorDispatcher mortal =
        closing(
            new SelectorDispatcher(
                DispatcherOptions.defaults()
                    .withName("mortal")
                    .withUncaughtHandler((d, task, failure) -> failures.add(failure))));
    TcpListener listener = mortal.listen(anyPort());
    mortal.spawn(
        "acceptor",
        cx -> {
          for (Poll<TcpStream> s = listener.pollAccept(cx);
              s.isReady();
              s = listener.pollAccept(cx)) {
            mortal.dispatch(new Echo(s.value())); // its first poll is now: it will be cleaned up
          }
          return Poll.pending();
        });
    var driving = rig.drive(mortal, RunnableDispatcher::run);
    List<FutureTask<Integer>> clients = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      long clientSeed = random.nextLong();
      clients.add(rig.start("clients " + t, () -> talk(listener, clientSeed)));
    }
    Rig.await(hasCome);

    mortal.close();

    driving.awaitOutcome();
    for (FutureTask<Integer> each : clients) {
      assertThat(Rig.await(each)).isEqualTo(CONVERSATIONS / 4);
    }
    assertThat(cleanedUp.get()).isEqualTo(begun.get());
    assertThat(listener.isOpen()).isFalse();
    // What a session was told by a peer that gave up first: failures of the connection only.
    assertThat(failures).allMatch(IOException.class::isInstance);
  }

  /** Keeps its conversations going until each of them was ended by the other side. */
  private static int talk(TcpListener listener, long seed) throws IOException {
    Random random = new Random(seed);
    List<Peer> peers = new ArrayList<>();
    int ended = 0;
    try {
      for (int i = 0; i < CONVERSATIONS / 4; i++) {
        try {
          Peer peer = Peer.connect(listener.localAddress());
          peers.add(peer);
          ask(peer, 1); // and the backlog has room for the next
        } catch (ConnectException e) { // too late: that is an end, too
          ended++;
        } catch (IOException e) { // told again in the next conversation
          continue;
        }
      }
      while (!peers.isEmpty()) {
        Peer peer = peers.get(random.nextInt(peers.size()));
        try {
          ask(peer, 1 + random.nextInt(1000));
        } catch (IOException e) { // the end, or a reset
          peer.close();
          peers.remove(peer);
          ended++;
        }
      }
      return ended;
    } finally {
      for (Peer each : peers) {
        each.close();
      }
    }
  }

  private static void ask(Peer peer, int length) throws IOException {
    try {
      peer.send(new byte[length]);
      peer.receive(length);
    } catch (SocketTimeoutException e) {
      throw new AssertionError("a peer that nobody tells of the end", e);
    }
  }
}
