package dev.reveille.io.process;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.Poll;
import dev.reveille.io.ByteSink;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Standard input of a child. What is written goes into the buffer, and the buffer to a worker at
 * once; as long as the child does not take it, there is no room.
 */
final class ChildSink extends PipeEnd implements ByteSink {
  private final OutputStream out;

  /** Where the input comes from, if it does not come from here. */
  private final @Nullable String redirect;

  // Of the side that has the pipe.
  /** Made by the first write. */
  private byte @Nullable [] bytes;

  private int length;

  ChildSink(
      String name,
      Dispatcher dispatcher,
      Executor blocking,
      OutputStream out,
      @Nullable String redirect) {
    super(name, "the child to take its input", dispatcher, blocking, out);
    this.out = out;
    this.redirect = redirect;
    if (redirect != null) {
      shut();
    }
  }

  @Override
  public Poll<Complete> pollWritable(Context cx) throws IOException {
    checkLoop("pollWritable");
    checkWritable();
    if (isBusy() && await(cx)) {
      return Poll.pending();
    }
    checkWritable();
    return cx.tryProceed() ? Poll.ready() : Poll.pending();
  }

  @Override
  public int tryWrite(ByteBuffer buffer) throws IOException {
    checkLoop("tryWrite");
    checkWritable();
    int n = Math.min(buffer.remaining(), CAPACITY);
    if (n == 0 || isBusy()) {
      return 0;
    }
    byte[] b = bytes;
    if (b == null) {
      b = new byte[CAPACITY];
      bytes = b;
    }
    int position = buffer.position();
    buffer.get(position, b, 0, n);
    length = n;
    begin();
    buffer.position(position + n); // what was not handed over was not written
    return n;
  }

  private void checkWritable() throws IOException {
    checkOpen();
    if (redirect != null) {
      throw new IOException(name() + " does not come from here: " + redirect);
    }
    if (!isBusy()) {
      checkFailure();
    }
    if (isShut()) {
      throw new ClosedChannelException();
    }
  }

  @Override
  public Poll<Complete> pollFlush(Context cx) throws IOException {
    checkLoop("pollFlush");
    checkOpen();
    if (isBusy() && await(cx)) {
      return Poll.pending();
    }
    checkFailure();
    return cx.tryProceed() ? Poll.ready() : Poll.pending();
  }

  @Override
  public void shutdownOutput() throws IOException {
    checkOpen();
    shut();
  }

  @Override
  void work() throws IOException {
    byte[] b = bytes;
    assert b != null : "nothing to write";
    out.write(b, 0, length);
    out.flush();
  }
}
