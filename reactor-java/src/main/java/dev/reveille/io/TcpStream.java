package dev.reveille.io;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;

/**
 * A connection. One task reads and one writes at a time; they may be the same.
 *
 * <p>Readiness is told apart from reading: wait with {@link #pollReadable}, then {@link #tryRead}
 * into a buffer of your own. So an idle connection holds no buffer, and nothing is in flight that
 * would have to be cancelled.
 *
 * <pre>{@code
 * while (stream.pollReadable(cx).isReady()) {
 *   if (stream.tryRead(buffer) < 0) {
 *     return Poll.ready(); // the peer has sent its last byte
 *   }
 *   checksum.update(buffer.flip()); // perhaps of nothing: ready is a hint
 *   buffer.clear();
 * }
 * return Poll.pending();
 * }</pre>
 *
 * <p><b>Threading.</b> Addresses and {@link #isOpen} may be asked for by any thread, the rest is
 * for the loop; {@link #close} also from any thread while nobody drives the dispatcher.
 *
 * <p><b>Ends told apart.</b> {@code tryRead} answers -1 when the peer has closed its direction in
 * order, and throws {@link IOException} when the connection was reset.
 */
public interface TcpStream extends ByteStream {

  /**
   * Sets an option of the socket, such as {@link java.net.StandardSocketOptions#TCP_NODELAY}.
   *
   * @param <T> the type of the value
   * @param option the option
   * @param value the value
   * @throws UnsupportedOperationException if the socket does not know the option
   * @throws IOException what the system says
   */
  <T> void setOption(SocketOption<T> option, T value) throws IOException;

  /**
   * The address of this side.
   *
   * @return the address
   */
  SocketAddress localAddress();

  /**
   * The address of the peer.
   *
   * @return the address
   */
  SocketAddress remoteAddress();
}
