package dev.reveille.io;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.Task;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.UnresolvedAddressException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sockets of the reactor, against each other and against the JDK's blocking ones. */
class TcpTest {
  private final SelectorDispatcher dispatcher = new SelectorDispatcher();

  @AfterEach
  void close() {
    dispatcher.close();
  }

  private static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  /** Echoes until the peer has sent its last byte, then closes its own direction. */
  private static final class Echo extends Task {
    private final TcpStream stream;
    private final ByteBuffer buffer = ByteBuffer.allocate(1024);

    Echo(TcpStream stream) {
      super("echo");
      this.stream = stream;
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
          stream.tryWrite(buffer);
        }
        buffer.clear();
        if (stream.pollReadable(cx).isPending()) {
          return Poll.pending();
        }
        if (stream.tryRead(buffer) < 0) {
          stream.shutdownOutput();
          return Poll.ready();
        }
      }
    }

    @Override
    protected void cleanup() {
      stream.close();
    }
  }

  private JoinHandle<Object> serveEcho(TcpListener listener) {
    return dispatcher.spawn(
        "acceptor",
        cx -> {
          for (Poll<TcpStream> s = listener.pollAccept(cx);
              s.isReady();
              s = listener.pollAccept(cx)) {
            dispatcher.post(new Echo(s.value()));
          }
          return Poll.pending();
        });
  }

  /** Writes a message, closes the output, reads to the end. */
  private static Pollable<String> talk(TcpStream stream, String message) {
    ByteBuffer out = ByteBuffer.wrap(message.getBytes(US_ASCII));
    ByteBuffer in = ByteBuffer.allocate(message.length() + 1);
    return new Pollable<>() {
      private boolean sent;

      @Override
      public Poll<String> poll(Context cx) throws IOException {
        while (out.hasRemaining()) {
          if (stream.pollWritable(cx).isPending()) {
            return Poll.pending();
          }
          stream.tryWrite(out);
        }
        if (!sent) {
          sent = true;
          stream.shutdownOutput();
        }
        while (stream.pollReadable(cx).isReady()) {
          if (stream.tryRead(in) < 0) {
            stream.close();
            return Poll.ready(new String(in.array(), 0, in.position(), US_ASCII));
          }
        }
        return Poll.pending();
      }
    };
  }

  @Test
  void connectsAcceptsEchoesAndClosesInOrder() throws Exception {
    TcpListener listener = dispatcher.listen(anyPort());
    JoinHandle<Object> acceptor = serveEcho(listener);
    Poll<TcpStream> stream = dispatcher.runUntil(dispatcher.connect(listener.localAddress()));
    stream.value().setOption(StandardSocketOptions.TCP_NODELAY, true);

    Poll<String> echoed = dispatcher.runUntil(talk(stream.value(), "hello, loop"));

    assertThat(echoed.value()).isEqualTo("hello, loop");
    acceptor.cancel();
    listener.close();
    assertThat(dispatcher.runToCompletion()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  void manyConnectionsAtOnceEachGetTheirOwnBytes() throws Exception {
    TcpListener listener = dispatcher.listen(anyPort());
    serveEcho(listener);
    List<JoinHandle<String>> clients = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Pollable<TcpStream> connect = dispatcher.connect(listener.localAddress());
      String message = ("client " + i + " ").repeat(500);
      clients.add(
          dispatcher.spawn(
              "client " + i,
              new Pollable<String>() {
                private @Nullable Pollable<String> talk;

                @Override
                public Poll<String> poll(Context cx) throws Exception {
                  if (talk == null) {
                    Poll<TcpStream> stream = connect.poll(cx);
                    if (stream.isPending()) {
                      return Poll.pending();
                    }
                    talk = talk(stream.value(), message);
                  }
                  return talk.poll(cx);
                }
              }));
    }
    for (int i = 0; i < clients.size(); i++) {
      assertThat(dispatcher.runUntil(clients.get(i).join()).value())
          .isEqualTo(("client " + i + " ").repeat(500));
    }
  }

  @Test
  void aPeerThatReadsNothingHoldsTheWriterBackUntilItReads() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      TcpStream stream =
          dispatcher.runUntil(dispatcher.connect(server.getLocalSocketAddress())).value();
      try (Socket peer = server.accept()) {
        int size = 32 << 20; // more than the system buffers of both sides hold
        JoinHandle<Complete> write = dispatcher.spawn(stream.write(ByteBuffer.allocate(size)));
        assertThat(dispatcher.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
        assertThat(dispatcher.snapshot().tasks().get(0).waitReason()).isEqualTo("room to write");

        CompletableFuture<Long> drained =
            CompletableFuture.supplyAsync(
                () -> {
                  try {
                    return (long) peer.getInputStream().readNBytes(size).length;
                  } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                  }
                });
        assertThat(dispatcher.runUntil(write.join()).value()).isEqualTo(Complete.COMPLETE);
        assertThat(drained.get(30, TimeUnit.SECONDS)).isEqualTo(size);
      }
    }
  }

  @Test
  void anOrderlyEndIsMinusOneAndAResetIsAnException() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 2, InetAddress.getLoopbackAddress())) {
      TcpStream ended =
          dispatcher.runUntil(dispatcher.connect(server.getLocalSocketAddress())).value();
      server.accept().close();
      assertThat(dispatcher.runUntil(ended.read(ByteBuffer.allocate(8))).value()).isEqualTo(-1);

      TcpStream reset =
          dispatcher.runUntil(dispatcher.connect(server.getLocalSocketAddress())).value();
      Socket peer = server.accept();
      peer.setSoLinger(true, 0);
      peer.close();
      assertThatThrownBy(() -> dispatcher.runUntil(reset.read(ByteBuffer.allocate(8))))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void afterAHalfCloseTheOtherDirectionGoesOn() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      TcpStream stream =
          dispatcher.runUntil(dispatcher.connect(server.getLocalSocketAddress())).value();
      try (Socket peer = server.accept()) {
        dispatcher.runUntil(
            cx -> {
              stream.shutdownOutput();
              return Poll.ready();
            });
        assertThat(peer.getInputStream().read()).isEqualTo(-1);
        peer.getOutputStream().write("late".getBytes(US_ASCII));
        ByteBuffer in = ByteBuffer.allocate(8);
        assertThat(dispatcher.runUntil(stream.read(in)).value()).isPositive();
        assertThatThrownBy(() -> dispatcher.runUntil(stream.write(ByteBuffer.allocate(1))))
            .isInstanceOf(ClosedChannelException.class);
      }
    }
  }

  @Test
  void closingFromAnotherTaskFailsTheOneThatWaits() throws Exception {
    TcpListener listener = dispatcher.listen(anyPort());
    TcpStream stream = dispatcher.runUntil(dispatcher.connect(listener.localAddress())).value();
    JoinHandle<Integer> read = dispatcher.spawn("reader", stream.read(ByteBuffer.allocate(8)));
    assertThat(dispatcher.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    assertThat(dispatcher.snapshot().tasks().get(0).waitReason()).isEqualTo("bytes from the peer");

    dispatcher.post(stream::close);

    assertThatThrownBy(() -> dispatcher.runUntil(read.join()))
        .isInstanceOf(ClosedChannelException.class);
    assertThat(stream.isOpen()).isFalse();
  }

  @Test
  void closingTheListenerFailsTheAcceptor() throws Exception {
    TcpListener listener = dispatcher.listen(anyPort());
    JoinHandle<TcpStream> accept = dispatcher.spawn("acceptor", listener.accept());
    dispatcher.runUntilStalled();
    listener.close(); // nobody drives: the role is taken for the call
    assertThatThrownBy(() -> dispatcher.runUntil(accept.join()))
        .isInstanceOf(ClosedChannelException.class);
  }

  @Test
  void aRefusedConnectionAndAnUnresolvedNameAreFailures() throws Exception {
    InetSocketAddress nobody;
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = (InetSocketAddress) server.getLocalSocketAddress();
    }
    assertThatThrownBy(() -> dispatcher.runUntil(dispatcher.connect(nobody)))
        .isInstanceOf(ConnectException.class);
    assertThatThrownBy(
            () ->
                dispatcher.runUntil(
                    dispatcher.connect(InetSocketAddress.createUnresolved("no.such.name", 1))))
        .isInstanceOf(UnresolvedAddressException.class);
  }

  @Test
  void aCancelledConnectClosesItsSocket() throws Exception {
    TcpListener listener = dispatcher.listen(anyPort());
    Pollable<TcpStream> connect = dispatcher.connect(listener.localAddress());
    JoinHandle<TcpStream> handle = dispatcher.spawn("connector", connect);
    handle.cancel();
    assertThat(dispatcher.runToCompletion()).isEqualTo(RunOutcome.IDLE);
    assertThatThrownBy(() -> dispatcher.runUntil(connect))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("was cancelled");
  }

  @Test
  void aConnectionThatNobodyReadsDoesNotSpinTheLoop() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      TcpStream stream =
          dispatcher.runUntil(dispatcher.connect(server.getLocalSocketAddress())).value();
      try (Socket peer = server.accept()) {
        // Wait once, so that the interest in reading is registered; then do not come to read.
        JoinHandle<Integer> read = dispatcher.spawn("reader", stream.read(ByteBuffer.allocate(1)));
        peer.getOutputStream().write(new byte[100]);
        dispatcher.runUntil(read.join());
        dispatcher.runFor(java.time.Duration.ofMillis(50));
        assertThat(dispatcher.lastRunSteps()).isZero();
        // And it is not forgotten: the rest is there when a task comes.
        ByteBuffer rest = ByteBuffer.allocate(100);
        while (rest.position() < 99) {
          dispatcher.runUntil(stream.read(rest));
        }
      }
    }
  }

  @Test
  void readingIntoAFullBufferIsRefusedAtOnce() throws Exception {
    TcpListener listener = dispatcher.listen(anyPort());
    TcpStream stream = dispatcher.runUntil(dispatcher.connect(listener.localAddress())).value();
    assertThatThrownBy(() -> stream.read(ByteBuffer.allocate(0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("without room");
  }

  @Test
  void closingTheDispatcherClosesItsSockets() throws Exception {
    TcpListener listener = dispatcher.listen(anyPort());
    serveEcho(listener);
    TcpStream stream = dispatcher.runUntil(dispatcher.connect(listener.localAddress())).value();
    dispatcher.spawn("reader", stream.read(ByteBuffer.allocate(8)));
    dispatcher.runUntilStalled();
    dispatcher.close();
    assertThat(stream.isOpen()).isFalse();
    assertThat(listener.isOpen()).isFalse();
  }
}
