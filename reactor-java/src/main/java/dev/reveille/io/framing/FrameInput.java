package dev.reveille.io.framing;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.io.ByteSource;
import dev.reveille.io.buffer.BufferLease;
import dev.reveille.io.buffer.BufferPool;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that were read and not yet given, and where they lie.
 *
 * <p>They lie in the caller's buffer, or in one that is borrowed from a pool while there are any;
 * and where a frame does not fit, in a larger one of the heap, which grows by doubling as the bytes
 * arrive: what the peer merely announces costs nothing.
 *
 * <p>A peer who sends half a frame and then nothing does not keep a buffer of the pool from others:
 * while these are scarce, what is left of a read goes to the heap, where it needs its own size.
 *
 * <p>What all this costs is linear in the bytes. They are moved to the front of the buffer only
 * when frames before them were taken out, and only when they are the beginning of one frame; so
 * each frame is moved at most once, besides the doubling.
 */
final class FrameInput {
  /**
   * A read into a buffer of the heap goes through a direct one of the same size that the JDK keeps
   * for the thread: so not more than this at once.
   */
  private static final int HEAP_READ = 65_536;

  private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

  /** After so many frames that would have fitted, the larger buffer is given up. */
  private static final int SMALL_FRAMES = 8;

  private final @Nullable ByteBuffer own;
  private final @Nullable BufferPool pool;
  private final @Nullable BufferLease lease;
  private final int usualSize;

  private @Nullable ByteBuffer in;
  private boolean grown;
  private int smallFrames;

  /** The unread bytes are those from start to end. */
  private int start;

  private int end;

  FrameInput(ByteBuffer own) {
    this.own = own;
    this.pool = null;
    this.lease = null;
    this.usualSize = own.capacity();
  }

  FrameInput(BufferPool pool) {
    this.own = null;
    this.pool = pool;
    this.lease = pool.lease();
    this.usualSize = pool.bufferSize();
  }

  int length() {
    return end - start;
  }

  /** Searches what is there, which is at least one byte. */
  void find(Framing framing, Scan scan) throws MalformedFrameException {
    ByteBuffer b = held();
    b.clear();
    framing.find(b, start, end, scan);
  }

  /** The bytes of a frame, which is not longer than what is there, and goes out with that. */
  ByteBuffer take(int offset, int length, int total) {
    ByteBuffer b = held();
    b.clear().limit(start + offset + length).position(start + offset);
    smallFrames = total > usualSize ? 0 : smallFrames + 1;
    start += total;
    return b;
  }

  void drop(int count) {
    start += count;
  }

  /** Moves unread bytes to a buffer of somebody who goes on without frames. */
  int moveTo(ByteBuffer target) {
    int n = Math.min(length(), target.remaining());
    if (n > 0) {
      ByteBuffer b = held();
      b.clear().limit(start + n).position(start);
      target.put(b);
      start += n;
    }
    return n;
  }

  // ------------------------------------------------------------------ room, and reading

  /** Sees to it that there is room for at least one byte. Pending: the pool has no buffer. */
  Poll<Complete> pollRoom(Context cx, long largest) {
    if (length() == 0) {
      if (grown) {
        rest();
      }
      start = 0;
      end = 0;
    }
    ByteBuffer b = in;
    if (b == null) {
      if (lease != null) {
        if (lease.pollAcquire(cx).isPending()) {
          return Poll.pending();
        }
        b = lease.buffer();
      } else {
        b = own;
        assert b != null;
      }
      in = b;
      return Poll.ready();
    }
    if (grown && smallFrames >= SMALL_FRAMES && length() < usualSize) {
      b = shrunk(b);
    }
    int capacity = b.capacity();
    if (start > 0 && capacity - end < capacity / 2) {
      b.clear().limit(end).position(start);
      b.compact();
      end -= start;
      start = 0;
    }
    if (end == capacity) {
      grow(b, largest);
    }
    return Poll.ready();
  }

  /** Moves the bytes back to a buffer of the usual size, if there is one. */
  private ByteBuffer shrunk(ByteBuffer large) {
    if (lease != null && !lease.tryAcquire()) {
      return large;
    }
    ByteBuffer usual = lease != null ? lease.buffer() : own;
    assert usual != null;
    move(large, usual);
    grown = false;
    return usual;
  }

  private void grow(ByteBuffer full, long largest) {
    long wanted = Math.max(full.capacity() + 1L, Math.min(largest, 2L * full.capacity() + 64));
    moveToHeap(full, (int) Math.min(wanted, LARGEST_ARRAY));
  }

  private void moveToHeap(ByteBuffer from, int capacity) {
    move(from, ByteBuffer.allocate(capacity));
    grown = true;
    smallFrames = 0;
    if (lease != null) {
      lease.close();
    }
  }

  private void move(ByteBuffer from, ByteBuffer to) {
    from.clear().limit(end).position(start);
    to.clear();
    to.put(from);
    end -= start;
    start = 0;
    in = to;
  }

  /** As {@link ByteSource#tryRead}. There is room. */
  int read(ByteSource source) throws IOException {
    ByteBuffer b = held();
    int room = b.capacity() - end;
    b.clear().limit(end + (b.isDirect() ? room : Math.min(room, HEAP_READ))).position(end);
    int n = source.tryRead(b);
    if (n > 0) {
      end += n;
    }
    return n;
  }

  /**
   * There may be a long time until the next byte: if there is nothing unread, nothing is held, and
   * if the pool is short of buffers, none of them.
   */
  void rest() {
    if (length() == 0) {
      release();
    } else if (pool != null && !grown && length() < usualSize && pool.isScarce()) {
      moveToHeap(held(), Math.min(usualSize, 2 * length() + 16));
    }
  }

  /** Gives back what is held, with all that is unread. */
  void release() {
    in = null;
    grown = false;
    start = 0;
    end = 0;
    if (lease != null) {
      lease.close();
    }
  }

  private ByteBuffer held() {
    ByteBuffer b = in;
    assert b != null : "no bytes, no buffer";
    return b;
  }
}
