package dev.reveille.io.process;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.Poll;
import dev.reveille.io.ByteSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Standard output or error of a child. A poll that finds nothing lets a worker read once; nothing
 * is read that nobody has asked for, so a child whose output is not read is held back by its pipe.
 */
final class ChildSource extends PipeEnd implements ByteSource {
  private final InputStream in;

  // Of the side that has the pipe.
  /** What was read and not taken yet. Made by the first read, dropped at the end. */
  private @Nullable ByteBuffer bytes;

  private boolean ended;

  ChildSource(String name, Dispatcher dispatcher, Executor blocking, InputStream in) {
    super(name, "output of the child", dispatcher, blocking, in);
    this.in = in;
  }

  /** Nothing comes here: the output of the child goes elsewhere. */
  static ChildSource redirected(String name, Dispatcher dispatcher, Executor blocking) {
    ChildSource source = new ChildSource(name, dispatcher, blocking, InputStream.nullInputStream());
    source.ended = true;
    source.shut();
    return source;
  }

  @Override
  public Poll<Complete> pollReadable(Context cx) throws IOException {
    checkLoop("pollReadable");
    checkOpen();
    if (!isBusy()) {
      if (isReadable()) {
        return cx.tryProceed() ? Poll.ready() : Poll.pending();
      }
      begin();
    }
    if (await(cx)) {
      return Poll.pending();
    }
    return cx.tryProceed() ? Poll.ready() : Poll.pending();
  }

  /** While the loop has the pipe. A failure shuts it. */
  private boolean isReadable() {
    ByteBuffer b = bytes;
    return isShut() || (b != null && b.hasRemaining());
  }

  @Override
  public int tryRead(ByteBuffer buffer) throws IOException {
    checkLoop("tryRead");
    checkOpen();
    if (isBusy() || !buffer.hasRemaining()) {
      return 0;
    }
    ByteBuffer b = bytes;
    if (b != null && b.hasRemaining()) {
      int n = Math.min(b.remaining(), buffer.remaining());
      buffer.put(b.slice().limit(n)); // throws before anything is taken, if it is read-only
      b.position(b.position() + n);
      return n;
    }
    checkFailure();
    if (ended) {
      bytes = null;
      return -1;
    }
    return 0;
  }

  @Override
  void work() throws IOException {
    ByteBuffer b = bytes;
    if (b == null) {
      b = ByteBuffer.allocate(CAPACITY);
      bytes = b;
    }
    int n = in.read(b.array(), 0, CAPACITY);
    b.position(0).limit(Math.max(n, 0));
    if (n < 0) {
      ended = true;
      bytes = null;
      finish();
    }
  }
}
