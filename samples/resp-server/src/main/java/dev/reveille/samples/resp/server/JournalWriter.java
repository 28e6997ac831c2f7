package dev.reveille.samples.resp.server;

import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Task;
import dev.reveille.WakerSlot;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.samples.resp.journal.FsyncPolicy;
import dev.reveille.samples.resp.journal.Journal;
import dev.reveille.samples.resp.protocol.Request;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings changes into the journal: a poll task on this side, the legacy callbacks on the other, the
 * shim between them.
 *
 * <p>Changes gather in one batch, in the order in which they were made. One append is under way at
 * a time; when it is done, all that gathered meanwhile is the next one. So the slower the disk, the
 * more clients share a write: group commit without a timer.
 *
 * <p>Under {@link FsyncPolicy#ALWAYS} a commit is done when its changes are on the disk. Under the
 * others it is done at once, unless the disk lags so far behind that clients have to wait.
 */
final class JournalWriter extends Task implements Durability {
  /** How many bytes may wait for the disk before commits wait as well. */
  private static final int LAG_BYTES = 8 << 20;

  private final Dispatcher dispatcher;
  private final Journal journal;
  private final boolean confirmsOnDisk;
  private final Consumer<Throwable> onFailure;

  private final WakerSlot work = new WakerSlot();
  private final Queue<Commit> commits = new ArrayDeque<>();
  private ByteArrayOutputStream batch = new ByteArrayOutputStream();

  /** Changes recorded, handed to the journal, and reported back by it. */
  private long recorded;

  private long appending;
  private long appended;
  private int appendingBytes;
  private @Nullable Pollable<Long> append;
  private @Nullable IOException failure;
  private boolean finishing;

  /**
   * Creates a writer.
   *
   * @param onFailure called once, on the loop, when the journal has failed: nothing can be
   *     confirmed from then on
   */
  JournalWriter(
      Dispatcher dispatcher, Journal journal, FsyncPolicy policy, Consumer<Throwable> onFailure) {
    super("journal writer");
    this.dispatcher = dispatcher;
    this.journal = journal;
    this.confirmsOnDisk = policy == FsyncPolicy.ALWAYS;
    this.onFailure = onFailure;
  }

  /** Takes a change down. */
  void record(Request effect) {
    recorded++;
    ByteBuffer encoded = effect.encode();
    batch.write(encoded.array(), encoded.arrayOffset() + encoded.position(), encoded.remaining());
  }

  @Override
  public long changes() {
    return recorded;
  }

  @Override
  public Pollable<Complete> commit() {
    work.wake();
    return new Commit(recorded);
  }

  /** Lets the task end when all that was recorded is in the journal. */
  void finish() {
    finishing = true;
    work.wake();
  }

  @Override
  protected Poll<Complete> doPoll(Context cx) throws Exception {
    for (; ; ) {
      if (append != null && !appended(cx, append)) {
        return Poll.pending();
      }
      if (batch.size() == 0) {
        if (finishing) {
          return Poll.ready();
        }
        work.register(cx, "changes for the journal");
        return Poll.pending();
      }
      append = append(ByteBuffer.wrap(batch.toByteArray()));
    }
  }

  private Pollable<Long> append(ByteBuffer record) {
    appending = recorded;
    appendingBytes = record.remaining();
    batch.reset();
    return Callbacks.call(
        "journal append",
        completer -> journal.append(record, null, LoopHandler.of(dispatcher, completer)));
  }

  private boolean appended(Context cx, Pollable<Long> current) throws Exception {
    try {
      if (cx.pollChild(current).isPending()) {
        return false;
      }
    } catch (IOException e) {
      fail(e);
      throw e;
    }
    append = null;
    appended = appending;
    appendingBytes = 0;
    wakeCommits();
    return true;
  }

  private void fail(IOException e) {
    failure = e;
    wakeCommits();
    onFailure.accept(e);
  }

  private void wakeCommits() {
    for (Commit commit = commits.peek(); commit != null; commit = commits.peek()) {
      if (!commit.isFinished() && !commit.isDone()) {
        return;
      }
      commits.remove();
      commit.slot.wake();
    }
  }

  @Override
  protected void cleanup() {
    if (append != null) {
      append.cancel();
    }
  }

  /** Ready when what was recorded before it is safe enough. */
  private final class Commit extends Operation<Complete> {
    private final long upTo;
    private final WakerSlot slot = new WakerSlot();
    private boolean waits;

    Commit(long upTo) {
      super("commit");
      this.upTo = upTo;
    }

    boolean isDone() {
      return failure != null
          || appended >= upTo
          || (!confirmsOnDisk && batch.size() + appendingBytes < LAG_BYTES);
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) throws IOException {
      if (isDone()) {
        if (failure != null) {
          throw new IOException("the journal has failed", requireNonNull(failure));
        }
        return Poll.ready();
      }
      slot.register(cx, "the journal");
      if (!waits) {
        waits = true;
        commits.add(this);
      }
      return Poll.pending();
    }
  }
}
