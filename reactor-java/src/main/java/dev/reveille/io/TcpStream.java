package dev.reveille.io;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import org.jspecify.annotations.Nullable;

/**
 * A connection, over TCP or over a stream socket of the Unix domain. One task reads and one writes
 * at a time; they may be the same.
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
 * <p><b>Threading.</b> Addresses, options and {@link #isOpen} may be asked for by any thread, the
 * rest is for the loop, or for any thread while nobody drives the dispatcher, whose role is taken
 * for the call. From another thread while somebody drives: {@link IllegalStateException}, naming
 * the stream and both threads.
 *
 * <p><b>Ends told apart.</b> {@code tryRead} answers -1 when the peer has closed its direction in
 * order, after all that it sent. It throws {@link ConnectionResetException} when the connection was
 * reset; so does a write, also to a peer who has closed both directions; reader and writer are both
 * told. It throws {@link java.nio.channels.ClosedChannelException} when this side was closed, and
 * another {@link IOException} when the connection failed without the peer, as by a time-out of
 * TCP's own. When one task closes the stream while another waits for it, the other is woken, and
 * its poll throws {@code ClosedChannelException}.
 */
public interface TcpStream extends ByteStream {

  /**
   * Sets an option of the socket, such as {@link java.net.StandardSocketOptions#SO_KEEPALIVE}.
   * {@code TCP_NODELAY} is on unless the options of {@link Network#listen(SocketAddress,
   * ListenOptions) listen} or {@link Network#connect(SocketAddress, ConnectOptions) connect} say
   * otherwise.
   *
   * @param <T> the type of the value
   * @param option the option
   * @param value the value
   * @throws UnsupportedOperationException if the socket does not know the option
   * @throws IOException what the system says
   */
  <T> void setOption(SocketOption<T> option, T value) throws IOException;

  /**
   * The value of an option of the socket.
   *
   * @param <T> the type of the value
   * @param option the option
   * @return the value; null for some options that were never set
   * @throws UnsupportedOperationException if the socket does not know the option
   * @throws java.nio.channels.ClosedChannelException if this side was closed
   * @throws IOException what the system says
   */
  <T> @Nullable T getOption(SocketOption<T> option) throws IOException;

  /**
   * Closes the direction from the peer on this side only: reads find the end of the stream from now
   * on, and a task that waits for bytes is woken to find it. The peer is not told. What it sends is
   * taken and forgotten, by TCP until the buffers of this side are full (Linux) or at once (other
   * systems); over the Unix domain its writes fail. Idempotent.
   *
   * @throws java.nio.channels.ClosedChannelException if this side was closed
   * @throws IllegalStateException if another thread drives the dispatcher
   * @throws IOException what the system says
   */
  default void shutdownInput() throws IOException {
    throw new UnsupportedOperationException(
        this + " reads for its own protocol too; stop reading, or close it");
  }

  /**
   * The address of this side.
   *
   * @return the address, with its port; of a Unix-domain socket that was not bound, the empty path
   */
  SocketAddress localAddress();

  /**
   * The address of the peer.
   *
   * @return the address, with its port; of a Unix-domain socket that was not bound, the empty path
   */
  SocketAddress remoteAddress();
}
