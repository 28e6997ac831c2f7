package dev.reveille.io.file;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.WakerSlot;
import dev.reveille.io.ByteSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * {@link AsyncFile#sink}: one buffer, which is either being filled or in flight. A write that is in
 * flight when its task goes away stays with the sink, and the next one who polls goes on with it.
 */
final class FileSink implements ByteSink {
  final AsyncFile file;

  /** While it is filled, what is before its position has not been written yet. */
  private final ByteBuffer buffer;

  private final WakerSlot writer = new WakerSlot();

  /** Where the buffer goes. */
  private long position;

  private @Nullable Pollable<Complete> writing;
  private @Nullable Throwable failure;
  private boolean outputShutdown;

  /** Volatile: {@link #close} may be called on another thread; it pairs with the slot's wake. */
  private volatile boolean closed;

  FileSink(AsyncFile file, long position, ByteBuffer buffer) {
    this.file = file;
    this.position = position;
    this.buffer = buffer.clear();
  }

  @Override
  public Poll<Complete> pollWritable(Context cx) throws IOException {
    checkWritable();
    if (writing == null && buffer.hasRemaining()) {
      return cx.tryProceed() ? Poll.ready() : Poll.pending();
    }
    return pollWritten(cx);
  }

  @Override
  public int tryWrite(ByteBuffer source) throws IOException {
    checkWritable();
    if (writing != null) {
      return 0;
    }
    int n = Math.min(buffer.remaining(), source.remaining());
    int limit = source.limit();
    buffer.put(source.limit(source.position() + n));
    source.limit(limit);
    return n;
  }

  @Override
  public Poll<Complete> pollFlush(Context cx) throws IOException {
    checkOpen();
    if (writing == null && buffer.position() == 0) {
      return Poll.ready();
    }
    return pollWritten(cx);
  }

  /** Begins the write of the buffer, if it is not in flight, and waits for its end. */
  private Poll<Complete> pollWritten(Context cx) throws IOException {
    Pollable<Complete> w = writing;
    if (w == null) {
      w = file.write(buffer.flip(), position);
      writing = w;
    }
    Poll<Complete> written;
    try {
      written = w.poll(cx);
    } catch (Throwable t) {
      writing = null;
      failure = t;
      throw Failures.of(t);
    }
    if (written.isPending()) {
      writer.register(cx, "a write to a file");
      checkOpen();
      return Poll.pending();
    }
    writing = null;
    position += buffer.limit();
    buffer.clear();
    return written;
  }

  private void checkOpen() throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    if (failure != null) {
      throw new IOException("an earlier write of this sink has failed", failure);
    }
  }

  private void checkWritable() throws IOException {
    checkOpen();
    if (outputShutdown) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public void shutdownOutput() throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    outputShutdown = true;
  }

  @Override
  public boolean isOpen() {
    return !closed && file.isOpen();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      if (writing != null && file.dispatcher.onLoop()) {
        writing.cancel();
      }
      writer.wake();
    }
  }

  @Override
  public String toString() {
    return "sink of " + file;
  }
}
