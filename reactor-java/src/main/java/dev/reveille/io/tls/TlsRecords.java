package dev.reveille.io.tls;

import dev.reveille.io.ByteStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * An engine with its three buffers, between a transport and whoever drives it. It knows records and
 * bytes; that one has to wait, and for what, is left to {@link HandshakeOperation} and {@link
 * TlsStream}.
 *
 * <pre>
 *   transport -- fill --> cipherIn  -- unwrap --> the caller's buffer, or plainIn
 *   transport <- flush -- cipherOut <-- wrap ---- the caller's buffers, or what the engine says
 * </pre>
 *
 * <p><b>Buffers.</b> All are null while they are empty, and between calls ready to be drained (from
 * position to limit). A record is decrypted straight into the caller's buffer where that has room;
 * {@code plainIn} takes one record that does not fit. {@code cipherIn} holds up to two records, and
 * where one of them came in part only and the rest does not come, {@link #settle} moves it to a
 * buffer of its size: a peer that says half a word holds no more than four times of what it sent.
 * {@code cipherOut} holds one record of data at most, and behind it a few that the engine itself
 * had to say.
 *
 * <p>On the loop only, and not while a delegated task of the engine runs elsewhere.
 */
final class TlsRecords {
  private static final ByteBuffer[] NOTHING = {ByteBuffer.allocate(0)};

  /** A record's type byte: RFC 5246 6.2.1. */
  private static final byte HANDSHAKE = 22;

  /** A part of a record that is not longer than this is moved out of a buffer of the pool. */
  private static final int SMALL = TlsBuffers.SIZE / 4;

  private static final int SMALLEST = 64;

  final ByteStream transport;
  final SSLEngine engine;
  private final TlsBuffers buffers;

  private @Nullable ByteBuffer cipherIn;

  /** Where {@link #settle} has put cipherIn, and will again, as long as one record takes. */
  private @Nullable ByteBuffer small;

  /** Whether cipherIn is the small one. */
  private boolean settled;

  private @Nullable ByteBuffer plainIn;
  private @Nullable ByteBuffer cipherOut;

  /** Whether cipherIn may hold a whole record: it has not been found out that it does not. */
  private boolean undecided;

  /** What the engine wanted after the last record. Asking the engine itself takes its lock. */
  private HandshakeStatus status = HandshakeStatus.NOT_HANDSHAKING;

  /** Whether records of a handshake are a renegotiation. */
  private boolean refusesHandshakes;

  TlsRecords(ByteStream transport, SSLEngine engine, TlsBuffers buffers) {
    this.transport = transport;
    this.engine = engine;
    this.buffers = buffers;
  }

  /** The handshake is over. In TLS 1.3 what follows is encrypted, and no renegotiation. */
  void established() {
    refusesHandshakes = !isTls13();
  }

  boolean isTls13() {
    return engine.getSession().getProtocol().equals("TLSv1.3");
  }

  // ------------------------------------------------------------------ in

  /** Reads once from the transport. Returns what that says: a number of bytes, 0, or -1. */
  int fill() throws IOException {
    ByteBuffer in = cipherIn;
    if (in == null) {
      in = buffers.take(TlsBuffers.SIZE);
    } else if (settled) {
      in = buffers.take(TlsBuffers.SIZE).put(in);
    } else if (in.remaining() == in.capacity()) { // a record that the engine admits, and is longer
      ByteBuffer full = in;
      in = buffers.take(full.capacity() * 2).put(full);
      buffers.give(full);
    } else {
      in.compact();
    }
    int n;
    try {
      n = transport.tryRead(in);
    } finally {
      in.flip();
      cipherIn = in;
      settled = false;
      releaseEmptyInput();
    }
    if (n > 0) {
      undecided = true;
    }
    return n;
  }

  /** Whether {@link #unwrap} may find a record without another {@link #fill}. */
  boolean mayHoldRecord() {
    return undecided;
  }

  /**
   * Decrypts one record. Bytes of it go to the buffer. OK if there was one; underflow if there is
   * none yet; overflow if the buffer has not enough room for it; closed if it was the peer's
   * close_notify, or came after it.
   */
  Status unwrap(ByteBuffer to) throws SSLException {
    ByteBuffer in = cipherIn;
    if (in == null) {
      undecided = false;
      return Status.BUFFER_UNDERFLOW;
    }
    if (refusesHandshakes && in.get(in.position()) == HANDSHAKE) {
      throw new SSLException(
          "the peer wants to renegotiate, which is refused: it is a way to make this side do"
              + " expensive work, and TLS 1.3 has done away with it");
    }
    SSLEngineResult result = engine.unwrap(in, to);
    status = result.getHandshakeStatus();
    if (result.getStatus() == Status.BUFFER_UNDERFLOW) {
      undecided = false;
    }
    releaseEmptyInput();
    return result.getStatus();
  }

  /** {@link #unwrap} into a buffer of this object, from which {@link #takePlain} takes. */
  Status unwrapHere() throws SSLException {
    int size = Math.max(TlsBuffers.SIZE, engine.getSession().getApplicationBufferSize());
    for (; ; ) {
      ByteBuffer plain = buffers.take(size);
      Status outcome;
      try {
        outcome = unwrap(plain);
      } finally {
        if (plain.flip().hasRemaining()) {
          plainIn = plain;
        } else {
          buffers.give(plain);
        }
      }
      if (outcome != Status.BUFFER_OVERFLOW) {
        return outcome;
      }
      size = bigger(size);
    }
  }

  boolean hasPlain() {
    return plainIn != null;
  }

  /** Moves decrypted bytes to the caller's buffer, as many as it has room for. */
  int takePlain(ByteBuffer to) {
    ByteBuffer plain = plainIn;
    if (plain == null) {
      return 0;
    }
    int n = Math.min(plain.remaining(), to.remaining());
    to.put(to.position(), plain, plain.position(), n);
    to.position(to.position() + n);
    plain.position(plain.position() + n);
    if (!plain.hasRemaining()) {
      plainIn = null;
      buffers.give(plain);
    }
    return n;
  }

  /** Nothing comes for the time being: a part of a record shall not hold a whole buffer. */
  void settle() {
    ByteBuffer in = cipherIn;
    if (in == null || settled || in.remaining() > SMALL) {
      return;
    }
    ByteBuffer s = small;
    if (s == null || s.capacity() < in.remaining()) {
      s = ByteBuffer.allocate(Math.max(SMALLEST, Integer.highestOneBit(in.remaining()) * 2));
      small = s;
    }
    cipherIn = s.clear().put(in).flip();
    settled = true;
    buffers.give(in);
  }

  private void releaseEmptyInput() {
    ByteBuffer in = cipherIn;
    if (in != null && !in.hasRemaining()) {
      cipherIn = null;
      small = null;
      settled = false;
      undecided = false;
      buffers.give(in);
    }
  }

  // ------------------------------------------------------------------ out

  /** Whether the engine wants to say something of its own, as of the last record. */
  boolean hasToSpeak() {
    return status == HandshakeStatus.NEED_WRAP;
  }

  /** Whether it wants a task to be run. */
  boolean wantsTask() {
    return status == HandshakeStatus.NEED_TASK;
  }

  /** Asks the engine, not the last record: after a task, or when it was told to close. */
  HandshakeStatus lookAtStatus() {
    status = engine.getHandshakeStatus();
    return status;
  }

  /**
   * Encrypts what the engine itself has to say. Returns false if that has to wait, since the peer
   * does not take what was said before.
   */
  boolean speak() throws SSLException {
    while (lookAtStatus() == HandshakeStatus.NEED_WRAP) {
      ByteBuffer out = cipherOut;
      if (out != null && out.remaining() > TlsBuffers.SIZE) {
        return false;
      }
      SSLEngineResult result = wrap(NOTHING, 0, 1);
      if (result.bytesProduced() == 0 && lookAtStatus() == HandshakeStatus.NEED_WRAP) {
        throw new SSLException("the engine wants to speak, and says nothing: " + result);
      }
    }
    return true;
  }

  /** Encrypts up to one record of data, or of what the engine itself has to say first. */
  SSLEngineResult wrap(ByteBuffer[] from, int offset, int length) throws SSLException {
    int room = engine.getSession().getPacketBufferSize();
    for (; ; ) {
      ByteBuffer out = roomBehindOutput(room);
      SSLEngineResult result;
      try {
        result = engine.wrap(from, offset, length, out);
      } finally {
        cipherOut = out.flip();
        releaseEmptyOutput();
      }
      status = result.getHandshakeStatus();
      if (result.getStatus() != Status.BUFFER_OVERFLOW) {
        return result;
      }
      room = bigger(room);
    }
  }

  /** The outgoing buffer, to be appended to. */
  private ByteBuffer roomBehindOutput(int room) {
    ByteBuffer out = cipherOut;
    if (out == null) {
      return buffers.take(room);
    }
    if (out.capacity() - out.remaining() >= room) {
      return out.compact();
    }
    ByteBuffer larger = buffers.take(out.remaining() + room).put(out);
    buffers.give(out);
    return larger;
  }

  boolean hasOutput() {
    return cipherOut != null;
  }

  /** Offers the transport what it has not taken yet. Returns whether it took all. */
  boolean flush() throws IOException {
    ByteBuffer out = cipherOut;
    if (out == null) {
      return true;
    }
    transport.tryWrite(out);
    releaseEmptyOutput();
    return cipherOut == null;
  }

  void dropOutput() {
    ByteBuffer out = cipherOut;
    if (out != null) {
      cipherOut = null;
      buffers.give(out);
    }
  }

  private void releaseEmptyOutput() {
    ByteBuffer out = cipherOut;
    if (out != null && !out.hasRemaining()) {
      dropOutput();
    }
  }

  // ------------------------------------------------------------------ the end

  /** Encrypts the alert that the engine has made of a failure, or the close_notify. */
  void speakLast() throws SSLException {
    while (!engine.isOutboundDone()) {
      if (wrap(NOTHING, 0, 1).bytesProduced() == 0) {
        return;
      }
    }
  }

  /**
   * Throws away what has arrived and nobody will read, up to a limit. A socket that is closed while
   * it holds unread bytes sends a reset, and the peer's system then drops what it had received: our
   * last words too. TLS 1.3 servers send tickets that a client seldom comes to read.
   */
  void discardInput() throws IOException {
    ByteBuffer scratch = buffers.take(TlsBuffers.SIZE);
    try {
      int reads = 0;
      while (reads < 4 && transport.tryRead(scratch.clear()) > 0) {
        reads++;
      }
    } finally {
      buffers.give(scratch);
    }
  }

  /** Gives all buffers back. */
  void release() {
    releaseInput();
    dropOutput();
  }

  /** Gives back the buffers between engine and transport: what was decrypted can still be read. */
  void releaseCipher() {
    releaseCipherIn();
    dropOutput();
  }

  void releaseInput() {
    releaseCipherIn();
    ByteBuffer plain = plainIn;
    if (plain != null) {
      plainIn = null;
      buffers.give(plain);
    }
  }

  private void releaseCipherIn() {
    ByteBuffer in = cipherIn;
    if (in != null) {
      cipherIn = null;
      small = null;
      settled = false;
      undecided = false;
      buffers.give(in);
    }
  }

  /** The bytes of buffers that are held: for tests. */
  int heldBytes() {
    return capacity(cipherIn)
        + (settled ? 0 : capacity(small))
        + capacity(plainIn)
        + capacity(cipherOut);
  }

  private static int capacity(@Nullable ByteBuffer buffer) {
    return buffer == null ? 0 : buffer.capacity();
  }

  /** A record's length has 16 bits: an engine that asks for more room than that is broken. */
  private static int bigger(int size) throws SSLException {
    if (size > 1 << 17) {
      throw new SSLException("the engine is not content with " + size + " bytes for one record");
    }
    return size * 2;
  }
}
