package dev.reveille.io;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.WakerSlot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;

/** A sink with as much room as the test makes. On the loop, or while nobody drives. */
public final class ScriptedSink implements ByteSink {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final WakerSlot writer = new WakerSlot();
  private long room;
  private boolean open = true;

  /** How many writes took bytes. */
  public int writes;

  /** How many flushes were asked for. */
  public int flushes;

  /** Makes room. */
  public ScriptedSink allow(long bytes) {
    room += bytes;
    writer.wake();
    return this;
  }

  public byte[] bytes() {
    return written.toByteArray();
  }

  public String text() {
    return written.toString(StandardCharsets.ISO_8859_1);
  }

  public void forget() {
    written.reset();
  }

  @Override
  public Poll<Complete> pollWritable(Context cx) throws IOException {
    if (!open) {
      throw new ClosedChannelException();
    }
    if (room == 0) {
      writer.register(cx, "room of the script");
      return Poll.pending();
    }
    return cx.tryProceed() ? Poll.ready() : Poll.pending();
  }

  @Override
  public int tryWrite(ByteBuffer buffer) throws IOException {
    return (int) tryWrite(new ByteBuffer[] {buffer}, 0, 1);
  }

  @Override
  public long tryWrite(ByteBuffer[] buffers, int offset, int length) throws IOException {
    if (!open) {
      throw new ClosedChannelException();
    }
    long sum = 0;
    for (int i = offset; i < offset + length; i++) {
      while (buffers[i].hasRemaining() && room > 0) {
        written.write(buffers[i].get());
        room--;
        sum++;
      }
    }
    writes += sum > 0 ? 1 : 0;
    return sum;
  }

  @Override
  public Poll<Complete> pollFlush(Context cx) {
    flushes++;
    return Poll.ready();
  }

  @Override
  public void shutdownOutput() {}

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() {
    open = false;
    writer.wake();
  }
}
