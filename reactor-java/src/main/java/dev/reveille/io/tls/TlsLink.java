package dev.reveille.io.tls;

import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.Waker;
import dev.reveille.WakerSlot;
import dev.reveille.io.ByteStream;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What the two directions of a stream have in common: the records, the output of the transport, and
 * the end.
 *
 * <p><b>Two tasks, one output.</b> A task may read while another one writes. Reading needs the
 * transport's output too, for what the engine has to answer, and the transport has one place for a
 * task that waits for that. So whoever waits for output leaves its waker in its {@link Side}, and
 * polls the transport in the name of {@link #forOutput}, which wakes both. The one that it was not
 * meant for finds nothing to do, and waits again. Only the reader waits for the transport's input.
 *
 * <p><b>What does not happen.</b> The handshake is over, and renegotiation is refused. So writing
 * never waits for input, and the engine has no more tasks to run.
 *
 * <p><b>Failures.</b> {@link #failure} ends the connection, for both directions. A failure to write
 * is the writer's only: what the peer has said, an alert perhaps, can still be read.
 *
 * <p>On the loop only, but for {@link #isOpen} and {@link #close}.
 */
final class TlsLink {
  final TlsRecords records;
  final ByteStream transport;
  final SSLEngine engine;
  final Dispatcher dispatcher;

  /** Wakes a reader that waits for the transport's bytes, and is to find something else. */
  final WakerSlot input = new WakerSlot();

  final Side reading = new Side();
  final Side writing = new Side();

  /** What the transport wakes when it has room. */
  private final Waker forOutput =
      () -> {
        reading.slot.wake();
        writing.slot.wake();
      };

  /** Volatile for those who ask elsewhere than on the loop. */
  private volatile boolean closed;

  private @Nullable SSLException failure;
  private @Nullable IOException outputFailure;

  /** Something that the engine had to say is not in the system's hands yet. */
  private boolean owesAnswer;

  TlsLink(TlsRecords records, Dispatcher dispatcher) {
    this.records = records;
    this.transport = records.transport;
    this.engine = records.engine;
    this.dispatcher = dispatcher;
    this.owesAnswer = records.hasOutput(); // the tickets of a server
  }

  /** A task that waits for output. */
  final class Side {
    private final WakerSlot slot = new WakerSlot();

    /** The task's context, and the one made of it: both stay the same from poll to poll. */
    private @Nullable Context context;

    private @Nullable Context derived;

    /** Registers the running task, and gives the context to poll the transport's output with. */
    Context forOutput(Context cx, String why) {
      slot.register(cx, why);
      Context d = derived;
      if (d == null || context != cx) {
        d = cx.withWaker(forOutput);
        derived = d;
        context = cx;
      }
      return d;
    }

    void wake() {
      slot.wake();
    }

    private void close() {
      context = null;
      derived = null;
      slot.wake();
    }
  }

  // ------------------------------------------------------------------ output

  /** Offers the transport what it has not taken yet. Returns whether it took all. */
  boolean flush() throws IOException {
    try {
      return records.flush();
    } catch (IOException e) {
      outputFailed(e);
      throw e;
    }
  }

  boolean owesAnswer() {
    return owesAnswer;
  }

  /**
   * Lets the engine say what it has to. False if it keeps some of it back, since the peer takes
   * nothing: then nothing more may be read, or a peer that wants many answers and takes none would
   * fill the memory.
   */
  boolean answer() throws SSLException {
    owesAnswer = true;
    try {
      for (; ; ) {
        boolean said = records.speak();
        if (outputFailure != null) {
          records.dropOutput();
        }
        if (!offer()) {
          return said;
        }
        if (said) {
          owesAnswer = false;
          return true;
        }
      }
    } catch (SSLException e) {
      fail(e);
      throw e;
    }
  }

  private boolean offer() {
    try {
      return records.flush();
    } catch (IOException e) {
      outputFailed(e); // the writer's to know
      return true;
    }
  }

  /** What is left of a record can not be sent after it was begun and failed: it goes. */
  void outputFailed(IOException e) {
    if (outputFailure == null) {
      outputFailure = e;
      writing.slot.wake();
    }
    records.dropOutput();
  }

  // ------------------------------------------------------------------ checks

  void checkLoop(String method) {
    if (!dispatcher.onLoop()) {
      throw new IllegalStateException(
          "TlsStream." + method + " belongs on the loop of dispatcher '" + dispatcher.name() + "'");
    }
  }

  void checkOpen() throws ClosedChannelException {
    if (closed) {
      throw new ClosedChannelException();
    }
  }

  void checkNotFailed() throws SSLException {
    if (failure != null) {
      throw failure;
    }
  }

  void checkOutputNotFailed() throws IOException {
    checkNotFailed();
    if (outputFailure != null) {
      throw outputFailure;
    }
  }

  // ------------------------------------------------------------------ ends

  /** The end of the connection in disorder: the peer is told, if it takes that at once. */
  void fail(SSLException e) {
    if (failure != null) {
      return;
    }
    failure = e;
    try {
      sayLast();
    } catch (IOException mute) {
      e.addSuppressed(mute);
    }
    records.releaseCipher();
    transport.close();
    input.wake();
    reading.close();
    writing.close();
  }

  /** An alert, if the engine has made one of a failure; else close_notify. */
  private void sayLast() throws IOException {
    engine.closeOutbound();
    records.speakLast();
    if (outputFailure == null) {
      records.flush();
      records.discardInput();
    }
  }

  /** Any thread. */
  boolean isOpen() {
    return !closed && transport.isOpen();
  }

  /** On the loop; or while nobody drives it, since the transport does not allow more. */
  void close() {
    if (closed) {
      return;
    }
    if (!dispatcher.onLoop()) {
      transport.close();
      closed = true; // the buffers are the loop's: they go with this object
    } else {
      closed = true;
      if (transport.isOpen()) {
        try {
          sayLast();
        } catch (IOException e) {
          outputFailed(e); // the peer is gone, or the engine broken: to close is what is left
        }
      }
      records.release();
      transport.close();
    }
    input.wake();
    reading.close();
    writing.close();
  }
}
