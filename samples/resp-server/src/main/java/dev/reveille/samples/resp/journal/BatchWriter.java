package dev.reveille.samples.resp.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.CompletionHandler;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes one batch of records after the other behind what the file has.
 *
 * <p>The frames of a batch go through one buffer of fixed size, filled and written as often as it
 * takes; a write that takes less than it was given is continued. One batch at a time; each step
 * runs in the trampoline, so the fields need no lock.
 */
final class BatchWriter {
  static final int BUFFER = 256 * 1024;

  private final AsynchronousFileChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
  private final Trampoline steps = new Trampoline(this::step);
  private final CompletionHandler<Integer, @Nullable Void> onWrite = new OnWrite();

  /** Where the next byte goes. */
  private long position;

  private Iterator<Append> frames = List.<Append>of().iterator();
  private @Nullable ByteBuffer unfinished;
  private Consumer<@Nullable Throwable> done = failure -> {};
  private @Nullable Throwable failure;

  /** Continues at {@code position}; at the start of the file with what a file begins with. */
  BatchWriter(AsynchronousFileChannel channel, long position) {
    this.channel = channel;
    this.position = position;
    if (position == 0) {
      buffer.put(Frame.magic());
    }
    buffer.flip();
  }

  /** Writes {@code batch}, then tells {@code whenDone} null, or why it failed. */
  void write(List<Append> batch, Consumer<@Nullable Throwable> whenDone) {
    frames = batch.iterator();
    done = whenDone;
    steps.bounce();
  }

  private void step() {
    if (failure == null) {
      buffer.compact();
      fill();
      buffer.flip();
    }
    if (failure != null || !buffer.hasRemaining()) {
      done.accept(failure);
      return;
    }
    try {
      channel.write(buffer, position, null, onWrite);
    } catch (RuntimeException | Error refused) {
      failure = refused;
      steps.bounce();
    }
  }

  /** Fills the buffer with frames, the last of which may have to be continued next time. */
  private void fill() {
    while (true) {
      ByteBuffer record = unfinished;
      if (record == null) {
        if (!frames.hasNext() || buffer.remaining() < Frame.HEADER) {
          return;
        }
        Append append = frames.next();
        record = append.record().duplicate();
        Frame.putHeader(buffer, append.position(), record);
      }
      int part = Math.min(record.remaining(), buffer.remaining());
      buffer.put(record.slice(record.position(), part));
      record.position(record.position() + part);
      unfinished = record.hasRemaining() ? record : null;
      if (unfinished != null) {
        return;
      }
    }
  }

  private final class OnWrite implements CompletionHandler<Integer, @Nullable Void> {
    @Override
    public void completed(Integer written, @Nullable Void attachment) {
      if (written > 0) {
        position += written;
      } else {
        // To try again would be to try forever.
        failure = new IOException("the file took no bytes");
      }
      steps.bounce();
    }

    @Override
    public void failed(Throwable cause, @Nullable Void attachment) {
      failure = cause;
      steps.bounce();
    }
  }
}
