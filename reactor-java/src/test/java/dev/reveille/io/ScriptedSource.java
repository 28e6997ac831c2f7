package dev.reveille.io;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.WakerSlot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;

/**
 * A source that gives what the test tells it to, in the chunks in which it was told: a read never
 * gives more than the rest of one chunk. On the loop, or while nobody drives.
 */
public final class ScriptedSource implements ByteSource {
  private final ArrayDeque<ByteBuffer> chunks = new ArrayDeque<>();
  private final WakerSlot reader = new WakerSlot();
  private boolean ended;
  private IOException failure;
  private boolean open = true;

  /** How many reads gave bytes. */
  public int reads;

  /** The largest room that a read offered. */
  public int largestRoom;

  /** The bytes that were read so far. */
  public long bytesRead;

  /** A chunk arrives. */
  public ScriptedSource feed(byte... bytes) {
    chunks.add(ByteBuffer.wrap(bytes.clone()));
    reader.wake();
    return this;
  }

  /** A chunk of Latin-1 text arrives. */
  public ScriptedSource feed(String text) {
    return feed(text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
  }

  /** Each byte arrives on its own. */
  public ScriptedSource drip(byte[] bytes) {
    for (byte b : bytes) {
      chunks.add(ByteBuffer.wrap(new byte[] {b}));
    }
    reader.wake();
    return this;
  }

  /** The peer has sent its last byte. */
  public ScriptedSource end() {
    ended = true;
    reader.wake();
    return this;
  }

  /** The connection fails, after what was fed. */
  public ScriptedSource fail(IOException e) {
    failure = e;
    reader.wake();
    return this;
  }

  public boolean isAwaited() {
    return reader.isRegistered();
  }

  @Override
  public Poll<Complete> pollReadable(Context cx) throws IOException {
    if (!open) {
      throw new ClosedChannelException();
    }
    if (chunks.isEmpty() && !ended && failure == null) {
      reader.register(cx, "bytes of the script");
      return Poll.pending();
    }
    return cx.tryProceed() ? Poll.ready() : Poll.pending();
  }

  @Override
  public int tryRead(ByteBuffer buffer) throws IOException {
    if (!open) {
      throw new ClosedChannelException();
    }
    largestRoom = Math.max(largestRoom, buffer.remaining());
    ByteBuffer chunk = chunks.peek();
    if (chunk == null) {
      if (failure != null) {
        throw failure;
      }
      return ended ? -1 : 0;
    }
    int n = Math.min(chunk.remaining(), buffer.remaining());
    for (int i = 0; i < n; i++) {
      buffer.put(chunk.get());
    }
    if (!chunk.hasRemaining()) {
      chunks.remove();
    }
    reads += n > 0 ? 1 : 0;
    bytesRead += n;
    return n;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() {
    open = false;
    reader.wake();
  }
}
