package dev.reveille.io.tls;

import javax.net.ssl.SSLException;

/**
 * The bytes of a {@link TlsStream} have ended without the peer's {@code close_notify}: the
 * connection was cut, by the peer or by somebody in between, and what was read so far may be a part
 * of what was sent. It is not the end of the stream, which is told as -1.
 *
 * <p>Peers that close the connection without a word are not rare. Whoever knows from the protocol
 * above, by a length say, that everything was read, may take it for the end:
 *
 * <pre>{@code
 * static Pollable<String> readToTheEnd(TlsStream stream, ByteBuffer body) {
 *   return cx -> {
 *     try {
 *       while (stream.pollReadable(cx).isReady()) {
 *         if (stream.tryRead(body) < 0) {
 *           return Poll.ready("complete");
 *         }
 *       }
 *       return Poll.pending();
 *     } catch (TlsTruncatedException cut) {
 *       return Poll.ready("only the first " + body.position() + " bytes"); // and not: the end
 *     }
 *   };
 * }
 * }</pre>
 */
public final class TlsTruncatedException extends SSLException {
  private static final long serialVersionUID = 1;

  TlsTruncatedException(String message) {
    super(message);
  }
}
