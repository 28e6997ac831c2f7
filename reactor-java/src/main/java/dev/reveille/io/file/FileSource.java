package dev.reveille.io.file;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.WakerSlot;
import dev.reveille.io.ByteSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * {@link AsyncFile#source}: one buffer, which is either in flight or holds what was read and not
 * taken yet. A read that is in flight when its task goes away stays with the source, and the next
 * one who polls goes on with it.
 */
final class FileSource implements ByteSource {
  final AsyncFile file;

  /** What is between its position and its limit has not been taken yet, but while in flight. */
  private final ByteBuffer buffer;

  private final WakerSlot reader = new WakerSlot();
  private long position;
  private boolean ended;
  private @Nullable Pollable<Integer> reading;

  /** Volatile: {@link #close} may be called on another thread; it pairs with the slot's wake. */
  private volatile boolean closed;

  FileSource(AsyncFile file, long position, ByteBuffer buffer) {
    this.file = file;
    this.position = position;
    this.buffer = empty(buffer);
  }

  private static ByteBuffer empty(ByteBuffer buffer) {
    return buffer.clear().limit(0);
  }

  @Override
  public Poll<Complete> pollReadable(Context cx) throws IOException {
    checkOpen();
    Pollable<Integer> r = reading;
    if (r == null) {
      if (ended || buffer.hasRemaining()) {
        return cx.tryProceed() ? Poll.ready() : Poll.pending();
      }
      r = file.read(buffer.clear(), position);
      reading = r;
    }
    Poll<Integer> count;
    try {
      count = r.poll(cx);
    } catch (Throwable t) {
      reading = null;
      empty(buffer);
      throw Failures.of(t);
    }
    if (count.isPending()) {
      reader.register(cx, "bytes of a file");
      checkOpen();
      return Poll.pending();
    }
    reading = null;
    int n = count.value();
    buffer.flip();
    if (n < 0) {
      ended = true;
    } else {
      position += n;
    }
    return Poll.ready();
  }

  @Override
  public int tryRead(ByteBuffer target) throws IOException {
    checkOpen();
    if (reading != null) {
      return 0;
    }
    int n = Math.min(buffer.remaining(), target.remaining());
    if (n == 0) {
      return ended && !buffer.hasRemaining() ? -1 : 0;
    }
    int limit = buffer.limit();
    target.put(buffer.limit(buffer.position() + n));
    buffer.limit(limit);
    return n;
  }

  private void checkOpen() throws ClosedChannelException {
    if (closed) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public boolean isOpen() {
    return !closed && file.isOpen();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      if (reading != null && file.dispatcher.onLoop()) {
        reading.cancel();
      }
      reader.wake();
    }
  }

  @Override
  public String toString() {
    return "source of " + file;
  }
}
