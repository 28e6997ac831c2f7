package dev.reveille.samples.resp.journal;

import java.io.EOFException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.CompletionHandler;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a journal from its beginning and hands out the records.
 *
 * <p>Where a record is not whole or not right, it looks whether a good one lies anywhere behind it.
 * If none does, that was the last write, which did not come to its end: the good part ends there.
 * If one does, the damage is in the middle, and the replay fails.
 *
 * <p>The file is read through a window, which grows only for a record that is larger. A step goes
 * on for as long as the window has what it needs, then starts one read and ends.
 */
final class Replay {
  private enum Probe {
    READING,
    DAMAGED,
    INTACT
  }

  private static final int WINDOW = 256 * 1024;

  private final AsynchronousFileChannel channel;
  private final long size;
  private final RecordConsumer consumer;
  private final BiConsumer<@Nullable ReplayResult, @Nullable Throwable> done;
  private final Trampoline steps = new Trampoline(this::step);
  private final CompletionHandler<Integer, @Nullable Void> onRead = new OnRead();

  /** Bytes of the file from {@link #windowStart} on, ready to be read. */
  private ByteBuffer window = ByteBuffer.allocate(WINDOW).flip();

  private long windowStart;

  /** Behind the last good record. */
  private long position;

  /** Where a good record is looked for behind a damaged one, or -1 while none is damaged. */
  private long candidate = -1;

  /** The latest intact record, a view of the window. */
  private ByteBuffer record = window;

  private boolean begun;
  private long records;
  private @Nullable Throwable failure;

  /** Tells {@code done} the result, with null for the failure, or the failure. */
  Replay(
      AsynchronousFileChannel channel,
      long size,
      RecordConsumer consumer,
      BiConsumer<@Nullable ReplayResult, @Nullable Throwable> done) {
    this.channel = channel;
    this.size = size;
    this.consumer = consumer;
    this.done = done;
  }

  void start() {
    steps.bounce();
  }

  private void step() {
    try {
      boolean more = failure == null;
      while (more) {
        if (!begun) {
          more = begin();
        } else if (candidate < 0) {
          more = nextRecord();
        } else {
          more = nextCandidate();
        }
      }
    } catch (Exception | Error thrown) {
      failure = thrown;
    }
    if (failure != null) {
      done.accept(null, failure);
    }
  }

  /** Each of these returns false once the replay is over or a read has been started. */
  private boolean begin() throws JournalCorruptedException {
    ByteBuffer magic = Frame.magic();
    int there = (int) Math.min(size, magic.remaining());
    if (!has(0, there)) {
      return false;
    }
    if (!window.slice(0, there).equals(magic.slice(0, there))) {
      throw new JournalCorruptedException("not a journal", 0);
    }
    if (there < magic.remaining()) {
      // Died while creating it, or just created.
      return finish();
    }
    position = there;
    begun = true;
    return true;
  }

  private boolean nextRecord() throws Exception {
    if (position == size) {
      return finish();
    }
    switch (probe(position)) {
      case READING -> {
        return false;
      }
      case DAMAGED -> candidate = position + 1;
      case INTACT -> {
        int length = record.remaining();
        consumer.accept(record.asReadOnlyBuffer());
        records++;
        position += Frame.sizeOf(length);
      }
    }
    return true;
  }

  private boolean nextCandidate() throws JournalCorruptedException {
    if (candidate >= size) {
      return finish();
    }
    switch (probe(candidate)) {
      case READING -> {
        return false;
      }
      case DAMAGED -> candidate++;
      case INTACT ->
          throw new JournalCorruptedException(
              "damaged at " + position + ", but there is a good record at " + candidate, position);
    }
    return true;
  }

  private boolean finish() {
    done.accept(new ReplayResult(records, position, size - position), null);
    return false;
  }

  /** Looks at the frame that begins there, if one does; puts an intact one into {@link #record}. */
  private Probe probe(long at) {
    if (size - at < Frame.HEADER) {
      return Probe.DAMAGED;
    }
    if (!has(at, Frame.HEADER)) {
      return Probe.READING;
    }
    int length = window.getInt(index(at));
    int checksum = window.getInt(index(at) + Integer.BYTES);
    if (length <= 0 || length > Frame.LONGEST || Frame.sizeOf(length) > size - at) {
      return Probe.DAMAGED;
    }
    if (!has(at, (int) Frame.sizeOf(length))) {
      return Probe.READING;
    }
    record = window.slice(index(at) + Frame.HEADER, length);
    return Frame.checksum(at, record) == checksum ? Probe.INTACT : Probe.DAMAGED;
  }

  private int index(long at) {
    return (int) (at - windowStart);
  }

  /** Whether the window has these bytes; if not, a read has been started. */
  private boolean has(long at, int bytes) {
    if (at >= windowStart && at + bytes <= windowStart + window.limit()) {
      return true;
    }
    slide(at, bytes);
    channel.read(window, windowStart + window.position(), null, onRead);
    return false;
  }

  /**
   * Lets the window begin at {@code at}, keeps what it has from there on, and makes it writable.
   */
  private void slide(long at, int bytes) {
    window.position((int) Math.min(window.limit(), at - windowStart));
    if (window.capacity() < bytes) {
      window = ByteBuffer.allocate(bytes).put(window);
    } else {
      window.compact();
    }
    windowStart = at;
  }

  private final class OnRead implements CompletionHandler<Integer, @Nullable Void> {
    @Override
    public void completed(Integer read, @Nullable Void attachment) {
      window.flip();
      if (read <= 0) {
        failure = new EOFException("the file ends before " + size);
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
