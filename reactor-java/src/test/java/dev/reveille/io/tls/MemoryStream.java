package dev.reveille.io.tls;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.WakerSlot;
import dev.reveille.io.ByteStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One end of a connection in memory, for tests: of any capacity, in chunks of any size, and cut
 * where it hurts. Both ends belong to one loop.
 */
final class MemoryStream implements ByteStream {

  /** One direction. */
  static final class Pipe {
    /** What is on its way, ready to be read. */
    private final ByteBuffer bytes;

    private final IntSupplier chunk;
    final WakerSlot reader = new WakerSlot();
    final WakerSlot writer = new WakerSlot();
    boolean ended;
    boolean readerGone;
    boolean blocked;
    @Nullable IOException failure;
    long total;
    private long changedAt = -1;
    private byte mask;

    Pipe(int capacity, IntSupplier chunk) {
      bytes = ByteBuffer.allocate(capacity).limit(0);
      this.chunk = chunk;
    }

    int room() {
      return blocked ? 0 : bytes.capacity() - bytes.remaining();
    }

    /** The bytes, and nobody will read them. */
    byte[] steal() {
      byte[] stolen = new byte[bytes.remaining()];
      bytes.get(stolen);
      writer.wake();
      return stolen;
    }

    void put(byte... more) {
      bytes.compact().put(more).flip();
      reader.wake();
    }

    void end() {
      ended = true;
      reader.wake();
    }

    void fail(IOException e) {
      failure = e;
      reader.wake();
      writer.wake();
    }

    /** Somebody in the middle changes some bits of a byte. */
    void change(long at, byte bits) {
      changedAt = at;
      mask = bits;
    }

    /** While blocked it takes nothing. */
    void block(boolean value) {
      blocked = value;
      writer.wake();
    }

    int available() {
      return bytes.remaining();
    }
  }

  final Pipe in;
  final Pipe out;
  private boolean closed;

  private MemoryStream(Pipe in, Pipe out) {
    this.in = in;
    this.out = out;
  }

  static MemoryStream[] pair(int capacity, IntSupplier chunk) {
    Pipe there = new Pipe(capacity, chunk);
    Pipe back = new Pipe(capacity, chunk);
    return new MemoryStream[] {new MemoryStream(back, there), new MemoryStream(there, back)};
  }

  @Override
  public Poll<Complete> pollReadable(Context cx) throws IOException {
    checkOpen();
    if (in.bytes.hasRemaining() || in.ended || in.failure != null) {
      return cx.tryProceed() ? Poll.ready() : Poll.pending();
    }
    in.reader.register(cx, "bytes from memory");
    return Poll.pending();
  }

  @Override
  public Poll<Complete> pollWritable(Context cx) throws IOException {
    checkOpen();
    if (out.room() > 0 || out.readerGone || out.failure != null) {
      return cx.tryProceed() ? Poll.ready() : Poll.pending();
    }
    out.writer.register(cx, "room in memory");
    return Poll.pending();
  }

  @Override
  public int tryRead(ByteBuffer buffer) throws IOException {
    checkOpen();
    if (in.failure != null) {
      throw in.failure;
    }
    int n = Math.min(in.chunk.getAsInt(), Math.min(in.bytes.remaining(), buffer.remaining()));
    if (n == 0) {
      return in.ended && !in.bytes.hasRemaining() ? -1 : 0;
    }
    buffer.put(in.bytes.slice().limit(n));
    in.bytes.position(in.bytes.position() + n);
    in.writer.wake();
    return n;
  }

  @Override
  public int tryWrite(ByteBuffer buffer) throws IOException {
    checkOpen();
    if (out.failure != null) {
      throw out.failure;
    }
    if (out.readerGone) {
      throw new IOException("broken pipe");
    }
    int n = Math.min(out.chunk.getAsInt(), Math.min(out.room(), buffer.remaining()));
    if (n > 0) {
      out.bytes.compact().put(buffer.slice().limit(n)).flip();
      buffer.position(buffer.position() + n);
      if (out.changedAt >= out.total && out.changedAt < out.total + n) {
        int at = out.bytes.limit() - n + (int) (out.changedAt - out.total);
        out.bytes.put(at, (byte) (out.bytes.get(at) ^ out.mask));
      }
      out.total += n;
      out.reader.wake();
    }
    return n;
  }

  @Override
  public void shutdownOutput() {
    out.end();
  }

  private void checkOpen() throws ClosedChannelException {
    if (closed) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  @Override
  public void close() {
    closed = true;
    out.end();
    in.readerGone = true;
    in.writer.wake();
    in.reader.wake();
    out.writer.wake();
  }
}
