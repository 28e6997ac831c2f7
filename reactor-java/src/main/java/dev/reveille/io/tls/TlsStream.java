package dev.reveille.io.tls;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.Poll;
import dev.reveille.io.TcpStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.security.cert.Certificate;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose bytes are encrypted, made by {@link Tls}. It takes the place of a {@link
 * TcpStream}: whoever reads and writes one can read and write the other.
 *
 * <p>A server's side that reads a request, answers, and says that this was all:
 *
 * <pre>{@code
 * static Pollable<Complete> serve(TlsStream stream, ByteBuffer request, ByteBuffer answer) {
 *   return Pollables.then(
 *       stream.read(request),
 *       n ->
 *           Pollables.then(
 *               stream.write(answer),
 *               written -> {
 *                 stream.shutdownOutput();
 *                 return stream::pollFlush; // ready when the close_notify is on its way
 *               }));
 * }
 * }</pre>
 *
 * <p><b>The end.</b> {@link #shutdownOutput} sends {@code close_notify}: with TLS 1.3 this side
 * goes on reading, with TLS 1.2 the peer answers with its own, and drops what it has not sent yet.
 * {@code tryRead} answers -1 after the peer's {@code close_notify} only; a connection that ends
 * without it was cut, and throws {@link TlsTruncatedException}. {@link #close} sends {@code
 * close_notify} if the system takes it at once, and drops what it does not take: call {@code
 * shutdownOutput}, and wait with {@code pollFlush}, before. Called elsewhere than on the loop it
 * sends nothing. The transport is closed with the stream, and not before: {@code shutdownOutput}
 * leaves it open both ways.
 *
 * <p><b>Failures.</b> A record that was tampered with, an alert of the peer, or a wish to
 * renegotiate are an {@link SSLException}, which says what it was; the peer is told by an alert,
 * the transport is closed, and from then on reading and writing throw that exception, after what
 * was decrypted before is read. {@link TlsTruncatedException} is told to the reader only, and a
 * failure to write to the writer only: what the peer has sent can still be read.
 *
 * <p><b>Reading answers for the engine.</b> With TLS 1.3 a peer may ask for new keys. Such records
 * are taken, and answered, when this side reads; while the peer does not take the answers no more
 * is read. A {@code tryRead} decrypts 32 records at most, or four of those that carry no data, so a
 * flood of tiny ones spends budget like anything else.
 *
 * <p><b>Memory.</b> An idle connection holds no buffer: those of all streams of a dispatcher are
 * shared, and a stream has one only while a part of a record, or bytes that nobody has read or the
 * system has not taken, are in it: 33 KB for each direction, and as much again for a record that is
 * larger than the buffer that it is read to. What remains is the JDK's engine, with its session
 * about 12 KB.
 *
 * <p><b>Threading.</b> As {@link TcpStream}. {@link #session}, {@link #applicationProtocol} and
 * {@link #peerCertificates} may be asked for by any thread.
 */
public final class TlsStream implements TcpStream {
  private final TlsLink link;
  private final TlsReader reader;
  private final TlsWriter writer;

  TlsStream(TlsRecords records, Dispatcher dispatcher) {
    link = new TlsLink(records, dispatcher);
    reader = new TlsReader(link);
    writer = new TlsWriter(link);
  }

  // ------------------------------------------------------------------ bytes

  @Override
  public Poll<Complete> pollReadable(Context cx) throws IOException {
    return reader.pollReadable(cx);
  }

  /**
   * Reads what is there. Never waits.
   *
   * @throws TlsTruncatedException if the connection has ended without the peer's {@code
   *     close_notify}
   * @throws SSLException if the connection has failed, or the peer has sent an alert
   * @throws IllegalStateException if called elsewhere than on the loop
   */
  @Override
  public int tryRead(ByteBuffer buffer) throws IOException {
    return reader.tryRead(buffer);
  }

  @Override
  public long tryRead(ByteBuffer[] buffers, int offset, int length) throws IOException {
    return reader.tryRead(buffers, offset, length);
  }

  @Override
  public Poll<Complete> pollWritable(Context cx) throws IOException {
    return writer.pollWritable(cx);
  }

  /**
   * Encrypts and writes what there is room for: up to eight records of 16 KB. Never waits. Of what
   * is written the system may not have taken the last record: see {@link #pollFlush}.
   *
   * @throws SSLException if the connection has failed, or the peer has closed it and speaks TLS 1.2
   * @throws IllegalStateException if called elsewhere than on the loop
   */
  @Override
  public int tryWrite(ByteBuffer buffer) throws IOException {
    return writer.tryWrite(buffer);
  }

  /** {@inheritDoc} Small buffers go into one record. */
  @Override
  public long tryWrite(ByteBuffer[] buffers, int offset, int length) throws IOException {
    return writer.tryWrite(buffers, offset, length);
  }

  @Override
  public Poll<Complete> pollFlush(Context cx) throws IOException {
    return writer.pollFlush(cx);
  }

  // ------------------------------------------------------------------ ends

  /**
   * Sends {@code close_notify} behind what was written: the peer reads the end of the stream. With
   * TLS 1.3 this side goes on reading. Idempotent. Wait with {@link #pollFlush} until it is on its
   * way.
   *
   * @throws IllegalStateException if called elsewhere than on the loop
   */
  @Override
  public void shutdownOutput() throws IOException {
    writer.shutdownOutput();
  }

  /**
   * Reads find the end of the stream from now on, and a task that waits for bytes is woken to find
   * it. The peer is not told; what it sends is not looked at any more, and stays where the system
   * keeps it. The input of the socket below is left open. Idempotent.
   *
   * @throws java.nio.channels.ClosedChannelException if this side was closed
   * @throws IllegalStateException if called elsewhere than on the loop
   */
  @Override
  public void shutdownInput() throws IOException {
    reader.shutdownInput();
  }

  @Override
  public boolean isOpen() {
    return link.isOpen();
  }

  /**
   * Sends {@code close_notify} if the system takes it at once, closes the transport and wakes the
   * tasks that wait, whose polls then throw {@link java.nio.channels.ClosedChannelException}.
   * Elsewhere than on the loop it sends nothing, so that the peer finds the connection cut.
   * Idempotent.
   *
   * @throws IllegalStateException if another thread drives the dispatcher
   */
  @Override
  public void close() {
    link.close();
  }

  // ------------------------------------------------------------------ what was agreed on

  /**
   * The session: protocol, cipher suite, certificates.
   *
   * @return the engine's session
   */
  public SSLSession session() {
    return link.engine.getSession();
  }

  /**
   * The application protocol that was agreed on (ALPN).
   *
   * @return its name, or null if one of the sides did not ask for any
   */
  public @Nullable String applicationProtocol() {
    String protocol = link.engine.getApplicationProtocol();
    return protocol == null || protocol.isEmpty() ? null : protocol;
  }

  /**
   * The certificates of the peer, its own first.
   *
   * @return the chain; empty if the peer has shown none
   */
  public List<Certificate> peerCertificates() {
    try {
      return List.of(link.engine.getSession().getPeerCertificates());
    } catch (SSLPeerUnverifiedException none) {
      return List.of();
    }
  }

  // ------------------------------------------------------------------ the socket below

  /**
   * Sets an option of the socket below.
   *
   * @throws UnsupportedOperationException if the transport is no {@link TcpStream}, or its socket
   *     does not know the option
   */
  @Override
  public <T> void setOption(SocketOption<T> option, T value) throws IOException {
    socket().setOption(option, value);
  }

  /**
   * The value of an option of the socket.
   *
   * @throws UnsupportedOperationException if the transport is no {@link TcpStream}
   */
  @Override
  public <T> @Nullable T getOption(SocketOption<T> option) throws IOException {
    return socket().getOption(option);
  }

  /**
   * The address of this side.
   *
   * @throws UnsupportedOperationException if the transport is no {@link TcpStream}
   */
  @Override
  public SocketAddress localAddress() {
    return socket().localAddress();
  }

  /**
   * The address of the peer.
   *
   * @throws UnsupportedOperationException if the transport is no {@link TcpStream}
   */
  @Override
  public SocketAddress remoteAddress() {
    return socket().remoteAddress();
  }

  private TcpStream socket() {
    if (link.transport instanceof TcpStream tcp) {
      return tcp;
    }
    throw new UnsupportedOperationException("not over a TcpStream, but over " + link.transport);
  }

  /** The bytes of buffers that are held: for tests. */
  int heldBytes() {
    return link.records.heldBytes();
  }

  @Override
  public String toString() {
    return "TlsStream[" + link.engine.getSession().getProtocol() + " over " + link.transport + "]";
  }
}
