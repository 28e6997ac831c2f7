package dev.reveille.io;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Where bytes come from: a connection, a pipe, the output of a child process. One task reads at a
 * time.
 *
 * <p>Readiness is told apart from reading: wait with {@link #pollReadable}, then {@link #tryRead}
 * into a buffer of your own. So a source that is idle holds no buffer, and nothing is in flight
 * that would have to be cancelled.
 *
 * <p>A pollable that reads to the end, and adds up what it reads:
 *
 * <pre>{@code
 * static Pollable<Long> sum(ByteSource source, ByteBuffer buffer, CRC32 checksum) {
 *   return cx -> {
 *     while (source.pollReadable(cx).isReady()) {
 *       if (source.tryRead(buffer) < 0) {
 *         return Poll.ready(checksum.getValue()); // the last byte was sent
 *       }
 *       checksum.update(buffer.flip()); // perhaps of nothing: ready is a hint
 *       buffer.clear();
 *     }
 *     return Poll.pending();
 *   };
 * }
 * }</pre>
 *
 * <p><b>Threading.</b> On the loop of the dispatcher that it belongs to; {@link #isOpen} also
 * elsewhere, and {@link #close} from any thread while nobody drives the dispatcher.
 */
public interface ByteSource extends AutoCloseable {

  /**
   * Waits until reading makes sense; may be called again and again. Ready when bytes, the end of
   * the stream or an error are likely to be there; pending otherwise, and who brings them wakes. It
   * can be ready for nothing: {@code tryRead} then reads 0 bytes. Spends budget.
   *
   * @param cx the context of the poll
   * @return ready or pending
   * @throws java.nio.channels.ClosedChannelException if this side was closed
   * @throws IOException a failure of the source
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
   * Reads what is there into several buffers, in order. Never waits.
   *
   * @param buffers where the bytes go; they belong to the caller
   * @param offset the first buffer to fill
   * @param length how many buffers to fill
   * @return how many bytes were read; 0 if none are there or there is no room; -1 at the end of the
   *     stream
   * @throws java.nio.channels.ClosedChannelException if this side was closed
   * @throws IOException if the connection was reset or has failed
   */
  default long tryRead(ByteBuffer[] buffers, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, buffers.length);
    long sum = 0;
    for (int i = offset; i < offset + length; i++) {
      if (!buffers[i].hasRemaining()) {
        continue;
      }
      int n = tryRead(buffers[i]);
      if (n < 0) {
        return sum == 0 ? -1 : sum; // the end is told again
      }
      sum += n;
      if (buffers[i].hasRemaining()) {
        break;
      }
    }
    return sum;
  }

  /**
   * Reads at least one byte: a one-shot operation. Ready with the number of bytes, or -1 at the end
   * of the stream; pending until then, and who brings them wakes; throws as {@link #tryRead}.
   * {@code cancel()} leaves what has arrived to the next read.
   *
   * @param buffer where the bytes go; it has to have room
   * @return a new operation
   * @throws IllegalArgumentException if the buffer has no room
   */
  default Pollable<Integer> read(ByteBuffer buffer) {
    return new ReadOperation(this, buffer);
  }

  /**
   * Whether this side was not closed.
   *
   * @return false after {@link #close}
   */
  boolean isOpen();

  /**
   * Closes it and wakes the tasks that wait, whose polls then throw {@link
   * java.nio.channels.ClosedChannelException}. Idempotent.
   *
   * @throws IllegalStateException if another thread drives the dispatcher
   */
  @Override
  void close();
}
