package dev.reveille.io.tls;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.Poll;
import dev.reveille.Waker;
import dev.reveille.WakerSlot;
import dev.reveille.io.ByteStream;
import dev.reveille.io.TcpStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.security.cert.Certificate;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose bytes are encrypted, made by {@link Tls}. It takes the place of a {@link
 * TcpStream}: whoever reads and writes one can read and write the other.
 *
 * <p>A server's side that reads a request, answers, and says that this was all:
 *
 * <pre>{@code
 * static Pollable<Complete> serve(TlsStream stream, ByteBuffer request, ByteBuffer answer) {
 *   return Pollables.then(
 *       stream.read(request),
 *       n ->
 *           Pollables.then(
 *               stream.write(answer),
 *               written -> {
 *                 stream.shutdownOutput();
 *                 return stream::pollFlush; // ready when the close_notify is on its way
 *               }));
 * }
 * }</pre>
 *
 * <p><b>The end.</b> {@link #shutdownOutput} sends {@code close_notify}: with TLS 1.3 this side
 * goes on reading, with TLS 1.2 the peer answers with its own, and drops what it has not sent yet.
 * {@code tryRead} answers -1 after the peer's {@code close_notify} only; a connection that ends
 * without it was cut, and throws {@link TlsTruncatedException}. {@link #close} sends {@code
 * close_notify} if the system takes it at once, and drops what it does not take: call {@code
 * shutdownOutput}, and wait with {@code pollFlush}, before. Called elsewhere than on the loop it
 * sends nothing. The transport is closed with the stream, and not before: {@code shutdownOutput}
 * leaves it open both ways.
 *
 * <p><b>Failures.</b> A record that was tampered with, an alert of the peer, or a wish to
 * renegotiate are an {@link SSLException}, which says what it was; the peer is told by an alert,
 * the transport is closed, and from then on reading and writing throw that exception, after what
 * was decrypted before is read. {@link TlsTruncatedException} is told to the reader only, and a
 * failure to write to the writer only: what the peer has sent can still be read.
 *
 * <p><b>Reading answers for the engine.</b> With TLS 1.3 a peer may ask for new keys. Such records
 * are taken, and answered, when this side reads; while the peer does not take the answers no more
 * is read. A {@code tryRead} decrypts 32 records at most, so a flood of tiny ones spends budget
 * like anything else.
 *
 * <p><b>Memory.</b> An idle connection holds no buffer: those of all streams of a dispatcher are
 * shared, and a stream has one only while a part of a record, or bytes that nobody has read or the
 * system has not taken, are in it: 33 KB for each direction, and as much again for a record that is
 * larger than the buffer that it is read to. What remains is the JDK's engine, with its session
 * about 12 KB.
 *
 * <p><b>Threading.</b> As {@link TcpStream}. {@link #session}, {@link #applicationProtocol} and
 * {@link #peerCertificates} may be asked for by any thread.
 */
public final class TlsStream implements TcpStream {
  /*
   * Two tasks may use the two directions at once. Reading needs the transport's output too, for
   * what the engine has to answer, and the transport has one place for a task that waits for that.
   * So whoever waits for output leaves its waker with us, in its Side, and polls the
   * transport in the name of `forOutput`, which wakes both. The one that it was not meant for finds
   * nothing to do, and waits again. Only the reader waits for the transport's input.
   *
   * The handshake is over, and renegotiation refused, so writing never waits for input, and the
   * engine never wants a delegated task.
   */

  /** How many records one call may decrypt or encrypt before the task is asked for budget again. */
  private static final int RECORDS_PER_READ = 32;

  private static final int RECORDS_PER_WRITE = 8;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final TlsRecords records;
  private final ByteStream transport;
  private final SSLEngine engine;
  private final Dispatcher dispatcher;

  private final Side reading = new Side();
  private final Side writing = new Side();

  /** What the transport wakes when it has room. */
  private final Waker forOutput =
      () -> {
        reading.slot.wake();
        writing.slot.wake();
      };

  /** Holds the one source of a write: a field, not an array for each call. */
  private final ByteBuffer[] one = {NOTHING};

  /** Plain where the loop reads it, which is where it is written, but for a close elsewhere. */
  private volatile boolean closed;

  /** Of the whole connection. */
  private @Nullable SSLException failure;

  /** Of the output only: told to the writer. */
  private @Nullable IOException outputFailure;

  /** Of the input only. */
  private @Nullable TlsTruncatedException truncation;

  private boolean inputEnded;
  private boolean outputShutDown;

  /** Something that the engine had to say is not in the system's hands yet. */
  private boolean owesAnswer;

  TlsStream(TlsRecords records, Dispatcher dispatcher) {
    this.records = records;
    this.transport = records.transport;
    this.engine = records.engine;
    this.dispatcher = dispatcher;
    this.owesAnswer = records.hasOutput();
  }

  /** A task that waits for output. */
  private final class Side {
    final WakerSlot slot = new WakerSlot();

    /** The task's context, and the one made of it: both stay the same from poll to poll. */
    private @Nullable Context context;

    private @Nullable Context derived;

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

    void close() {
      context = null;
      derived = null;
      slot.wake();
    }
  }

  // ------------------------------------------------------------------ reading

  @Override
  public Poll<Complete> pollReadable(Context cx) throws IOException {
    checkOpen();
    if (records.hasPlain()) {
      return proceed(cx);
    }
    checkNotFailed();
    if (owesAnswer && !isAnswered(cx) && records.hasToSpeak()) {
      return Poll.pending(); // the engine would have to keep its answers
    }
    if (inputEnded || truncation != null || records.mayHoldRecord()) {
      return proceed(cx);
    }
    Poll<Complete> poll = transport.pollReadable(cx);
    if (poll.isPending()) {
      records.settle();
    }
    return poll;
  }

  private static Poll<Complete> proceed(Context cx) {
    return cx.tryProceed() ? Poll.ready() : Poll.pending();
  }

  @Override
  public int tryRead(ByteBuffer buffer) throws IOException {
    checkLoop("tryRead");
    checkOpen();
    if (!buffer.hasRemaining()) {
      return 0;
    }
    if (records.hasPlain()) {
      return records.takePlain(buffer);
    }
    checkNotFailed();
    int start = buffer.position();
    try {
      decrypt(buffer, start);
    } catch (SSLException e) {
      fail(e);
    }
    int n = buffer.position() - start;
    if (n > 0) {
      return n; // the end, of whatever kind, is told in the next call
    }
    checkNotFailed();
    if (truncation != null) {
      throw truncation;
    }
    return inputEnded ? -1 : 0;
  }

  @Override
  public long tryRead(ByteBuffer[] buffers, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, buffers.length);
    long sum = 0;
    for (int i = offset; i < offset + length; i++) {
      if (!buffers[i].hasRemaining()) {
        continue;
      }
      // Once there are some bytes only what is decrypted already is added: nothing that can fail.
      int n = sum == 0 ? tryRead(buffers[i]) : records.takePlain(buffers[i]);
      if (n <= 0) {
        return sum == 0 ? n : sum;
      }
      sum += n;
    }
    return sum;
  }

  private void decrypt(ByteBuffer buffer, int start) throws IOException {
    boolean filled = false;
    for (int left = RECORDS_PER_READ; left > 0 && !inputEnded && buffer.hasRemaining(); left--) {
      if (records.hasToSpeak() && !answer()) {
        return;
      }
      if (!records.mayHoldRecord()) {
        if (filled || buffer.position() > start) {
          return;
        }
        int n = records.fill();
        if (n <= 0) {
          if (n < 0) {
            truncation =
                new TlsTruncatedException(
                    "the connection has ended without close_notify: it was cut, and what was read"
                        + " may not be all");
          }
          return;
        }
        filled = true;
      }
      Status status = records.unwrap(buffer);
      if (status == Status.BUFFER_OVERFLOW) {
        if (buffer.position() > start) {
          return;
        }
        status = records.unwrapHere();
        records.takePlain(buffer);
      }
      inputEnded = status == Status.CLOSED;
      if (records.wantsTask()) {
        throw new SSLException("the peer wants another handshake, which is refused");
      }
      if (records.hasToSpeak()) {
        answer();
      }
    }
  }

  /** Lets the engine say what it has to. False if the peer does not take it, and reading waits. */
  private boolean answer() throws SSLException {
    owesAnswer = true;
    for (; ; ) {
      boolean said = records.speak();
      if (outputFailure != null) {
        records.dropOutput();
      }
      try {
        if (!records.flush()) {
          return said;
        }
      } catch (IOException e) {
        outputFailed(e); // the writer's to know
      }
      if (said) {
        owesAnswer = false;
        return true;
      }
    }
  }

  /** In the reader's poll. Whether nothing is owed any more; else it waits for output. */
  private boolean isAnswered(Context cx) throws SSLException {
    Context out = reading.forOutput(cx, "room to answer the peer");
    while (owesAnswer) {
      try {
        if (transport.pollWritable(out).isPending()) {
          return false;
        }
      } catch (IOException e) {
        outputFailed(e);
      }
      answer();
    }
    return true;
  }

  // ------------------------------------------------------------------ writing

  @Override
  public Poll<Complete> pollWritable(Context cx) throws IOException {
    checkOutput();
    Context out = writing.forOutput(cx, "room to write");
    for (; ; ) {
      Poll<Complete> room = transport.pollWritable(out);
      if (room.isPending() || !records.hasOutput()) {
        return room;
      }
      flush();
    }
  }

  @Override
  public int tryWrite(ByteBuffer buffer) throws IOException {
    one[0] = buffer;
    try {
      return (int) encrypt(one, 0, 1);
    } finally {
      one[0] = NOTHING;
    }
  }

  @Override
  public long tryWrite(ByteBuffer[] buffers, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, buffers.length);
    return encrypt(buffers, offset, length);
  }

  private long encrypt(ByteBuffer[] from, int offset, int length) throws IOException {
    checkLoop("tryWrite");
    checkOutput();
    long sum = 0;
    for (int left = RECORDS_PER_WRITE; left > 0 && flush(); left--) {
      if (!hasRemaining(from, offset, length)) {
        return sum;
      }
      SSLEngineResult result;
      try {
        result = records.wrap(from, offset, length);
      } catch (SSLException e) {
        fail(e);
        throw e;
      }
      sum += result.bytesConsumed();
      if (result.getStatus() == Status.CLOSED) {
        flush();
        if (sum == 0) {
          throw new SSLException(
              "the peer has closed the connection; TLS 1.2 does not close one direction only");
        }
        return sum;
      }
    }
    flush();
    return sum;
  }

  private static boolean hasRemaining(ByteBuffer[] buffers, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      if (buffers[i].hasRemaining()) {
        return true;
      }
    }
    return false;
  }

  @Override
  public Poll<Complete> pollFlush(Context cx) throws IOException {
    checkOpen();
    checkNotFailed();
    checkOutputNotFailed();
    if (records.hasToSpeak()) {
      answer();
    }
    if (!records.hasOutput()) {
      return Poll.ready();
    }
    Context out = writing.forOutput(cx, "the last bytes to be taken");
    while (records.hasOutput()) {
      if (transport.pollWritable(out).isPending()) {
        return Poll.pending();
      }
      flush();
      if (records.hasToSpeak()) {
        answer();
      }
    }
    return Poll.ready();
  }

  private boolean flush() throws IOException {
    try {
      return records.flush();
    } catch (IOException e) {
      outputFailed(e);
      throw e;
    }
  }

  /**
   * Sends {@code close_notify} behind what was written: the peer reads the end of the stream. With
   * TLS 1.3 this side goes on reading. Idempotent. Wait with {@link #pollFlush} until it is on its
   * way.
   *
   * @throws IllegalStateException if called elsewhere than on the loop
   */
  @Override
  public void shutdownOutput() throws IOException {
    checkLoop("shutdownOutput");
    checkOpen();
    if (outputShutDown) {
      return;
    }
    checkNotFailed();
    checkOutputNotFailed();
    outputShutDown = true;
    engine.closeOutbound();
    try {
      records.lookAtStatus();
      answer();
    } catch (SSLException e) {
      fail(e);
      throw e;
    }
    checkOutputNotFailed();
  }

  // ------------------------------------------------------------------ checks and ends

  private void checkLoop(String method) {
    if (!dispatcher.onLoop()) {
      throw new IllegalStateException(
          "TlsStream." + method + " belongs on the loop of dispatcher '" + dispatcher.name() + "'");
    }
  }

  private void checkOpen() throws ClosedChannelException {
    if (closed) {
      throw new ClosedChannelException();
    }
  }

  private void checkOutput() throws IOException {
    checkOpen();
    checkNotFailed();
    if (outputShutDown) {
      throw new ClosedChannelException();
    }
    checkOutputNotFailed();
  }

  private void checkNotFailed() throws SSLException {
    if (failure != null) {
      throw failure;
    }
  }

  private void checkOutputNotFailed() throws IOException {
    if (outputFailure != null) {
      throw outputFailure;
    }
  }

  /** What is left of a record can not be sent after it was begun and failed: it goes. */
  private void outputFailed(IOException e) {
    if (outputFailure == null) {
      outputFailure = e;
      writing.slot.wake();
    }
    owesAnswer = false;
    records.dropOutput();
  }

  /** The end of the connection in disorder: the peer is told, if it takes that at once. */
  private void fail(SSLException e) {
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

  @Override
  public boolean isOpen() {
    return !closed && transport.isOpen();
  }

  /**
   * Sends {@code close_notify} if the system takes it at once, closes the transport and wakes the
   * tasks that wait, whose polls then throw {@link ClosedChannelException}. Elsewhere than on the
   * loop it sends nothing, so that the peer finds the connection cut. Idempotent.
   *
   * @throws IllegalStateException if another thread drives the dispatcher
   */
  @Override
  public void close() {
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
    reading.close();
    writing.close();
  }

  // ------------------------------------------------------------------ what was agreed on

  /**
   * The session: protocol, cipher suite, certificates.
   *
   * @return the engine's session
   */
  public SSLSession session() {
    return engine.getSession();
  }

  /**
   * The application protocol that was agreed on (ALPN).
   *
   * @return its name, or null if one of the sides did not ask for any
   */
  public @Nullable String applicationProtocol() {
    String protocol = engine.getApplicationProtocol();
    return protocol == null || protocol.isEmpty() ? null : protocol;
  }

  /**
   * The certificates of the peer, its own first.
   *
   * @return the chain; empty if the peer has shown none
   */
  public List<Certificate> peerCertificates() {
    try {
      return List.of(engine.getSession().getPeerCertificates());
    } catch (SSLPeerUnverifiedException none) {
      return List.of();
    }
  }

  // ------------------------------------------------------------------ the socket below

  /**
   * Sets an option of the socket below.
   *
   * @throws UnsupportedOperationException if the transport is no {@link TcpStream}, or its socket
   *     does not know the option
   */
  @Override
  public <T> void setOption(SocketOption<T> option, T value) throws IOException {
    socket().setOption(option, value);
  }

  /**
   * The address of this side.
   *
   * @throws UnsupportedOperationException if the transport is no {@link TcpStream}
   */
  @Override
  public SocketAddress localAddress() {
    return socket().localAddress();
  }

  /**
   * The address of the peer.
   *
   * @throws UnsupportedOperationException if the transport is no {@link TcpStream}
   */
  @Override
  public SocketAddress remoteAddress() {
    return socket().remoteAddress();
  }

  private TcpStream socket() {
    if (transport instanceof TcpStream tcp) {
      return tcp;
    }
    throw new UnsupportedOperationException("not over a TcpStream, but over " + transport);
  }

  /** The bytes of buffers that are held: for tests. */
  int heldBytes() {
    return records.heldBytes();
  }

  @Override
  public String toString() {
    return "TlsStream[" + engine.getSession().getProtocol() + " over " + transport + "]";
  }
}
