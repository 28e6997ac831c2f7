package dev.reveille.io.file;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;
import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.Dispatcher;
import dev.reveille.MockTime;
import dev.reveille.Pollable;
import dev.reveille.io.ByteSink;
import dev.reveille.io.ByteSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileLock;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * A file whose reads and writes are waited for on a loop: the owner of an {@link
 * AsynchronousFileChannel}. Any dispatcher will do.
 *
 * <p>A record is appended to a journal, and is on the disk when the task goes on:
 *
 * <pre>{@code
 * static Pollable<Complete> append(AsyncFile journal, long end, ByteBuffer record) {
 *   return Pollables.then(journal.write(record, end), written -> journal.force(false));
 * }
 * }</pre>
 *
 * <p><b>Who does the work.</b> A file is always ready for the system's selectors and blocks all the
 * same, so threads have to do it, and they are yours: the executor that the file was opened with
 * runs the open, each read and write, {@code lock}, {@code force}, {@code truncate}, {@code size}
 * and the close. (On Windows reads, writes and locks are the system's own, and the executor runs
 * what they end in.) There is no hidden thread. A channel that was opened without an executor and
 * {@linkplain #of given} to this class does its reads, writes and locks on the default group of the
 * JDK. The executor has to outlive its files: calls that it drops without a word end when the file
 * is closed. It must not be, or end in, the loop itself.
 *
 * <p><b>Buffers in flight.</b> A buffer belongs to the channel from the first poll of its operation
 * until that was ready or has failed. {@code cancel()} gives up the wait at once; the call itself
 * can not be called back, goes on, and may still touch the buffer. Before such a buffer is used
 * again, wait for {@link #settled}, or for {@link #closed} after a {@link #close}. Direct buffers
 * are the better ones: the JDK copies heap buffers through direct ones of its own, and if it can
 * not have them, for lack of direct memory, it never says how the operation ended. A failure that
 * nobody waits for any more goes to the uncaught handler of the dispatcher.
 *
 * <p><b>Under {@link MockTime}</b> time does not move by itself while an operation is in flight,
 * also one that was given up.
 *
 * <p><b>Threading.</b> The methods may be called by any thread; the operations that they return are
 * polled on the loop of any dispatcher, and several may be in flight at once, in any order. <b>
 * Memory effects.</b> Actions before the first poll of an operation happen-before the access to its
 * buffer, which happens-before what follows the poll that is ready.
 *
 * <p><b>End.</b> {@link #close}; a file that is still open when the dispatcher on which it was
 * opened is closed is closed with it.
 */
public final class AsyncFile implements AutoCloseable {
  private static final VarHandle CLOSE_BEGUN =
      fieldVarHandle(
          MethodHandles.lookup(), "closeBegun", VarHandle.class, AsyncFile.class, boolean.class);

  final Dispatcher dispatcher;
  private final AsynchronousFileChannel channel;
  private final Executor executor;

  /** Equal for handles of the same file. */
  private final Object identity;

  private final String name;
  private final Flights flights = new Flights();
  private final OpenFiles openFiles;

  /** getAndSet (volatile): whoever sets it closes the channel. */
  @SuppressWarnings("unused") // by way of CLOSE_BEGUN
  private volatile boolean closeBegun;

  AsyncFile(
      Dispatcher dispatcher,
      AsynchronousFileChannel channel,
      Executor executor,
      Object identity,
      String name) {
    this.dispatcher = dispatcher;
    this.channel = channel;
    this.executor = executor;
    this.identity = identity;
    this.name = name;
    this.openFiles = OpenFiles.of(dispatcher);
    openFiles.add(this);
  }

  // ------------------------------------------------------------------ opening

  /**
   * Opens a file, by {@link AsynchronousFileChannel#open(Path, Set, ExecutorService,
   * FileAttribute...)} on a thread of the executor. It begins at the first poll.
   *
   * <p>Ready with the file, which belongs to the dispatcher that polled. Pending until then; the
   * executor's thread wakes. Throws what the system says, such as {@link
   * java.nio.file.NoSuchFileException} and {@link java.nio.file.AccessDeniedException}; {@link
   * UnsupportedOperationException} for an option that these channels do not know, such as {@link
   * java.nio.file.StandardOpenOption#APPEND}; and {@link
   * java.util.concurrent.RejectedExecutionException} if the executor refuses. {@code cancel()}
   * gives up at once; a file that is opened all the same is closed again.
   *
   * @param executor whose threads do the work of this file
   * @param path the file
   * @param options how to open it; none means for reading
   * @return a new one-shot operation
   */
  public static Pollable<AsyncFile> open(
      ExecutorService executor, Path path, OpenOption... options) {
    return open(executor, path, new LinkedHashSet<>(List.of(options)));
  }

  /**
   * {@link #open(ExecutorService, Path, OpenOption...)}, with attributes for a file that is
   * created.
   *
   * @param executor whose threads do the work of this file
   * @param path the file
   * @param options how to open it; none means for reading
   * @param attributes for a file that is created, such as its permissions
   * @return a new one-shot operation
   */
  public static Pollable<AsyncFile> open(
      ExecutorService executor,
      Path path,
      Set<? extends OpenOption> options,
      FileAttribute<?>... attributes) {
    return new OpenOperation(
        requireNonNull(executor, "executor"),
        requireNonNull(path, "path"),
        Set.copyOf(options),
        attributes.clone());
  }

  /**
   * Takes over a channel that was opened elsewhere, and closes it in the end.
   *
   * @param dispatcher to which the file belongs: when it is closed, so is the file
   * @param channel the channel; it calls its handlers on threads of its own
   * @param executor whose threads do what blocks: {@code force}, {@code truncate}, {@code size} and
   *     the close
   * @return a new file
   * @throws IllegalArgumentException if the executor is a view of the dispatcher: those calls would
   *     block the loop
   */
  public static AsyncFile of(
      Dispatcher dispatcher, AsynchronousFileChannel channel, Executor executor) {
    if (requireNonNull(executor, "executor").equals(dispatcher.asExecutor())) {
      throw new IllegalArgumentException(
          "what blocks on a file would block the loop of '"
              + dispatcher.name()
              + "' itself; give another executor");
    }
    return new AsyncFile(
        dispatcher, requireNonNull(channel, "channel"), executor, channel, channel.toString());
  }

  // ------------------------------------------------------------------ bytes

  /**
   * Reads some bytes at a position: one call of the channel. Any number of reads and writes may be
   * in flight at once, each with a buffer of its own.
   *
   * <p>Ready with the number of bytes, at least 1, or -1 at the end of the file or behind it.
   * Pending until then; the channel wakes. Throws {@link ClosedChannelException} on a closed file,
   * {@link java.nio.channels.AsynchronousCloseException} if it is closed meanwhile, {@link
   * java.nio.channels.NonReadableChannelException}, {@link
   * java.util.concurrent.RejectedExecutionException} if the executor refuses, and {@link
   * IOException} as the system says. {@code cancel()} leaves the buffer to the channel: see {@link
   * #settled}.
   *
   * @param buffer where the bytes go; the channel's until the end of the operation
   * @param position the first byte's place in the file
   * @return a new one-shot operation
   * @throws IllegalArgumentException if the buffer has no room or is read-only, or the position is
   *     negative
   */
  public Pollable<Integer> read(ByteBuffer buffer, long position) {
    checkRoom(buffer);
    checkRange(position, buffer.remaining());
    return new FileCall<>(
        "read of a file",
        flights,
        null,
        handler -> channel.read(buffer, position, Complete.COMPLETE, handler));
  }

  /**
   * Fills a buffer from a position, with as many reads as it takes.
   *
   * <p>Ready when the buffer is full, at once if it has no room. Pending until then; the channel
   * wakes. Throws {@link java.io.EOFException} if the file ends before, and the buffer's position
   * tells what was read; else as {@link #read}. {@code cancel()} begins no further read, and leaves
   * the buffer to the channel: see {@link #settled}.
   *
   * @param buffer where the bytes go; the channel's until the end of the operation
   * @param position the first byte's place in the file
   * @return a new one-shot operation
   * @throws IllegalArgumentException if the buffer is read-only, or the position is negative
   */
  public Pollable<Complete> readFully(ByteBuffer buffer, long position) {
    if (buffer.hasRemaining()) {
      checkRoom(buffer);
    }
    checkRange(position, buffer.remaining());
    return TransferOperation.read(this, buffer, position);
  }

  /**
   * Writes a buffer to its end, with as many writes as it takes.
   *
   * <p>Ready when the system has taken all bytes, which is not yet the disk: see {@link #force}; at
   * once if there are none. Pending until then; the channel wakes. Throws as {@link #read}, with
   * {@link java.nio.channels.NonWritableChannelException}; the buffer's position tells what was
   * written before. {@code cancel()} begins no further write, and leaves the buffer to the channel,
   * which may still write from it: see {@link #settled}.
   *
   * @param buffer the bytes; the channel's until the end of the operation
   * @param position the first byte's place in the file; behind the end it leaves a gap
   * @return a new one-shot operation
   * @throws IllegalArgumentException if the position is negative
   */
  public Pollable<Complete> write(ByteBuffer buffer, long position) {
    checkRange(position, buffer.remaining());
    return TransferOperation.write(this, buffer, position);
  }

  Pollable<Integer> writeSome(ByteBuffer buffer, long position) {
    return new FileCall<>(
        "write of a file",
        flights,
        null,
        handler -> channel.write(buffer, position, Complete.COMPLETE, handler));
  }

  private static void checkRoom(ByteBuffer buffer) {
    if (buffer.isReadOnly()) {
      throw new IllegalArgumentException("read into a read-only buffer: " + buffer);
    }
    if (!buffer.hasRemaining()) {
      throw new IllegalArgumentException("read into a buffer without room: " + buffer);
    }
  }

  static void checkRange(long position, long count) {
    if (position < 0 || position > Long.MAX_VALUE - count) {
      throw new IllegalArgumentException(
          "a file has no " + count + " bytes at position " + position);
    }
  }

  /**
   * The bytes from a position to the end, one after the other, with a direct buffer of its own.
   *
   * @param position the first byte's place in the file
   * @param bufferSize how many bytes are read at once, and the bound of what it holds
   * @return as {@link #source(long, ByteBuffer)}
   * @throws IllegalArgumentException if the position is negative or the size not positive
   */
  public ByteSource source(long position, int bufferSize) {
    return source(position, allocate(bufferSize));
  }

  /**
   * The bytes from a position to the end, one after the other. It reads ahead into the buffer when
   * it is polled and has nothing left, one read at a time. The end is where the file ends when the
   * source comes to it; what is appended later is for a new source. A read that fails may be tried
   * again.
   *
   * <p>{@code close()} closes the source and not the file; {@link #close} of the file ends a poll
   * that waits with {@link java.nio.channels.AsynchronousCloseException}.
   *
   * @param position the first byte's place in the file
   * @param buffer what it reads into; the source's until it is closed and the file has {@linkplain
   *     #settled settled}
   * @return a new source, for the loop of one dispatcher
   * @throws IllegalArgumentException if the position is negative, or the buffer has no capacity or
   *     is read-only
   */
  public ByteSource source(long position, ByteBuffer buffer) {
    checkRange(position, buffer.capacity());
    return new FileSource(this, position, checkCapacity(buffer));
  }

  /**
   * Writes from a position on, one byte after the other, with a direct buffer of its own.
   *
   * @param position the first byte's place in the file
   * @param bufferSize how many bytes are written at once, and the bound of what it holds
   * @return as {@link #sink(long, ByteBuffer)}
   * @throws IllegalArgumentException if the position is negative or the size not positive
   */
  public ByteSink sink(long position, int bufferSize) {
    return sink(position, allocate(bufferSize));
  }

  /**
   * Writes from a position on, one byte after the other. What it takes is gathered in the buffer
   * and written when that is full, one write at a time, or by {@code pollFlush}: which is ready
   * when the system has it all. That is not yet the disk: {@link #force} is told apart.
   *
   * <p>A write that failed fails the sink for good, since nobody knows what of it was written.
   * {@code close()} closes the sink and not the file, and drops what was not flushed.
   *
   * @param position the first byte's place in the file
   * @param buffer what it writes from; the sink's until it is closed and the file has {@linkplain
   *     #settled settled}
   * @return a new sink, for the loop of one dispatcher
   * @throws IllegalArgumentException if the position is negative, or the buffer has no capacity or
   *     is read-only
   */
  public ByteSink sink(long position, ByteBuffer buffer) {
    checkRange(position, buffer.capacity());
    return new FileSink(this, position, checkCapacity(buffer));
  }

  private static ByteBuffer allocate(int bufferSize) {
    if (bufferSize <= 0) {
      throw new IllegalArgumentException("a buffer of " + bufferSize + " bytes");
    }
    return ByteBuffer.allocateDirect(bufferSize);
  }

  static ByteBuffer checkCapacity(ByteBuffer buffer) {
    if (buffer.isReadOnly() || buffer.capacity() == 0) {
      throw new IllegalArgumentException("a buffer that takes no bytes: " + buffer);
    }
    return buffer;
  }

  // ------------------------------------------------------------------ the file as a whole

  /**
   * Brings to the disk what the writes that were ready before have written: {@link
   * AsynchronousFileChannel#force} on a thread of the executor.
   *
   * <p>Ready when it is there. Pending until then; the executor's thread wakes. Throws as {@link
   * #read}; after a failure, what was written since the last success may be lost, and a second
   * attempt that succeeds proves nothing. {@code cancel()} gives up the wait.
   *
   * @param metaData whether times and other attributes have to be there, too
   * @return a new one-shot operation
   */
  public Pollable<Complete> force(boolean metaData) {
    return blocking(
        "force of a file",
        () -> {
          channel.force(metaData);
          return Complete.COMPLETE;
        });
  }

  /**
   * Cuts the file, if it is longer.
   *
   * <p>Ready when it is cut. Pending until then; the executor's thread wakes. Throws as {@link
   * #write}. {@code cancel()} gives up the wait.
   *
   * @param size the new size
   * @return a new one-shot operation
   * @throws IllegalArgumentException if the size is negative
   */
  public Pollable<Complete> truncate(long size) {
    checkRange(size, 0);
    return blocking(
        "truncation of a file",
        () -> {
          channel.truncate(size);
          return Complete.COMPLETE;
        });
  }

  /**
   * Asks for the size of the file.
   *
   * <p>Ready with the number of bytes. Pending until then; the executor's thread wakes. Throws as
   * {@link #read}. {@code cancel()} gives up the wait.
   *
   * @return a new one-shot operation
   */
  public Pollable<Long> size() {
    return blocking("size of a file", channel::size);
  }

  private <V> Pollable<V> blocking(String what, Callable<V> call) {
    return new FileCall<>(what, flights, null, FileCall.blocking(executor, call));
  }

  /**
   * Waits for a lock on a region, for this process: other processes are kept out if they ask, too.
   *
   * <p>Ready with the lock, to be closed by the one who got it. Pending until then; the channel
   * wakes. Throws {@link java.nio.channels.OverlappingFileLockException} if this JVM has a lock on
   * some of the region or waits for one, else as {@link #read}, with {@link
   * java.nio.channels.NonReadableChannelException} for a shared and {@link
   * java.nio.channels.NonWritableChannelException} for an exclusive one. {@code cancel()} gives up
   * the wait; the system goes on with its own, and a lock that it grants after that is released at
   * once. Until then the region counts as waited for.
   *
   * <p>A lock that is waited for keeps a thread of the executor busy. On POSIX systems a process
   * that closes a file loses all its locks on it, also those of other descriptors.
   *
   * @param position where the region begins
   * @param size how many bytes, within the file or behind its end
   * @param shared whether others may have a shared lock at the same time
   * @return a new one-shot operation
   * @throws IllegalArgumentException if the position or the size is negative
   */
  public Pollable<FileLock> lock(long position, long size, boolean shared) {
    checkRegion(position, size);
    return new FileCall<>(
        "lock of a file",
        flights,
        AsyncFile::release,
        handler -> channel.lock(position, size, shared, Complete.COMPLETE, handler));
  }

  /**
   * Takes a lock on a region if nobody has it. Does not wait for one who has it.
   *
   * @param position where the region begins
   * @param size how many bytes, within the file or behind its end
   * @param shared whether others may have a shared lock at the same time
   * @return the lock, or null if another process has one that does not go with it
   * @throws java.nio.channels.OverlappingFileLockException if this JVM has a lock on some of the
   *     region or waits for one
   * @throws ClosedChannelException if the file was closed
   * @throws IOException what the system says
   * @throws IllegalArgumentException if the position or the size is negative
   */
  public @Nullable FileLock tryLock(long position, long size, boolean shared) throws IOException {
    checkRegion(position, size);
    if (flights.isSealed()) {
      throw new ClosedChannelException();
    }
    return channel.tryLock(position, size, shared);
  }

  private static void checkRegion(long position, long size) {
    if (size < 0) {
      throw new IllegalArgumentException("a lock on " + size + " bytes");
    }
    checkRange(position, size);
  }

  /** A lock that nobody waits for any more. */
  private static void release(FileLock lock) {
    try {
      lock.release();
    } catch (ClosedChannelException e) {
      // The channel was closed, and that has released it.
    } catch (IOException e) {
      throw new UncheckedIOException("release of a lock that nobody waited for", e);
    }
  }

  // ------------------------------------------------------------------ the end

  /**
   * Waits for what is in flight at its first poll, also for operations that were given up: until
   * the channel does not touch their buffers any more.
   *
   * <p>Ready when each of them has come to an end, whatever it was; at once if there are none.
   * Pending until then; the last one wakes. {@code cancel()} gives up the wait.
   *
   * @return a new one-shot operation
   */
  public Pollable<Complete> settled() {
    return flights.settled();
  }

  /**
   * Waits until the file is closed: the descriptor given back, no buffer in use. It does not close
   * it.
   *
   * <p>Ready when it is; pending until then, and the closing thread wakes. Throws {@link
   * IOException} if the close has failed. {@code cancel()} gives up the wait.
   *
   * @return a new one-shot operation
   */
  public Pollable<Complete> closed() {
    return flights.close();
  }

  /**
   * Whether the file was not closed.
   *
   * @return false after {@link #close}
   */
  public boolean isOpen() {
    return !flights.isSealed() && channel.isOpen();
  }

  /**
   * Closes the file: from now on nothing begins, and what is in flight ends, with its result if it
   * has one or {@link java.nio.channels.AsynchronousCloseException}. It does not wait for that,
   * since the system may: the channel is closed on a thread of the executor, or here, if the
   * executor refuses. {@link #closed} tells when it is done. A failure that nobody waits for goes
   * to the uncaught handler of the dispatcher to which the file belongs. Idempotent; any thread.
   */
  @Override
  public void close() {
    if (!flights.seal()) {
      return;
    }
    MockTime.Hold hold = Flight.hold(dispatcher);
    Runnable closing =
        () -> {
          closeChannel();
          if (hold != null) {
            hold.close();
          }
        };
    try {
      executor.execute(closing);
    } catch (RuntimeException | Error refused) { // the threads are gone; the descriptor has to go
      closing.run();
    }
  }

  /** With its dispatcher: the caller waits. */
  void closeHere() {
    flights.seal();
    closeChannel();
  }

  /** On any thread. It may block until the calls in flight have left the system. */
  private void closeChannel() {
    if ((boolean) CLOSE_BEGUN.getAndSet(this, true)) {
      return;
    }
    Throwable failure = null;
    try {
      channel.close();
    } catch (Throwable t) {
      failure = t;
    }
    boolean heard = flights.closed(failure);
    openFiles.remove(this);
    if (failure != null && !heard) {
      LateFailures.of(dispatcher).report("close of " + this, failure);
    }
  }

  /** Whether both are the same file, perhaps by different descriptors. */
  boolean isSameFile(AsyncFile other) {
    return this == other || identity.equals(other.identity);
  }

  @Override
  public String toString() {
    return "AsyncFile[" + name + "]";
  }
}
