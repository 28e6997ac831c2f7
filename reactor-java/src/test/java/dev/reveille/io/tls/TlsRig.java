package dev.reveille.io.tls;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import dev.reveille.io.ByteStream;
import java.nio.ByteBuffer;
import java.util.function.IntSupplier;

/** Two ends of a TLS connection in memory, on one loop and mock time. */
final class TlsRig implements AutoCloseable {
  static final TlsOptions CLIENT = TlsOptions.of(TestKeys.clientContext());
  static final TlsOptions SERVER = TlsOptions.of(TestKeys.serverContext());

  final Rig rig = new Rig(BasicDispatcher::new);
  final RunnableDispatcher loop = rig.dispatcher();
  final MemoryStream clientEnd;
  final MemoryStream serverEnd;

  TlsRig() {
    this(1 << 17, () -> Integer.MAX_VALUE);
  }

  TlsRig(int capacity, IntSupplier chunk) {
    MemoryStream[] ends = MemoryStream.pair(capacity, chunk);
    clientEnd = ends[0];
    serverEnd = ends[1];
  }

  Pollable<TlsStream> client(TlsOptions options) {
    return client(options, "server.test");
  }

  Pollable<TlsStream> client(TlsOptions options, String host) {
    return Tls.client(clientEnd, options, host, 443);
  }

  Pollable<TlsStream> server(TlsOptions options) {
    return Tls.server(serverEnd, options);
  }

  /** A value, or the exception that came in its place. */
  static Pollable<Object> settled(Pollable<?> pollable) {
    return new Pollable<>() {
      @Override
      public Poll<Object> poll(dev.reveille.Context cx) {
        try {
          return pollable.poll(cx).map(value -> (Object) value);
        } catch (Exception e) {
          return Poll.ready(e);
        }
      }

      @Override
      public void cancel() {
        pollable.cancel();
      }
    };
  }

  /** What became of the two: streams or exceptions, the client's first. */
  Object[] shake(Pollable<TlsStream> client, Pollable<TlsStream> server) throws Exception {
    JoinHandle<Object> c = loop.spawn("client", settled(client));
    JoinHandle<Object> s = loop.spawn("server", settled(server));
    return new Object[] {loop.runUntil(c.join()).value(), loop.runUntil(s.join()).value()};
  }

  TlsStream[] connect(TlsOptions client, TlsOptions server) throws Exception {
    Object[] ends = shake(client(client), server(server));
    for (Object end : ends) {
      if (end instanceof Exception e) {
        throw e;
      }
    }
    return new TlsStream[] {(TlsStream) ends[0], (TlsStream) ends[1]};
  }

  /** In one version of TLS. */
  TlsStream[] connect(String protocol) throws Exception {
    return connect(CLIENT.withProtocols(protocol), SERVER.withProtocols(protocol));
  }

  <T> T run(Pollable<T> pollable) throws Exception {
    return loop.runUntil(pollable).value();
  }

  /** On the loop. */
  void on(Action action) throws Exception {
    loop.runUntil(
        cx -> {
          action.run();
          return Poll.ready();
        });
  }

  @FunctionalInterface
  interface Action {
    void run() throws Exception;
  }

  /** Reads to the end of the stream. */
  static Pollable<byte[]> readAll(ByteStream stream) {
    return readAll(stream, 8192);
  }

  static Pollable<byte[]> readAll(ByteStream stream, int bufferSize) {
    java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(bufferSize);
    return cx -> {
      while (stream.pollReadable(cx).isReady()) {
        int n = stream.tryRead(buffer.clear());
        if (n < 0) {
          return Poll.ready(all.toByteArray());
        }
        all.write(buffer.array(), 0, n);
      }
      return Poll.pending();
    };
  }

  /** Reads that many bytes. */
  static Pollable<byte[]> read(ByteStream stream, int count) {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    return cx -> {
      while (buffer.hasRemaining()) {
        if (stream.pollReadable(cx).isPending()) {
          return Poll.pending();
        }
        if (stream.tryRead(buffer) < 0) {
          throw new java.io.EOFException("after " + buffer.position());
        }
      }
      return Poll.ready(buffer.array());
    };
  }

  /** Says that this was all, and waits until it is on its way. */
  static Pollable<Complete> finish(ByteStream stream) {
    boolean[] shut = {false};
    return cx -> {
      if (!shut[0]) {
        shut[0] = true;
        stream.shutdownOutput();
      }
      return stream.pollFlush(cx);
    };
  }

  static byte[] noise(int seed, int length) {
    byte[] bytes = new byte[length];
    new java.util.Random(seed).nextBytes(bytes);
    return bytes;
  }

  @Override
  public void close() throws Exception {
    rig.close();
  }
}
