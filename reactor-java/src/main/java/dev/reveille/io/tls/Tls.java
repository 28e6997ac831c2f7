package dev.reveille.io.tls;

import static java.util.Objects.requireNonNull;

import dev.reveille.Pollable;
import dev.reveille.io.ByteStream;

/**
 * Makes TLS connections of plain ones.
 *
 * <p>A client that connects, makes sure whom it is speaking to, and says the first word:
 *
 * <pre>{@code
 * static Pollable<TlsStream> greet(
 *     Network network, InetSocketAddress address, TlsOptions options, ByteBuffer greeting) {
 *   String host = address.getHostString(); // the name that the certificate has to be for
 *   return Pollables.then(
 *       network.connect(address),
 *       tcp ->
 *           Pollables.then(
 *               Tls.client(tcp, options, host, address.getPort()),
 *               tls -> Pollables.map(tls.write(greeting), written -> tls)));
 * }
 * }</pre>
 *
 * <p><b>Handshake first.</b> The stream is there when the handshake is over. So nobody can use one
 * whose peer is not yet known, a time-out and a failure come to the one who can act on them, and
 * nothing waits for the handshake but this operation. One limit is in TLS 1.3 itself: a client is
 * done before the server has looked at the client's certificate, so a refusal of that comes with
 * the client's first read.
 *
 * <p><b>Both operations</b> are ready with the stream once the handshake is over and its last bytes
 * are in the system's hands. They are pending until then; the transport wakes, an executor that
 * runs tasks, and the timer. They throw {@link javax.net.ssl.SSLException} if the two sides do not
 * agree, do not trust each other, or one of them does not speak TLS; {@link TlsTruncatedException}
 * if the peer ends the connection in between; {@link java.net.SocketTimeoutException} when the time
 * is over; {@link java.util.concurrent.RejectedExecutionException} if the executor refuses a task;
 * and any {@link java.io.IOException} of the transport. The plain connection belongs to the
 * operation from the call on: it is closed if the handshake fails, after the peer was told why by
 * an alert, and by {@code cancel()}, which tells nothing.
 *
 * <p><b>Threading.</b> The methods may be called by any thread; the operation is polled on the loop
 * of the plain connection.
 */
public final class Tls {
  private static final int MAX_PORT = 65_535;

  private Tls() {}

  /**
   * Makes the client's side of a TLS connection: see the comment of the class.
   *
   * @param transport an established connection that nobody else uses; mostly a {@code TcpStream}
   * @param options how to speak
   * @param host the server's name, or its address, as the user knows it: sent to the server (SNI),
   *     and compared with its certificate
   * @param port the server's port: sessions are resumed for the same host and port
   * @return a new one-shot operation
   * @throws IllegalArgumentException if the host is no name, the port no port, or if the options
   *     have a protocol or cipher suite that the context does not know
   */
  public static Pollable<TlsStream> client(
      ByteStream transport, TlsOptions options, String host, int port) {
    requireNonNull(transport, "transport");
    if (host.isEmpty()) {
      throw new IllegalArgumentException("no host: the certificate could be anybody's");
    }
    if (port < 0 || port > MAX_PORT) {
      throw new IllegalArgumentException("not a port: " + port);
    }
    return new HandshakeOperation(
        "TLS handshake with " + host, transport, options.newClientEngine(host, port), options);
  }

  /**
   * Makes the server's side of a TLS connection: see the comment of the class.
   *
   * @param transport an established connection that nobody else uses; mostly a {@code TcpStream}
   * @param options how to speak; the context has a key and a certificate
   * @return a new one-shot operation
   * @throws IllegalArgumentException if the options have a protocol or cipher suite that the
   *     context does not know
   */
  public static Pollable<TlsStream> server(ByteStream transport, TlsOptions options) {
    requireNonNull(transport, "transport");
    return new HandshakeOperation(
        "TLS handshake with a client", transport, options.newServerEngine(), options);
  }
}
