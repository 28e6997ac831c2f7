package dev.reveille.io.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.nio.channels.FileLock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A file in memory that does what a file may do and rarely does when one is looking: it moves a few
 * bytes at a time, fails on command, and calls its handlers whenever its executor likes: at once
 * and on the calling thread, twice, or never.
 */
final class FakeFile extends AsynchronousFileChannel {
  /** Calls that wait for {@link #run}: the executor of a file that answers when it is told to. */
  static final class Held implements Executor {
    private final Deque<Runnable> calls = new ArrayDeque<>();

    @Override
    public synchronized void execute(Runnable call) {
      calls.add(call);
    }

    synchronized int size() {
      return calls.size();
    }

    private synchronized @Nullable Runnable next() {
      return calls.poll();
    }

    /** Takes the oldest one out. */
    Runnable take() {
      Runnable call = next();
      if (call == null) {
        throw new AssertionError("nothing is in flight");
      }
      return call;
    }

    /** Runs the oldest one. */
    void runOne() {
      take().run();
    }

    void run() {
      for (Runnable call = next(); call != null; call = next()) {
        call.run();
      }
    }
  }

  /** What {@link FakeFile#lock} grants. */
  static final class FakeLock extends FileLock {
    final AtomicInteger releases = new AtomicInteger();

    FakeLock(FakeFile file, long position, long size, boolean shared) {
      super(file, position, size, shared);
    }

    @Override
    public boolean isValid() {
      return releases.get() == 0;
    }

    @Override
    public void release() {
      releases.incrementAndGet();
    }
  }

  /** "read 20", "write 20", "force", "close", in the order of their begin. */
  final List<String> log = new ArrayList<>();

  final List<FakeLock> locks = new ArrayList<>();

  private final Executor callbacks;

  int bytesPerWrite = Integer.MAX_VALUE;
  int bytesPerRead = Integer.MAX_VALUE;
  int words = 1;
  @Nullable Exception readFailure;
  @Nullable Exception writeFailure;
  @Nullable IOException forceFailure;
  @Nullable IOException closeFailure;

  private byte[] bytes;
  private boolean open = true;

  FakeFile(Executor callbacks, byte... content) {
    this.callbacks = callbacks;
    this.bytes = content.clone();
  }

  synchronized byte[] bytes() {
    return bytes.clone();
  }

  synchronized List<String> log() {
    return List.copyOf(log);
  }

  private synchronized void log(String event) {
    log.add(event);
  }

  private <V, A> void answer(CompletionHandler<V, ? super A> handler, A attachment, V value) {
    for (int i = 0; i < words; i++) {
      handler.completed(value, attachment);
    }
  }

  private <V, A> void fail(CompletionHandler<V, ? super A> handler, A attachment, Throwable t) {
    for (int i = 0; i < words; i++) {
      handler.failed(t, attachment);
    }
  }

  @Override
  public <A> void write(
      ByteBuffer source, long position, A attachment, CompletionHandler<Integer, ? super A> to) {
    log("write " + source.remaining());
    callbacks.execute(
        () -> {
          Exception failure = writeFailure;
          if (failure != null) {
            fail(to, attachment, failure);
            return;
          }
          int count = Math.min(source.remaining(), bytesPerWrite);
          synchronized (this) {
            bytes = Arrays.copyOf(bytes, (int) Math.max(bytes.length, position + count));
            source.get(bytes, (int) position, count);
          }
          answer(to, attachment, count);
        });
  }

  @Override
  public <A> void read(
      ByteBuffer target, long position, A attachment, CompletionHandler<Integer, ? super A> to) {
    log("read " + target.remaining());
    callbacks.execute(
        () -> {
          Exception failure = readFailure;
          if (failure != null) {
            fail(to, attachment, failure);
            return;
          }
          int count;
          synchronized (this) {
            long there = Math.min(bytesPerRead, bytes.length - position);
            count = (int) Math.min(target.remaining(), there);
            target.put(bytes, (int) Math.min(position, bytes.length), Math.max(0, count));
          }
          answer(to, attachment, count > 0 ? count : -1);
        });
  }

  @Override
  public <A> void lock(
      long position,
      long size,
      boolean shared,
      A attachment,
      CompletionHandler<FileLock, ? super A> to) {
    log("lock");
    FakeLock lock = new FakeLock(this, position, size, shared);
    locks.add(lock);
    callbacks.execute(() -> answer(to, attachment, lock));
  }

  @Override
  public @Nullable FileLock tryLock(long position, long size, boolean shared) {
    return null;
  }

  @Override
  public void force(boolean metaData) throws IOException {
    log("force");
    if (forceFailure != null) {
      throw forceFailure;
    }
  }

  @Override
  public AsynchronousFileChannel truncate(long size) throws IOException {
    log("truncate " + size);
    synchronized (this) {
      bytes = Arrays.copyOf(bytes, (int) size);
    }
    return this;
  }

  @Override
  public synchronized long size() throws IOException {
    if (!open) {
      throw new ClosedChannelException();
    }
    return bytes.length;
  }

  @Override
  public synchronized boolean isOpen() {
    return open;
  }

  @Override
  public synchronized void close() throws IOException {
    log.add("close");
    open = false;
    if (closeFailure != null) {
      throw closeFailure;
    }
  }

  @Override
  public String toString() {
    return "fake";
  }

  @Override
  public Future<Integer> read(ByteBuffer target, long position) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<Integer> write(ByteBuffer source, long position) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<FileLock> lock(long position, long size, boolean shared) {
    throw new UnsupportedOperationException();
  }
}
