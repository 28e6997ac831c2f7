package dev.reveille.io.file;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * From file to file: one read and one write in flight, of one buffer each. A buffer goes from spare
 * to the read, to full, to the write, and is spare again. The second one is made when the first is
 * being written and there may be more, so a small file takes one only.
 */
final class FileCopy extends Copy {
  private final AsyncFile from;
  private final AsyncFile to;
  private long fromPosition;
  private long toPosition;
  private long left;
  private boolean ended;

  private int made;
  private @Nullable ByteBuffer spare;
  private @Nullable ByteBuffer beingRead;
  private @Nullable ByteBuffer full;
  private @Nullable ByteBuffer beingWritten;
  private @Nullable Pollable<Integer> read;
  private @Nullable Pollable<Complete> write;

  FileCopy(AsyncFile from, long fromPosition, AsyncFile to, long toPosition, long atMost) {
    super("copy of a file");
    this.from = from;
    this.to = to;
    this.fromPosition = fromPosition;
    this.toPosition = toPosition;
    this.left = atMost;
  }

  @Override
  protected Poll<Long> doPoll(Context cx) throws Exception {
    begin();
    try {
      boolean moved;
      do {
        moved = pollWrite(cx);
        moved |= pollRead(cx);
        if (ended && full == null && write == null) {
          return Poll.ready(end());
        }
      } while (moved);
      return Poll.pending();
    } catch (Throwable t) {
      doCancel();
      throw t;
    }
  }

  /** Returns whether it has come a step further; if not, a read is pending or has no buffer. */
  private boolean pollRead(Context cx) throws Exception {
    Pollable<Integer> r = read;
    if (r == null) {
      if (ended) {
        return false;
      }
      if (left == 0) {
        ended = true;
        return true;
      }
      ByteBuffer buffer = takeSpare();
      if (buffer == null) {
        return false;
      }
      r = from.read(buffer.clear().limit((int) Math.min(buffer.capacity(), left)), fromPosition);
      read = r;
      beingRead = buffer;
    }
    Poll<Integer> count = r.poll(cx);
    if (count.isPending()) {
      return false;
    }
    ByteBuffer buffer = beingRead;
    assert buffer != null && full == null;
    read = null;
    beingRead = null;
    int n = count.value();
    if (n > 0) {
      fromPosition += n;
      left -= n;
      full = buffer.flip();
    } else {
      ended = n < 0;
      spare = buffer;
    }
    return true;
  }

  private @Nullable ByteBuffer takeSpare() {
    if (full != null) {
      return null; // the other one is in flight
    }
    ByteBuffer buffer = spare;
    spare = null;
    if (buffer == null && made < 2) {
      buffer = buffer(made++, left);
    }
    return buffer;
  }

  /** Returns whether it has come a step further; if not, a write is pending or has nothing. */
  private boolean pollWrite(Context cx) throws Exception {
    Pollable<Complete> w = write;
    if (w == null) {
      ByteBuffer buffer = full;
      if (buffer == null) {
        return false;
      }
      w = to.write(buffer, toPosition);
      write = w;
      beingWritten = buffer;
      full = null;
    }
    if (w.poll(cx).isPending()) {
      return false;
    }
    ByteBuffer buffer = beingWritten;
    assert buffer != null;
    write = null;
    beingWritten = null;
    spare = buffer; // if the other one is spare as well, there is nothing more to read
    toPosition += buffer.limit();
    advance(buffer.limit());
    return true;
  }

  @Override
  protected void doCancel() {
    if (read != null) {
      read.cancel();
    }
    if (write != null) {
      write.cancel();
    }
  }
}
