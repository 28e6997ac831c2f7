package dev.reveille.io.tls;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Timer;
import dev.reveille.io.ByteStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * {@link Tls#client} and {@link Tls#server}.
 *
 * <p>First it does what the engine asks for, until that asks for nothing more; then the last flight
 * is flushed, and it is ready. If the engine throws, {@link #refusal} is set, the alert that tells
 * the peer why is flushed, still within the time limit, and what the engine threw is thrown. While
 * a delegated task runs elsewhere it waits for that and for nothing else, so the engine is never
 * touched by two threads.
 */
final class HandshakeOperation extends Operation<TlsStream> {
  private static final ByteBuffer NO_ROOM = ByteBuffer.allocate(0);

  private final ByteStream transport;
  private final SSLEngine engine;
  private final TlsOptions options;

  /** Null before the first poll. */
  private @Nullable TlsRecords records;

  private @Nullable Timer timer;

  /** A task of the engine that runs elsewhere. */
  private @Nullable Pollable<Complete> delegated;

  private @Nullable SSLException refusal;

  HandshakeOperation(String name, ByteStream transport, SSLEngine engine, TlsOptions options) {
    super(name);
    this.transport = transport;
    this.engine = engine;
    this.options = options;
  }

  @Override
  protected Poll<TlsStream> doPoll(Context cx) throws Exception {
    try {
      TlsRecords r = records;
      if (r == null) {
        r = begin(cx.dispatcher());
      }
      // Asked first: dumps show the reason to wait that is given last. Unlike a Timeout it counts
      // also when the budget was spent, or a peer that floods us would never be too late.
      boolean late = timer != null && timer.poll(cx).isReady();
      if (refusal == null && isOver(cx, r)) {
        disarm();
        r.established();
        return Poll.ready(new TlsStream(r, cx.dispatcher()));
      }
      if (refusal != null && (late || isPeerTold(cx, r, refusal))) {
        throw refusal;
      }
      if (late) {
        throw tooLate(r);
      }
      return Poll.pending();
    } catch (Throwable t) {
      abandon();
      throw t;
    }
  }

  private TlsRecords begin(Dispatcher dispatcher) throws IOException {
    TlsRecords r = new TlsRecords(transport, engine, TlsBuffers.of(dispatcher));
    records = r;
    Duration limit = options.handshakeTimeout();
    if (limit != null) {
      timer = new Timer(dispatcher);
      timer.reset(limit);
    }
    engine.beginHandshake();
    return r;
  }

  private boolean isOver(Context cx, TlsRecords r) throws Exception {
    try {
      return shake(cx, r);
    } catch (SSLException e) {
      refusal = e;
      try {
        r.speakLast();
      } catch (SSLException mute) {
        e.addSuppressed(mute);
      }
      return false;
    }
  }

  private boolean shake(Context cx, TlsRecords r) throws Exception {
    for (; ; ) {
      if (delegated != null && !isTaskDone(cx, delegated)) {
        return false;
      }
      boolean over = false;
      boolean canGoOn =
          switch (r.lookAtStatus()) {
            case NEED_TASK -> runTask(cx);
            // All that there is, before it is flushed: a flight of many records is one write.
            case NEED_WRAP -> r.speak() || isFlushed(cx, r);
            case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
              // Both at once: a peer may not take our bytes before we have taken its own.
              isFlushed(cx, r);
              yield hear(cx, r);
            }
            default -> {
              over = true;
              yield true;
            }
          };
      if (over) {
        // Who has the last word makes sure that it was said. With TLS 1.3 that is the client, and
        // what a server sends after it are tickets for other sessions: the stream sees to them.
        return isFlushed(cx, r) || (!engine.getUseClientMode() && r.isTls13());
      }
      if (!canGoOn) {
        return false;
      }
    }
  }

  private boolean isFlushed(Context cx, TlsRecords r) throws IOException {
    while (r.hasOutput()) {
      if (transport.pollWritable(cx).isPending()) {
        return false;
      }
      r.flush();
    }
    return true;
  }

  private boolean hear(Context cx, TlsRecords r) throws IOException {
    if (!r.mayHoldRecord()) {
      if (transport.pollReadable(cx).isPending()) {
        r.settle();
        return false;
      }
      if (r.fill() < 0) {
        throw new TlsTruncatedException(name() + ": the peer has ended the connection meanwhile");
      }
      return true;
    }
    if (!cx.tryProceed()) {
      return false;
    }
    Status status = r.unwrap(NO_ROOM);
    if (status == Status.CLOSED) {
      throw new SSLHandshakeException(name() + ": the peer has closed it meanwhile");
    }
    if (status == Status.BUFFER_OVERFLOW) {
      throw new SSLHandshakeException(name() + ": the peer has sent data before its end");
    }
    return true;
  }

  // ------------------------------------------------------------------ tasks of the engine

  private boolean runTask(Context cx) throws Exception {
    Runnable task = engine.getDelegatedTask();
    if (task == null) {
      throw new SSLException(name() + ": the engine waits for a task that it does not have");
    }
    Executor executor = options.taskExecutor();
    if (executor == null) {
      task.run();
      cx.waker("its turn after a long step").wake(); // the others first
      return false;
    }
    Pollable<Complete> begun =
        cx.dispatcher()
            .offload(
                () -> {
                  task.run();
                  return Complete.COMPLETE;
                },
                executor);
    delegated = begun;
    return isTaskDone(cx, begun);
  }

  private boolean isTaskDone(Context cx, Pollable<Complete> begun) throws Exception {
    if (begun.poll(cx).isPending()) {
      return false;
    }
    delegated = null;
    return true;
  }

  // ------------------------------------------------------------------ the bad ends

  private boolean isPeerTold(Context cx, TlsRecords r, SSLException e) {
    try {
      if (!isFlushed(cx, r)) {
        return false;
      }
      r.discardInput();
    } catch (IOException gone) {
      e.addSuppressed(gone);
    }
    return true;
  }

  private IOException tooLate(TlsRecords r) {
    IOException e =
        new SocketTimeoutException(name() + " was not over after " + options.handshakeTimeout());
    if (delegated == null) { // else the engine is not ours
      try {
        engine.closeOutbound();
        r.speakLast();
        r.flush();
      } catch (IOException mute) {
        e.addSuppressed(mute);
      }
    }
    return e;
  }

  @Override
  protected void doCancel() {
    abandon();
  }

  private void abandon() {
    disarm();
    if (delegated != null) {
      delegated.cancel();
    }
    if (records != null) {
      records.release();
    }
    transport.close();
  }

  private void disarm() {
    if (timer != null) {
      timer.cancel();
    }
  }
}
