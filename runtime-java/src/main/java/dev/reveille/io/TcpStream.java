package dev.reveille.io;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;

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
public interface TcpStream extends AutoCloseable {

  /**
   * Waits until reading makes sense; may be called again and again. Ready when bytes, the end of
   * the stream or an error are likely to be there; pending otherwise, and the reactor wakes. It can
   * be ready for nothing: {@code tryRead} then reads 0 bytes. Spends budget.
   *
   * @param cx the context of the poll
   * @return ready or pending
   * @throws java.nio.channels.ClosedChannelException if this side was closed
   * @throws IOException a failure of the reactor
   */
  Poll<Complete> pollReadable(Context cx) throws IOException;

  /**
   * Reads what is there. Never waits.
   *
   * @param buffer where the bytes go; it belongs to the caller
   * @return how many bytes were read; 0 if none are there or the buffer has no room; -1 at the end
   *     of the stream
   * @throws java.nio.channels.ClosedChannelException if this side was closed
   * @throws IOException if the connection was reset or has failed
   */
  int tryRead(ByteBuffer buffer) throws IOException;

  /**
   * Waits until writing makes sense; may be called again and again. Ready when the system's buffer
   * is likely to have room; pending otherwise, and the reactor wakes. Spends budget.
   *
   * @param cx the context of the poll
   * @return ready or pending
   * @throws java.nio.channels.ClosedChannelException if this side was closed
   * @throws IOException a failure of the reactor
   */
  Poll<Complete> pollWritable(Context cx) throws IOException;

  /**
   * Writes what there is room for. Never waits.
   *
   * @param buffer the bytes; it belongs to the caller
   * @return how many bytes were written, perhaps 0
   * @throws java.nio.channels.ClosedChannelException if this side, or its output, was closed
   * @throws IOException if the connection was reset or has failed
   */
  int tryWrite(ByteBuffer buffer) throws IOException;

  /**
   * Writes what there is room for from several buffers, in order. Never waits.
   *
   * @param buffers the bytes; they belong to the caller
   * @param offset the first buffer to write
   * @param length how many buffers to write
   * @return how many bytes were written, perhaps 0
   * @throws java.nio.channels.ClosedChannelException if this side, or its output, was closed
   * @throws IOException if the connection was reset or has failed
   */
  long tryWrite(ByteBuffer[] buffers, int offset, int length) throws IOException;

  /**
   * Reads at least one byte: a one-shot operation. Ready with the number of bytes, or -1 at the end
   * of the stream; pending until then, and the reactor wakes; throws as {@link #tryRead}. {@code
   * cancel()} leaves what has arrived to the next read.
   *
   * @param buffer where the bytes go; it has to have room
   * @return a new operation
   * @throws IllegalArgumentException if the buffer has no room
   */
  default Pollable<Integer> read(ByteBuffer buffer) {
    return new ReadOperation(this, buffer);
  }

  /**
   * Writes a buffer to its end: a one-shot operation. Ready when all bytes are in the system's
   * hands; pending until then, and the reactor wakes; throws as {@link #tryWrite}. After {@code
   * cancel()} the position of the buffer tells what was written.
   *
   * @param buffer the bytes; not to be changed before the end
   * @return a new operation
   */
  default Pollable<Complete> write(ByteBuffer buffer) {
    return new WriteOperation(this, buffer);
  }

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
   * Closes the direction to the peer, who reads the end of the stream after what was written.
   * Reading goes on. Idempotent.
   *
   * @throws java.nio.channels.ClosedChannelException if the stream was closed
   * @throws IOException what the system says
   */
  void shutdownOutput() throws IOException;

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

  /**
   * Whether this side was not closed.
   *
   * @return false after {@link #close}
   */
  boolean isOpen();

  /**
   * Closes both directions and wakes the tasks that wait, whose polls then throw {@link
   * java.nio.channels.ClosedChannelException}. Idempotent.
   *
   * @throws IllegalStateException if another thread drives the dispatcher
   */
  @Override
  void close();
}
