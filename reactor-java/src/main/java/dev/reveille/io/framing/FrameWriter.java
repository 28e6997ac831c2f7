package dev.reveille.io.framing;

import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.io.ByteSink;
import dev.reveille.io.buffer.BufferPool;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Writes frames to a sink: the other side of a {@link FrameReader}. One task writes at a time.
 *
 * <p>Small frames are collected in the writer's buffer, so that many of them cost one system call.
 * A frame that does not fit is written from where it is, together with its prefix or delimiter and
 * what was collected, and is not copied. When the sink takes no more, writing waits: that is back
 * pressure.
 *
 * <pre>{@code
 * Poll<Complete> answer(Context cx) throws IOException {
 *   while (!answers.isEmpty()) {
 *     if (writer.pollWrite(cx, answers.element()).isPending()) {
 *       return Poll.pending(); // the next poll goes on with the same one
 *     }
 *     answers.remove();
 *   }
 *   return writer.pollFlush(cx); // now all of them leave
 * }
 * }</pre>
 *
 * <p>A writer on a pool holds a buffer from the first frame until all is flushed; or, while buffers
 * are {@linkplain BufferPool#isScarce scarce} and the sink takes nothing, copies what is left, so
 * that peers who do not read do not hold them all.
 *
 * <p>What a reader with the same framing would not read as one frame is refused: a line with a line
 * end in it, a delimiter in what it is to delimit, a length that does not fit into its prefix. So
 * what is written cannot be made to end a frame by those who supplied it.
 *
 * <p><b>Threading.</b> On the loop only.
 */
public final class FrameWriter implements AutoCloseable {
  /**
   * A write from the heap goes through a direct buffer of the same size that the JDK keeps for the
   * thread: so not more than this at once.
   */
  private static final int HEAP_WRITE = 65_536;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final ByteSink sink;
  private final FrameOutput output;

  /** What is written in one go: what was collected, the payload, what ends it. */
  private final ByteBuffer[] parts = {NOTHING, NOTHING, NOTHING};

  private Framing framing;
  private ByteBuffer trailer;

  /** The frame that is written from where it is. */
  private @Nullable ByteBuffer current;

  /** How many of the collected bytes are its header. */
  private int currentHeader;

  /** Half a frame was abandoned: what comes after it would be taken for its rest. */
  private boolean broken;

  private boolean closed;

  /**
   * Creates a writer with a buffer of the caller's.
   *
   * @param sink where the bytes go; it stays the caller's, to be closed by it
   * @param buffer where small frames are collected, of any kind, at least 16 bytes; what it
   *     contains is ignored. It must not be touched before this writer is closed
   * @param framing what a frame is
   * @throws IllegalArgumentException if the buffer is too small or read-only
   */
  public FrameWriter(ByteSink sink, ByteBuffer buffer, Framing framing) {
    this(sink, new FrameOutput(sink, buffer), framing);
  }

  /**
   * Creates a writer that borrows its buffer: from the first frame on until all is flushed.
   *
   * @param sink where the bytes go; it stays the caller's, to be closed by it
   * @param pool where the buffer comes from, of the same loop
   * @param framing what a frame is
   * @throws IllegalArgumentException if the pool's buffers have less than 16 bytes
   */
  public FrameWriter(ByteSink sink, BufferPool pool, Framing framing) {
    this(sink, new FrameOutput(sink, pool), framing);
  }

  private FrameWriter(ByteSink sink, FrameOutput output, Framing framing) {
    this.sink = requireNonNull(sink, "sink");
    this.output = output;
    this.framing = requireNonNull(framing, "framing");
    this.trailer = framing.trailer();
  }

  /**
   * Changes the framing of the frames to come.
   *
   * @param next what the next frame is
   * @throws IllegalStateException if a frame is written just now
   */
  public void use(Framing next) {
    if (current != null) {
      throw new IllegalStateException("a frame is written just now: poll until it is ready");
    }
    framing = requireNonNull(next, "next");
    trailer = next.trailer();
  }

  /**
   * Writes one frame; may be called again and again. Ready when the writer has all of it, in its
   * buffer or in the system's hands, and the payload is the caller's again, with nothing remaining.
   * Pending until then: it is to be called again with the same payload, unchanged, and the sink
   * wakes, or the pool. Spends budget for each frame. After it, {@link #pollFlush}.
   *
   * @param cx the context of the poll
   * @param payload the frame without prefix or delimiter; not read-only views of the same frame
   *     made anew, but the same buffer each time
   * @return ready or pending
   * @throws IllegalArgumentException if it is longer than the limit, or would not be read as one
   *     frame; nothing of it was written
   * @throws IllegalStateException if another frame is written just now, half a frame was abandoned
   *     before, or after {@link #close}
   * @throws java.nio.channels.ClosedChannelException if this side of the sink was closed
   * @throws IOException if the sink failed
   * @throws dev.reveille.sync.ClosedException if the pool was closed
   */
  @SuppressWarnings("ReferenceEquality") // is it the same buffer?
  public Poll<Complete> pollWrite(Context cx, ByteBuffer payload) throws IOException {
    checkOpen();
    if (current == null) {
      framing.check(payload);
      if (!cx.tryProceed() || begin(cx, payload).isPending()) {
        return Poll.pending();
      }
      if (current == null) {
        return Poll.ready(); // it was collected
      }
    } else if (current != payload) {
      throw new IllegalStateException("another frame is written just now: poll with that one");
    }
    parts[1] = payload;
    parts[2] = trailer;
    while (output.hasCollected() || payload.hasRemaining() || trailer.hasRemaining()) {
      if (sink.pollWritable(cx).isPending()) {
        output.rest();
        return Poll.pending();
      }
      parts[0] = output.collected();
      int limit = payload.limit();
      boolean cut = !payload.isDirect() && payload.remaining() > HEAP_WRITE;
      if (cut) {
        payload.limit(payload.position() + HEAP_WRITE);
      }
      try {
        sink.tryWrite(parts, 0, cut ? 2 : 3); // what ends the frame comes with the last of it
      } finally {
        payload.limit(limit);
        output.written();
      }
    }
    done();
    return Poll.ready();
  }

  private void done() {
    current = null;
    parts[0] = NOTHING; // nor is the caller's payload kept alive
    parts[1] = NOTHING;
    trailer.rewind();
  }

  /**
   * Collects a frame that fits; else collects what comes before its payload, and makes it current.
   */
  private Poll<Complete> begin(Context cx, ByteBuffer payload) throws IOException {
    int length = payload.remaining();
    int header = framing.headerLength(length);
    long all = (long) header + length + trailer.remaining();
    boolean small = all <= output.capacity();
    if (output.pollRoom(cx, small ? (int) all : header).isPending()) {
      return Poll.pending();
    }
    ByteBuffer out = output.buffer();
    out.clear().position(output.filled());
    framing.putHeader(out, length);
    if (small) {
      out.put(payload).put(trailer);
      trailer.rewind();
    } else {
      current = payload;
      currentHeader = header;
    }
    output.filledTo(out.position());
    return Poll.ready();
  }

  /**
   * Sends what was collected; may be called again and again. Ready when everything is in the
   * system's hands, and a borrowed buffer was given back; pending until then, and the sink wakes.
   *
   * @param cx the context of the poll
   * @return ready or pending
   * @throws IllegalStateException if a frame is written just now, half a frame was abandoned
   *     before, or after {@link #close}
   * @throws java.nio.channels.ClosedChannelException if this side of the sink was closed
   * @throws IOException if the sink failed
   */
  public Poll<Complete> pollFlush(Context cx) throws IOException {
    checkOpen();
    if (current != null) {
      throw new IllegalStateException("a frame is written just now: poll until it is ready");
    }
    if (output.pollDrained(cx).isPending()) {
      return Poll.pending();
    }
    output.rest();
    return sink.pollFlush(cx);
  }

  /**
   * Writes one frame and flushes: a one-shot operation. Ready when all of it is in the system's
   * hands; pending until then, and the sink or the pool wakes; throws as {@link #pollWrite} and
   * {@link #pollFlush}.
   *
   * <p>{@code cancel()} takes the frame back if nothing of it was sent, and leaves it to the next
   * flush if the writer has all of it. If a part was sent, there is no way back: further calls
   * throw {@link IllegalStateException}, and the sink is to be closed.
   *
   * @param payload the frame without prefix or delimiter; not to be changed before the end
   * @return a new operation
   */
  public Pollable<Complete> write(ByteBuffer payload) {
    return new WriteFrameOperation(this, requireNonNull(payload, "payload"));
  }

  /** The payload is given up. */
  @SuppressWarnings("ReferenceEquality") // is it the same buffer?
  void abandon(ByteBuffer payload, int remaining) {
    if (closed) {
      return;
    }
    if (current == payload) {
      done();
      broken = payload.remaining() != remaining || !output.takeBack(currentHeader);
    }
    output.rest();
  }

  /**
   * Gives the buffer back to its owner, and drops what was not flushed. The sink stays open.
   * Idempotent.
   */
  @Override
  public void close() {
    closed = true;
    current = null;
    output.release();
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("this writer of " + framing + " was closed");
    }
    if (broken) {
      throw new IllegalStateException(
          "a frame was abandoned after a part of it was sent; close the sink");
    }
  }

  @Override
  public String toString() {
    return "FrameWriter[" + framing + (broken ? ", broken" : "") + (closed ? ", closed]" : "]");
  }
}
