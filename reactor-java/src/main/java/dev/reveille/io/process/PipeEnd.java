package dev.reveille.io.process;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;

import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.MockTime;
import dev.reveille.WakerSlot;
import java.io.Closeable;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One of the pipes between this process and a child. The JVM has blocking streams for them and
 * nothing else, so each read and each write is a job of an executor.
 *
 * <p><b>Whose it is.</b> A pipe has one buffer and one blocking stream, and at each moment they
 * belong, with all plain fields of the subclass, to one side: to the loop, or, while {@code BUSY}
 * is set, to the worker. The loop gives them away by setting the bit (CAS, and then {@code
 * execute}), the worker gives them back by clearing it (CAS, its last access to them); the loop
 * reads the word (volatile) before it touches them. A job is one read or one write: a thread of the
 * executor is occupied from a poll that finds nothing until something comes, and while the other
 * side does not take what was written.
 *
 * <p><b>Who closes the stream.</b> {@code SHUT} says that it is to be closed; it is set once, by
 * any thread, and never cleared. If the pipe is not busy at that moment, who set it closes the
 * stream; else the worker does, before it clears {@code BUSY}. So nobody closes a stream under the
 * hands of a thread that is blocked in it, which would not end that call, and would free a
 * descriptor that the call still uses. {@code CLOSED} says that the owner wants nothing more of the
 * pipe.
 */
abstract class PipeEnd implements Runnable {
  /** Few bytes, since each pipe has its own; a pipe of Linux holds four times as many. */
  static final int CAPACITY = 16 << 10;

  private static final VarHandle STATE =
      fieldVarHandle(MethodHandles.lookup(), "state", VarHandle.class, PipeEnd.class, int.class);

  private static final int BUSY = 1;
  private static final int SHUT = 2;
  private static final int CLOSED = 4;

  private final String name;
  private final String why;
  private final Dispatcher dispatcher;
  private final Executor blocking;
  private final Closeable stream;
  private final WakerSlot slot = new WakerSlot();

  /** Volatile; the transitions are CAS: see above. */
  private volatile int state;

  /**
   * What the worker met: the end of this pipe. Written by who has the pipe; volatile because a
   * thread that shuts it has it for a moment.
   */
  private volatile @Nullable Throwable failure;

  /** Of the job that runs. Written by the loop before BUSY. */
  private MockTime.@Nullable Hold hold;

  PipeEnd(String name, String why, Dispatcher dispatcher, Executor blocking, Closeable stream) {
    this.name = name;
    this.why = why;
    this.dispatcher = dispatcher;
    this.blocking = blocking;
    this.stream = stream;
  }

  /** For messages. */
  final String name() {
    return name;
  }

  /** One blocking read or write. On the worker. */
  abstract void work() throws IOException;

  // ------------------------------------------------------------------ on the loop

  final void checkLoop(String operation) {
    if (!dispatcher.onLoop()) {
      throw new IllegalStateException(
          operation
              + " of the "
              + name
              + " belongs on the loop of dispatcher '"
              + dispatcher.name()
              + "'; it was called from thread '"
              + Thread.currentThread().getName()
              + "'; post() it");
    }
  }

  final void checkOpen() throws ClosedChannelException {
    if ((state & CLOSED) != 0) {
      throw new ClosedChannelException();
    }
  }

  /** The failure of an earlier job. Only while the loop has the pipe. */
  final void checkFailure() throws IOException {
    Throwable f = failure;
    if (f != null) {
      throw new IOException(name + ": " + f.getMessage(), f);
    }
  }

  /** Whether the worker has the pipe. */
  final boolean isBusy() {
    return (state & BUSY) != 0;
  }

  /** Whether the stream is closed, or about to be. */
  final boolean isShut() {
    return (state & SHUT) != 0;
  }

  /**
   * Waits for the worker. Returns false if it has given the pipe back before it could know of the
   * waiter.
   */
  final boolean await(Context cx) {
    slot.register(cx, why);
    return isBusy();
  }

  /** Gives the pipe to a worker. The caller has it, and it is not shut. */
  final void begin() throws ClosedChannelException {
    MockTime.Hold h = dispatcher.ticker() instanceof MockTime mock ? mock.hold() : null;
    hold = h;
    if (!STATE.compareAndSet(this, 0, BUSY)) {
      release(h);
      throw new ClosedChannelException(); // by another thread, just now
    }
    try {
      blocking.execute(this);
    } catch (Throwable refused) {
      giveBack();
      throw refused;
    }
  }

  // ------------------------------------------------------------------ on the worker

  @Override
  public final void run() {
    try {
      work();
    } catch (Throwable t) { // an Error too: nobody but the one who waits can be told
      fail(t);
    }
    giveBack();
  }

  /** The end of this pipe: there is nothing more to do with the stream. By who has the pipe. */
  final void finish() {
    STATE.getAndBitwiseOr(this, SHUT);
  }

  private void fail(Throwable t) {
    failure = t;
    finish();
  }

  private void giveBack() {
    MockTime.Hold h = hold;
    boolean closed = false;
    for (; ; ) {
      int s = state;
      if ((s & SHUT) != 0 && !closed) {
        closed = true;
        closeStream();
      }
      if (STATE.compareAndSet(this, s, s & ~BUSY)) {
        break;
      }
    }
    slot.wake(); // before time may move on: who is woken is to be seen then
    release(h);
  }

  // ------------------------------------------------------------------ any thread

  /** Closes the stream as soon as nobody is in it. */
  final void shut() {
    if (((int) STATE.getAndBitwiseOr(this, SHUT) & (BUSY | SHUT)) == 0) {
      closeStream();
    }
  }

  public final boolean isOpen() {
    return (state & CLOSED) == 0;
  }

  /** Wakes who waits, who then finds the pipe closed. What is in flight is not waited for. */
  public final void close() {
    int before = (int) STATE.getAndBitwiseOr(this, CLOSED);
    if ((before & CLOSED) == 0) {
      shut();
      slot.wake();
      if ((before & BUSY) != 0) {
        release(hold); // as for an offloaded call that was cancelled: nobody waits for it
      }
    }
  }

  /** By who has the pipe; once, since SHUT is set once. */
  private void closeStream() {
    try {
      stream.close();
    } catch (IOException e) {
      // A pipe whose reader has gone: what was to be said of it was said by the write. There is
      // nothing left in the stream's own buffer, since each write flushes it.
      if (failure == null) {
        failure = e;
      }
    }
  }

  private static void release(MockTime.@Nullable Hold hold) {
    if (hold != null) {
      hold.close();
    }
  }

  @Override
  public String toString() {
    int s = state;
    return name
        + ((s & CLOSED) != 0 ? "[closed" : (s & SHUT) != 0 ? "[at its end" : "[open")
        + ((s & BUSY) != 0 ? ", busy]" : "]");
  }
}
