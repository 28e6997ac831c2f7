package dev.reveille.io;

import static java.nio.channels.SelectionKey.OP_READ;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.WakerSlot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;

/** A {@link ByteSource} over the reading end of a pipe. */
final class NioPipeSource extends Registration implements ByteSource {
  private final Pipe.SourceChannel channel;
  private final WakerSlot reader = new WakerSlot();

  /** Takes an end over. If that fails, it is as it was. */
  static NioPipeSource adopt(SelectorDispatcher dispatcher, Pipe.SourceChannel channel)
      throws IOException {
    channel.configureBlocking(false);
    return new NioPipeSource(dispatcher, channel);
  }

  private NioPipeSource(SelectorDispatcher dispatcher, Pipe.SourceChannel channel) {
    super(dispatcher, channel, OP_READ);
    this.channel = channel;
  }

  @Override
  public Poll<Complete> pollReadable(Context cx) throws IOException {
    checkOpen();
    if (isReady(OP_READ)) {
      return cx.tryProceed() ? Poll.ready() : Poll.pending();
    }
    await(cx, reader, OP_READ, "bytes from the pipe");
    return Poll.pending();
  }

  @Override
  public int tryRead(ByteBuffer buffer) throws IOException {
    boolean taken = enter("tryRead");
    try {
      return readNow(buffer);
    } finally {
      dispatcher.exit(taken);
    }
  }

  private int readNow(ByteBuffer buffer) throws IOException {
    int limit = HeapBytes.curb(buffer);
    try {
      int asked = buffer.remaining();
      int n = channel.read(buffer);
      // A short read has emptied the pipe. What comes after it, the end too, is reported.
      if (n >= 0 && n < asked) {
        exhausted(OP_READ);
      }
      return n;
    } finally {
      buffer.limit(limit);
    }
  }

  @Override
  void wake(int operations) {
    reader.wake();
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() {
    close("the pipe's source.close");
  }

  @Override
  public String toString() {
    return "source of " + channel;
  }
}
