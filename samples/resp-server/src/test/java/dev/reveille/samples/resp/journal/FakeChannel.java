package dev.reveille.samples.resp.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.CompletionHandler;
import java.nio.channels.FileLock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * A file in memory that does what a file may do and rarely does when one is looking: it takes a few
 * bytes at a time, fails on command, and calls handlers whenever its executor likes, be it at once.
 */
final class FakeChannel extends AsynchronousFileChannel {
  /** "write 20", "force", "close", in order. */
  final List<String> log = new ArrayList<>();

  private final Executor callbacks;

  int bytesPerWrite = Integer.MAX_VALUE;
  int bytesPerRead = Integer.MAX_VALUE;
  @Nullable IOException writeFailure;
  @Nullable IOException forceFailure;

  private byte[] bytes = {};

  /** What would be there after a crash. */
  private byte[] forced = {};

  private boolean open = true;

  FakeChannel(Executor callbacks) {
    this.callbacks = callbacks;
  }

  FakeChannel(byte[] content, Executor callbacks) {
    this(callbacks);
    bytes = content.clone();
    forced = bytes;
  }

  byte[] bytes() {
    return bytes.clone();
  }

  byte[] forced() {
    return forced.clone();
  }

  long count(String event) {
    return log.stream().filter(entry -> entry.startsWith(event)).count();
  }

  @Override
  public <A> void write(
      ByteBuffer source, long position, A attachment, CompletionHandler<Integer, ? super A> to) {
    int count = Math.min(source.remaining(), bytesPerWrite);
    log.add("write " + count);
    IOException failure = writeFailure;
    callbacks.execute(
        () -> {
          if (failure != null) {
            to.failed(failure, attachment);
            return;
          }
          bytes = Arrays.copyOf(bytes, (int) Math.max(bytes.length, position + count));
          source.get(bytes, (int) position, count);
          to.completed(count, attachment);
        });
  }

  @Override
  public <A> void read(
      ByteBuffer target, long position, A attachment, CompletionHandler<Integer, ? super A> to) {
    callbacks.execute(
        () -> {
          long there = Math.min(bytesPerRead, bytes.length - position);
          int count = (int) Math.min(target.remaining(), there);
          target.put(bytes, (int) position, Math.max(0, count));
          to.completed(count > 0 ? count : -1, attachment);
        });
  }

  @Override
  public void force(boolean metaData) throws IOException {
    log.add("force");
    if (forceFailure != null) {
      throw forceFailure;
    }
    if (!open) {
      throw new ClosedChannelException();
    }
    forced = bytes.clone();
  }

  @Override
  public AsynchronousFileChannel truncate(long size) {
    log.add("truncate " + size);
    bytes = Arrays.copyOf(bytes, (int) size);
    return this;
  }

  @Override
  public long size() {
    return bytes.length;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() {
    log.add("close");
    open = false;
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
  public <A> void lock(
      long position,
      long size,
      boolean shared,
      A attachment,
      CompletionHandler<FileLock, ? super A> to) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Future<FileLock> lock(long position, long size, boolean shared) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileLock tryLock(long position, long size, boolean shared) {
    throw new UnsupportedOperationException();
  }
}
