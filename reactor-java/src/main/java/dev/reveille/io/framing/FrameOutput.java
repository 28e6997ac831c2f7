package dev.reveille.io.framing;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.io.ByteSink;
import dev.reveille.io.buffer.BufferLease;
import dev.reveille.io.buffer.BufferPool;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The bytes that were collected and not yet sent, in a buffer of the caller's or of a pool. */
final class FrameOutput {
  /** The longest prefix fits. */
  private static final int SMALLEST = 16;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final ByteSink sink;
  private final @Nullable ByteBuffer own;
  private final @Nullable BufferPool pool;
  private final @Nullable BufferLease lease;
  private final int capacity;

  private @Nullable ByteBuffer buffer;

  /** The buffer is one of the heap, with no room: see {@link #rest}. */
  private boolean copied;

  private int sent;
  private int filled;

  FrameOutput(ByteSink sink, ByteBuffer own) {
    this.sink = sink;
    this.own = own;
    this.pool = null;
    this.lease = null;
    this.capacity = checked(own.capacity());
    if (own.isReadOnly()) {
      throw new IllegalArgumentException("a writer needs a buffer that it can write to: " + own);
    }
  }

  FrameOutput(ByteSink sink, BufferPool pool) {
    this.sink = sink;
    this.own = null;
    this.pool = pool;
    this.lease = pool.lease();
    this.capacity = checked(pool.bufferSize());
  }

  private static int checked(int capacity) {
    if (capacity < SMALLEST) {
      throw new IllegalArgumentException(
          "a writer needs a buffer of at least " + SMALLEST + " bytes, not " + capacity);
    }
    return capacity;
  }

  int capacity() {
    return capacity;
  }

  ByteBuffer buffer() {
    ByteBuffer b = buffer;
    assert b != null : "no room, no buffer";
    return b;
  }

  int filled() {
    return filled;
  }

  void filledTo(int position) {
    filled = position;
  }

  boolean hasCollected() {
    return sent < filled;
  }

  /** Waits for a buffer, and until there is room in it for so many bytes, at most its capacity. */
  Poll<Complete> pollRoom(Context cx, int bytes) throws IOException {
    if ((copied || capacity - filled < bytes) && pollDrained(cx).isPending()) {
      return Poll.pending();
    }
    if (buffer == null) {
      if (lease == null) {
        buffer = own;
      } else {
        if (lease.pollAcquire(cx).isPending()) {
          return Poll.pending();
        }
        buffer = lease.buffer();
      }
    }
    return Poll.ready();
  }

  /** Sends all. */
  Poll<Complete> pollDrained(Context cx) throws IOException {
    while (hasCollected()) {
      if (sink.pollWritable(cx).isPending()) {
        rest();
        return Poll.pending();
      }
      ByteBuffer b = collected();
      try {
        sink.tryWrite(b);
      } finally {
        written();
      }
    }
    sent = 0;
    filled = 0;
    if (copied) {
      release();
    }
    return Poll.ready();
  }

  /** What is to be sent, as a view: see {@link #written}. */
  ByteBuffer collected() {
    ByteBuffer b = buffer;
    return b == null ? NOTHING : b.clear().limit(filled).position(sent);
  }

  /** The view was written, perhaps in part. */
  void written() {
    if (buffer != null) {
      sent = buffer.position();
    }
  }

  /** Drops the last so many bytes; false if a part of them was sent. */
  boolean takeBack(int bytes) {
    if (filled - sent < bytes) {
      return false;
    }
    filled -= bytes;
    return true;
  }

  /**
   * There may be a long time until something can be sent: if there is nothing to send, nothing is
   * held, and if the pool is short of buffers, none of them.
   */
  void rest() {
    if (!hasCollected()) {
      release();
    } else if (pool != null && lease != null && !copied && pool.isScarce()) {
      ByteBuffer copy = ByteBuffer.allocate(filled - sent).put(collected());
      lease.close();
      buffer = copy;
      copied = true;
      sent = 0;
      filled = copy.capacity();
    }
  }

  void release() {
    buffer = null;
    copied = false;
    sent = 0;
    filled = 0;
    if (lease != null) {
      lease.close();
    }
  }
}
