package dev.reveille.io;

import static java.nio.channels.SelectionKey.OP_WRITE;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.WakerSlot;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;

/** A {@link ByteSink} over the writing end of a pipe. */
final class NioPipeSink extends Registration implements ByteSink {
  private final Pipe.SinkChannel channel;
  private final WakerSlot writer = new WakerSlot();

  /**
   * A pipe has no end but that of its sink; so the end of the output is a close of another name.
   */
  private boolean outputShutDown;

  /** Takes an end over. If that fails, it is as it was. */
  static NioPipeSink adopt(SelectorDispatcher dispatcher, Pipe.SinkChannel channel)
      throws IOException {
    channel.configureBlocking(false);
    return new NioPipeSink(dispatcher, channel);
  }

  private NioPipeSink(SelectorDispatcher dispatcher, Pipe.SinkChannel channel) {
    super(dispatcher, channel, OP_WRITE);
    this.channel = channel;
  }

  @Override
  public Poll<Complete> pollWritable(Context cx) throws IOException {
    checkOpen();
    if (isReady(OP_WRITE)) {
      return cx.tryProceed() ? Poll.ready() : Poll.pending();
    }
    await(cx, writer, OP_WRITE, "room in the pipe");
    return Poll.pending();
  }

  @Override
  public int tryWrite(ByteBuffer buffer) throws IOException {
    boolean taken = enter("tryWrite");
    try {
      return writeNow(buffer);
    } finally {
      dispatcher.exit(taken);
    }
  }

  private int writeNow(ByteBuffer buffer) throws IOException {
    int limit = HeapBytes.curb(buffer);
    try {
      int n = channel.write(buffer);
      if (buffer.hasRemaining()) {
        exhausted(OP_WRITE);
      }
      return n;
    } finally {
      buffer.limit(limit);
    }
  }

  @Override
  public void shutdownOutput() throws IOException {
    boolean taken = dispatcher.enter("the pipe's sink.shutdownOutput");
    try {
      if (!outputShutDown) {
        checkOpen();
        outputShutDown = true;
        close("the pipe's sink.shutdownOutput", taken); // the role is taken here already
      }
    } finally {
      dispatcher.exit(taken);
    }
  }

  @Override
  void wake(int operations) {
    writer.wake();
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() {
    close("the pipe's sink.close");
  }

  @Override
  public String toString() {
    return "sink of " + channel;
  }
}
