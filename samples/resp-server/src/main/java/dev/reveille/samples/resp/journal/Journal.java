package dev.reveille.samples.resp.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * An append-only file of records.
 *
 * <p>{@link #open} it once, which replays what it holds; then {@link #append} from any thread;
 * {@link #close} it once. Everything is asynchronous: a method returns at once and calls its
 * handler exactly once, on a thread of the channel, on the executor, or, if it is known at once, on
 * the caller's before it returns. Handlers are called without any lock held, and may call back.
 *
 * <p><b>Group commit.</b> While a batch is being written (and, under {@link FsyncPolicy#ALWAYS},
 * forced), appends gather; together they are the next batch. So the number of forces does not
 * depend on the number of appends, and a lone append waits for nothing.
 *
 * <p><b>Failure.</b> If a write or a force fails, nobody knows what is on the disk (after a failed
 * fsync the system may have dropped the pages), so the journal is finished: this and all later
 * appends and syncs fail with that cause, and so does the close. A record whose append failed may
 * or may not be there after the next open.
 *
 * <p><b>Threads.</b> Safe for use by several threads. One lock guards the queues and the state; it
 * is never held during I/O or a callback. Whoever turns {@code writing} or {@code forcing} on under
 * the lock owns that activity until he turns it off.
 */
public final class Journal {
  private enum State {
    NEW,
    OPENING,
    OPEN,
    CLOSED
  }

  private final Path file;
  private final ChannelFactory channels;
  private final FsyncPolicy policy;
  private final Offload blocking;
  private final Object lock = new Object();

  private State state = State.NEW;
  private @Nullable Throwable failure;
  private @Nullable AsynchronousFileChannel channel;

  private List<Append> waiting = new ArrayList<>();
  private List<Pending<Long, ?>> syncs = new ArrayList<>();
  private final List<Pending<Long, ?>> closers = new ArrayList<>();
  private boolean writing;
  private boolean forcing;
  private boolean finishing;

  /** Where the file ends: with all that was accepted, and with what has been written. */
  private long accepted;

  private long written;

  /** Belongs to the activity "writing". */
  private @Nullable BatchWriter writer;

  private final Trampoline batches = new Trampoline(this::nextBatch);

  /**
   * A journal in {@code file}, which is not touched before {@link #open}.
   *
   * @param blocking runs what NIO.2 can do in a blocking way only: opening, forcing, truncating,
   *     closing. Needs two threads, lest a sync delays appends
   */
  public Journal(Path file, ChannelFactory channels, FsyncPolicy policy, Executor blocking) {
    this.file = file;
    this.channels = channels;
    this.policy = policy;
    this.blocking = new Offload(blocking);
  }

  /**
   * Opens the file, creates it if it is not there, and hands all its records to {@code consumer}.
   * An unfinished record at the end, as a killed process leaves it, is cut off.
   *
   * <p>Fails with {@link JournalCorruptedException} if the file is damaged in any other way, and
   * with what the consumer threw. The journal cannot be used then.
   */
  public <A extends @Nullable Object> void open(
      RecordConsumer consumer, A attachment, CompletionHandler<ReplayResult, ? super A> handler) {
    synchronized (lock) {
      if (state != State.NEW) {
        throw new IllegalStateException("opened before: " + file);
      }
      state = State.OPENING;
    }
    Pending<ReplayResult, A> pending = new Pending<>(attachment, handler);
    blocking.run(
        () -> {
          AsynchronousFileChannel opened = channels.open(file);
          synchronized (lock) {
            channel = opened;
          }
          new Replay(opened, opened.size(), consumer, (r, e) -> replayed(pending, r, e)).start();
        },
        thrown -> openFailed(pending, thrown));
  }

  /**
   * Appends {@code record}, which must not be empty, and must not be touched before the handler was
   * called; then its bytes are as they were. Completes with the file's length up to this record,
   * once it is written and, under {@link FsyncPolicy#ALWAYS}, forced. Appends complete in the order
   * in which they were accepted.
   */
  public <A extends @Nullable Object> void append(
      ByteBuffer record, A attachment, CompletionHandler<Long, ? super A> handler) {
    if (!record.hasRemaining() || record.remaining() > Frame.LONGEST) {
      throw new IllegalArgumentException("a record of " + record.remaining() + " bytes");
    }
    Pending<Long, A> pending = new Pending<>(attachment, handler);
    Throwable refusal;
    boolean start = false;
    synchronized (lock) {
      refusal = refusal();
      if (refusal == null) {
        Append append = new Append(record.asReadOnlyBuffer(), accepted, pending);
        accepted = append.end();
        waiting.add(append);
        start = !writing;
        writing = true;
      }
    }
    if (refusal != null) {
      pending.failed(refusal);
    } else if (start) {
      batches.bounce();
    }
  }

  /**
   * Forces to the disk all appends that have completed, under any policy. Completes with the length
   * that is on the disk. To be called every second for {@link FsyncPolicy#EVERYSEC}.
   */
  public <A extends @Nullable Object> void sync(
      A attachment, CompletionHandler<Long, ? super A> handler) {
    Pending<Long, A> pending = new Pending<>(attachment, handler);
    Throwable refusal;
    boolean start = false;
    synchronized (lock) {
      refusal = refusal();
      if (refusal == null) {
        syncs.add(pending);
        start = !forcing;
        forcing = true;
      }
    }
    if (refusal != null) {
      pending.failed(refusal);
    } else if (start) {
      blocking.run(this::force, this::forceFailed);
    }
  }

  /**
   * Refuses further appends, writes and forces those that were accepted, and closes the file.
   * Completes with its length, or fails if anything was ever lost. Closing again waits for, and
   * tells, the same.
   */
  public <A extends @Nullable Object> void close(
      A attachment, CompletionHandler<Long, ? super A> handler) {
    Pending<Long, A> pending = new Pending<>(attachment, handler);
    boolean over;
    synchronized (lock) {
      over = state == State.CLOSED;
      if (!over) {
        closers.add(pending);
      }
    }
    if (over) {
      tellClosed(List.of(pending));
    } else {
      finishIfIdle();
    }
  }

  private void replayed(
      Pending<ReplayResult, ?> pending, @Nullable ReplayResult result, @Nullable Throwable thrown) {
    if (result == null) {
      openFailed(pending, thrown == null ? new IOException("no result") : thrown);
      return;
    }
    blocking.run(
        () -> {
          AsynchronousFileChannel opened = channel();
          if (result.truncatedBytes() > 0) {
            opened.truncate(result.bytes());
            opened.force(true);
          }
          synchronized (lock) {
            writer = new BatchWriter(opened, result.bytes());
            written = result.bytes();
            // A new file begins with its magic, which the first batch brings along.
            accepted = Math.max(written, Frame.magic().remaining());
            state = State.OPEN;
          }
          pending.completed(result);
          finishIfIdle();
        },
        cause -> openFailed(pending, cause));
  }

  private void openFailed(Pending<ReplayResult, ?> pending, Throwable cause) {
    fail(cause);
    AsynchronousFileChannel opened;
    synchronized (lock) {
      opened = channel;
    }
    if (opened != null) {
      try (opened) {
        // Nothing was written: there is nothing to force.
      } catch (IOException thrown) {
        cause.addSuppressed(thrown);
      }
    }
    pending.failed(cause);
    finishIfIdle();
  }

  /** Takes what has gathered and writes it, or ends the activity. Runs in the trampoline. */
  private void nextBatch() {
    List<Append> batch;
    BatchWriter current;
    synchronized (lock) {
      batch = waiting;
      current = writer;
      if (batch.isEmpty() || current == null) {
        writing = false;
        current = null;
      } else {
        waiting = new ArrayList<>();
      }
    }
    if (current == null) {
      finishIfIdle();
    } else {
      current.write(batch, thrown -> batchWritten(batch, thrown));
    }
  }

  private void batchWritten(List<Append> batch, @Nullable Throwable thrown) {
    if (thrown != null) {
      batchFailed(batch, thrown);
    } else if (policy == FsyncPolicy.ALWAYS) {
      blocking.run(
          () -> {
            channel().force(false);
            batchCompleted(batch);
          },
          cause -> batchFailed(batch, cause));
    } else {
      batchCompleted(batch);
    }
  }

  private void batchCompleted(List<Append> batch) {
    synchronized (lock) {
      written = batch.get(batch.size() - 1).end();
    }
    for (Append append : batch) {
      append.handler().completed(append.end());
    }
    batches.bounce();
  }

  private void batchFailed(List<Append> batch, Throwable cause) {
    synchronized (lock) {
      // Whatever gathered meanwhile fails too, after those that came first.
      batch.addAll(waiting);
      waiting = batch;
    }
    fail(cause);
    batches.bounce();
  }

  /** Forces for all syncs that have gathered, as long as there are any. Runs on the executor. */
  private void force() throws IOException {
    while (true) {
      List<Pending<Long, ?>> served;
      long reached;
      synchronized (lock) {
        served = syncs;
        reached = written;
        if (served.isEmpty()) {
          forcing = false;
          break;
        }
        syncs = new ArrayList<>();
      }
      try {
        channel().force(false);
      } catch (IOException | RuntimeException | Error thrown) {
        synchronized (lock) {
          // They are failed together with those that came meanwhile.
          syncs.addAll(0, served);
        }
        throw thrown;
      }
      served.forEach(sync -> sync.completed(reached));
    }
    finishIfIdle();
  }

  private void forceFailed(Throwable cause) {
    synchronized (lock) {
      forcing = false;
    }
    fail(cause);
    finishIfIdle();
  }

  /** Remembers the first failure, and tells it to all that wait. */
  private void fail(Throwable cause) {
    List<Pending<Long, ?>> lost = new ArrayList<>();
    synchronized (lock) {
      if (failure == null) {
        failure = cause;
      }
      waiting.forEach(append -> lost.add(append.handler()));
      waiting = new ArrayList<>();
      lost.addAll(syncs);
      syncs = new ArrayList<>();
    }
    lost.forEach(pending -> pending.failed(cause));
  }

  /** Why nothing is accepted now, or null. Under the lock. */
  private @Nullable Throwable refusal() {
    if (failure != null) {
      return failure;
    }
    if (state == State.CLOSED || !closers.isEmpty()) {
      return new ClosedChannelException();
    }
    return state == State.OPEN ? null : new IllegalStateException("not open: " + file);
  }

  /** Closes the file if that is asked for and nothing is under way any more. */
  private void finishIfIdle() {
    synchronized (lock) {
      boolean opening = state == State.OPENING && failure == null;
      if (closers.isEmpty() || opening || writing || forcing || finishing) {
        return;
      }
      finishing = true;
    }
    blocking.run(this::finish, this::finished);
  }

  private void finish() throws IOException {
    AsynchronousFileChannel closing;
    boolean sound;
    synchronized (lock) {
      closing = channel;
      sound = failure == null;
    }
    if (closing != null) {
      try (closing) {
        if (sound) {
          closing.force(false);
        }
      }
    }
    finished(null);
  }

  private void finished(@Nullable Throwable thrown) {
    List<Pending<Long, ?>> told;
    synchronized (lock) {
      if (failure == null) {
        failure = thrown;
      }
      state = State.CLOSED;
      told = List.copyOf(closers);
      closers.clear();
    }
    tellClosed(told);
  }

  private void tellClosed(List<Pending<Long, ?>> told) {
    Throwable cause;
    long length;
    synchronized (lock) {
      cause = failure;
      length = written;
    }
    for (Pending<Long, ?> pending : told) {
      if (cause == null) {
        pending.completed(length);
      } else {
        pending.failed(cause);
      }
    }
  }

  private AsynchronousFileChannel channel() {
    synchronized (lock) {
      if (channel == null) {
        throw new IllegalStateException("not open: " + file);
      }
      return channel;
    }
  }
}
