package dev.reveille.io;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Where bytes go to: a connection, a pipe, the input of a child process. One task writes at a time.
 *
 * <p>A task that has more to say than the system takes at once writes what there is room for, and
 * waits for more:
 *
 * <pre>{@code
 * while (answer.hasRemaining()) {
 *   if (sink.pollWritable(cx).isPending()) {
 *     return Poll.pending(); // woken when there is room
 *   }
 *   sink.tryWrite(answer);
 * }
 * return sink.pollFlush(cx); // a wrapper, such as TLS, may still hold some of it
 * }</pre>
 *
 * <p><b>Threading.</b> On the loop of the dispatcher that it belongs to; {@link #isOpen} also
 * elsewhere, and {@link #close} from any thread while nobody drives the dispatcher.
 */
public interface ByteSink extends AutoCloseable {

  /**
   * Waits until writing makes sense; may be called again and again. Ready when there is likely to
   * be room, or an error; pending otherwise, and who makes room wakes. Spends budget.
   *
   * @param cx the context of the poll
   * @return ready or pending
   * @throws java.nio.channels.ClosedChannelException if this side was closed
   * @throws IOException a failure of the sink
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
  default long tryWrite(ByteBuffer[] buffers, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, buffers.length);
    long sum = 0;
    for (int i = offset; i < offset + length; i++) {
      sum += tryWrite(buffers[i]);
      if (buffers[i].hasRemaining()) {
        break;
      }
    }
    return sum;
  }

  /**
   * Waits until everything that was written, and the end if the output was shut down, is in the
   * system's hands; may be called again and again. Ready then; pending as long as a wrapper holds
   * some of it, and who makes room wakes. A sink that keeps nothing of its own is always ready.
   *
   * @param cx the context of the poll
   * @return ready or pending
   * @throws java.nio.channels.ClosedChannelException if this side was closed
   * @throws IOException if the connection was reset or has failed
   */
  default Poll<Complete> pollFlush(Context cx) throws IOException {
    return Poll.ready();
  }

  /**
   * Writes a buffer to its end: a one-shot operation. Ready when all bytes are in the system's
   * hands; pending until then, and who makes room wakes; throws as {@link #tryWrite}. After {@code
   * cancel()} the position of the buffer tells what was written.
   *
   * @param buffer the bytes; not to be changed before the end
   * @return a new operation
   */
  default Pollable<Complete> write(ByteBuffer buffer) {
    return new WriteOperation(this, buffer);
  }

  /**
   * Closes the direction to the peer, who reads the end of the stream after what was written.
   * Idempotent. Where {@link #pollFlush} matters, it matters here too.
   *
   * @throws java.nio.channels.ClosedChannelException if this side was closed
   * @throws IOException what the system says
   */
  void shutdownOutput() throws IOException;

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
