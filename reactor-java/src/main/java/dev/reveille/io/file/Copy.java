package dev.reveille.io.file;

import static java.util.Objects.requireNonNull;

import dev.reveille.Operation;
import dev.reveille.io.ByteSink;
import dev.reveille.io.ByteSource;
import java.nio.ByteBuffer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A long copy, with bounded memory and progress: reads ahead into one buffer while the other one is
 * written.
 *
 * <pre>{@code
 * Copy copy = Copy.of(from, to).onProgress(1 << 20, bytes -> log.add(bytes + " bytes"));
 * Pollable<Complete> onDisk = Pollables.then(copy, bytes -> to.force(true));
 * }</pre>
 *
 * <p>Ready with the number of bytes when the source has ended and its last byte is in the system's
 * hands, which is not yet the disk. Pending until then; source and sink wake. Throws what they
 * throw, and what the progress function throws. Both stay open, they belong to the caller, and
 * nothing is forced.
 *
 * <p><b>Cancel, or a failure,</b> leaves the first {@link #copied} bytes in the target for sure. Of
 * what follows, at most one buffer, some may be there too, and may still be on its way, until the
 * target has {@linkplain AsyncFile#settled settled}. From a source that is no file up to two
 * buffers are gone that nobody has written.
 *
 * <p><b>Files that change meanwhile.</b> The copy ends where a read finds the end: so it takes what
 * is appended to the source before it gets there, and ends early if the source shrinks; the result
 * tells. What never stops growing needs a limit. Holes are copied as the zeros that they read as.
 * What the target holds behind the copy is left: truncate it.
 *
 * <p><b>Threading.</b> Set up before the first poll, then on the loop, as every operation; {@link
 * #copied} may be asked for by any thread.
 */
public abstract sealed class Copy extends Operation<Long> permits FileCopy, StreamCopy {
  /**
   * What GNU cp takes since coreutils 9.5, by measurement. Here, too: from page cache to page cache
   * 256 MB took 114 ms in blocks of 64 KB, 60 ms in blocks of 256 KB, 45 ms in blocks of 1 MB.
   */
  private static final int DEFAULT_BUFFER_SIZE = 256 * 1024;

  private int bufferSize = DEFAULT_BUFFER_SIZE;

  /** Those of the caller, or null. */
  private @Nullable ByteBuffer first;

  private @Nullable ByteBuffer second;
  private long reportEvery = Long.MAX_VALUE;
  private @Nullable LongConsumer progress;

  /** On the loop. */
  private long reported;

  private boolean begun;

  /** Volatile: written on the loop, read by whoever wants to know. */
  private volatile long copied;

  Copy(String name) {
    super(name);
  }

  /**
   * Copies a file from its beginning to its end, to the beginning of another one.
   *
   * @param from the source, open for reading
   * @param to the target, open for writing
   * @return a new operation
   * @throws IllegalArgumentException if both are the same file
   */
  public static Copy of(AsyncFile from, AsyncFile to) {
    return of(from, 0, to, 0, Long.MAX_VALUE);
  }

  /**
   * Copies a part of a file into another one.
   *
   * @param from the source, open for reading
   * @param fromPosition the first byte's place in the source
   * @param to the target, open for writing
   * @param toPosition the first byte's place in the target
   * @param atMost how many bytes, if there are so many
   * @return a new operation
   * @throws IllegalArgumentException if both are the same file, by whatever path or link they were
   *     {@linkplain AsyncFile#open opened}, or a number is negative
   */
  public static Copy of(
      AsyncFile from, long fromPosition, AsyncFile to, long toPosition, long atMost) {
    checkNotSame(from, to);
    AsyncFile.checkRange(fromPosition, 0);
    AsyncFile.checkRange(toPosition, 0);
    if (atMost < 0) {
      throw new IllegalArgumentException("a copy of " + atMost + " bytes");
    }
    return new FileCopy(from, fromPosition, to, toPosition, atMost);
  }

  /**
   * Copies from whatever gives bytes to whatever takes them, to the end of the source, and flushes
   * the sink. It does not shut the sink's output down.
   *
   * @param from the source
   * @param to the sink
   * @return a new operation
   * @throws IllegalArgumentException if both belong to the same file
   */
  public static Copy of(ByteSource from, ByteSink to) {
    if (from instanceof FileSource source && to instanceof FileSink sink) {
      checkNotSame(source.file, sink.file);
    }
    return new StreamCopy(requireNonNull(from, "from"), requireNonNull(to, "to"));
  }

  private static void checkNotSame(AsyncFile from, AsyncFile to) {
    if (from.isSameFile(to)) {
      throw new IllegalArgumentException(from + " copied onto itself, " + to);
    }
  }

  /**
   * Sets the size of each of the two buffers, which are direct ones and made when they are needed;
   * 256 KB if it is not set.
   *
   * @param size in bytes
   * @return this
   * @throws IllegalArgumentException if it is not positive
   * @throws IllegalStateException after the first poll
   */
  public final Copy bufferSize(int size) {
    checkNotBegun();
    if (size <= 0) {
      throw new IllegalArgumentException("a buffer of " + size + " bytes");
    }
    bufferSize = size;
    return this;
  }

  /**
   * Lends two buffers, such as direct ones of a pool, in place of those that would be made.
   *
   * @param first the copy's until its end or, if it was cancelled or has failed, until both files
   *     have {@linkplain AsyncFile#settled settled}
   * @param second likewise; another one
   * @return this
   * @throws IllegalArgumentException if they are the same, or one is read-only or has no capacity
   * @throws IllegalStateException after the first poll
   */
  @SuppressWarnings("ReferenceEquality") // two empty buffers of one size are equal
  public final Copy buffers(ByteBuffer first, ByteBuffer second) {
    checkNotBegun();
    if (first == second) {
      throw new IllegalArgumentException("one buffer, twice: " + first);
    }
    this.first = AsyncFile.checkCapacity(first);
    this.second = AsyncFile.checkCapacity(second);
    return this;
  }

  /**
   * Sets a function that is told how many bytes were copied: when there are so many more than last
   * time, and at the end, if there are more than last time. It runs on the loop, within the poll;
   * what it throws fails the copy.
   *
   * @param everyBytes how many more
   * @param function told the number of {@link #copied} bytes
   * @return this
   * @throws IllegalArgumentException if the number is not positive
   * @throws IllegalStateException after the first poll
   */
  public final Copy onProgress(long everyBytes, LongConsumer function) {
    checkNotBegun();
    if (everyBytes <= 0) {
      throw new IllegalArgumentException("progress every " + everyBytes + " bytes");
    }
    reportEvery = everyBytes;
    progress = requireNonNull(function, "function");
    return this;
  }

  /**
   * How many bytes the target has taken so far. Any thread; it never goes back.
   *
   * @return the number
   */
  public final long copied() {
    return copied;
  }

  private void checkNotBegun() {
    if (begun) {
      throw new IllegalStateException("the copy has begun; set it up before its first poll");
    }
  }

  final void begin() {
    begun = true;
  }

  /** The first buffer, and then the second; lent or new. */
  final ByteBuffer buffer(int index, long atMost) {
    ByteBuffer lent = index == 0 ? first : second;
    return lent != null ? lent : ByteBuffer.allocateDirect((int) Math.min(bufferSize, atMost));
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // the loop is the one that writes
  final void advance(long bytes) {
    copied += bytes;
    if (copied - reported >= reportEvery) {
      report();
    }
  }

  final long end() {
    if (copied > reported) {
      report();
    }
    return copied;
  }

  private void report() {
    LongConsumer function = progress;
    if (function != null) {
      reported = copied;
      function.accept(copied);
    }
  }
}
