package dev.reveille.io.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.TaskSnapshot;
import dev.reveille.combine.Pollables;
import dev.reveille.combine.Timeout;
import dev.reveille.contract.Rig;
import dev.reveille.io.SelectorDispatcher;
import dev.reveille.io.TcpListener;
import dev.reveille.io.TcpStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** A reactor, peers who are not its friends, and accounts that have to balance after each test. */
@ExtendWith(NothingLeaks.class)
abstract class HostileFixture {
  Rig rig;

  /** On the system's clock, driven by the thread of the test unless the test says otherwise. */
  SelectorDispatcher loop;

  private final Deque<AutoCloseable> toClose = new ArrayDeque<>();

  @BeforeEach
  final void open() {
    rig = new Rig(SelectorDispatcher::new);
    loop = (SelectorDispatcher) rig.onSystemClock();
  }

  @AfterEach
  final void close() throws Exception {
    while (!toClose.isEmpty()) {
      toClose.pop().close();
    }
    rig.close();
  }

  final <T extends AutoCloseable> T closing(T resource) {
    toClose.push(resource);
    return resource;
  }

  static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  // ------------------------------------------------------------------ connections

  /** A connection: our end on the loop, theirs in the hands of the test. */
  record Connection(TcpStream ours, Peer theirs) {}

  /** A listening socket in the hands of the test. */
  final ServerSocket server(int backlog) throws IOException {
    ServerSocket server = closing(new ServerSocket());
    server.setReceiveBufferSize(4096); // of what it accepts: a peer that does not read is soon full
    server.setSoTimeout((int) Rig.PATIENCE.toMillis());
    server.bind(anyPort(), backlog);
    return server;
  }

  /** Connects to a server that accepts nobody, until no SYN is answered any more. */
  final void fillBacklog(ServerSocket server) throws IOException {
    for (int i = 0; i < 10; i++) {
      Socket socket = closing(new Socket());
      socket.setSoLinger(true, 0);
      try {
        socket.connect(server.getLocalSocketAddress(), 50);
      } catch (SocketTimeoutException e) {
        return;
      }
    }
    throw new AssertionError("the system takes more connections than the backlog says");
  }

  final Connection connected() throws Exception {
    ServerSocket server = server(1);
    TcpStream ours = await(loop.connect(server.getLocalSocketAddress())).value();
    Peer theirs = closing(new Peer(server.accept()));
    server.close();
    return new Connection(ours, theirs);
  }

  final Peer peer(SocketAddress address) throws IOException {
    return closing(Peer.connect(address));
  }

  // ------------------------------------------------------------------ on the loop

  /** Runs until a pollable is ready, but not for ever: a run is not ended by JUnit's interrupt. */
  final <T> Poll<T> await(Pollable<T> pollable) throws Exception {
    return loop.runUntil(Timeout.after(Rig.PATIENCE, pollable));
  }

  /** Calls something on the loop, in a task of its own. */
  final <T> T onLoop(Callable<T> action) throws Exception {
    return await(cx -> Poll.ready(action.call())).value();
  }

  /** Runs until a state is there that the tasks of the loop bring about. */
  final void runUntil(String what, BooleanSupplier state) {
    runUntil(loop, what, state);
  }

  /** Looks again and again, without sleep: a state has no waker. */
  static void runUntil(SelectorDispatcher loop, String what, BooleanSupplier state) {
    long start = System.nanoTime();
    while (!state.getAsBoolean()) {
      if (System.nanoTime() - start > Rig.PATIENCE.toNanos()) {
        throw new AssertionError("it did not come to this: " + what + "; " + loop.snapshot());
      }
      loop.runUntilStalled();
      Thread.yield();
    }
  }

  /** Lets the loop come to rest, and says what a task waits for. */
  final String waitReason(String task) {
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    for (TaskSnapshot each : loop.snapshot().tasks()) {
      if (each.name().equals(task)) {
        return String.valueOf(each.waitReason());
      }
    }
    throw new AssertionError("no task '" + task + "': " + loop.snapshot());
  }

  /** Spawns a task that may fail before somebody waits for it. */
  final <T> JoinHandle<T> spawn(String name, Pollable<T> pollable) {
    JoinHandle<T> handle = loop.spawn(name, pollable);
    handle.toCompletableFuture(); // takes the failure
    return handle;
  }

  /** Waits for a task that has to fail. */
  final Throwable failureOf(JoinHandle<?> handle) {
    try {
      Object value = await(handle.join()).value();
      throw new AssertionError(handle.name() + " should have failed, but has: " + value);
    } catch (Exception e) {
      return e;
    }
  }

  /** That it is told as a failure of the connection, and not as something we did. */
  static void assertReset(Throwable failure) {
    assertThat(failure)
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(ClosedChannelException.class);
  }

  /** That the loop and its acceptors still serve who comes now. */
  final void assertServes(TcpListener listener) throws Exception {
    var served =
        loop.spawn(
            "one who comes later",
            Pollables.then(
                listener.accept(),
                stream -> {
                  ByteBuffer one = ByteBuffer.allocate(1);
                  return Pollables.map(
                      stream.read(one),
                      n -> {
                        stream.close();
                        return n;
                      });
                }));
    try (Peer peer = Peer.connect(listener.localAddress())) {
      peer.send((byte) 1);
      assertThat(await(served.join()).value()).isEqualTo(1);
    }
  }
}
