package dev.reveille.io.tls;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;

/** The writing side of a {@link TlsStream}. On the loop only. */
final class TlsWriter {
  /** How many records one call may encrypt before the task is asked for budget again. */
  private static final int RECORDS_PER_WRITE = 8;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final TlsLink link;
  private final TlsRecords records;
  private boolean shutDown;

  /** Holds the one source of a write: a field, not an array for each call. */
  private final ByteBuffer[] one = {NOTHING};

  TlsWriter(TlsLink link) {
    this.link = link;
    this.records = link.records;
  }

  Poll<Complete> pollWritable(Context cx) throws IOException {
    checkUsable();
    Context out = link.writing.forOutput(cx, "room to write");
    for (; ; ) {
      Poll<Complete> room = link.transport.pollWritable(out);
      if (room.isPending() || !records.hasOutput()) {
        return room;
      }
      link.flush();
    }
  }

  int tryWrite(ByteBuffer buffer) throws IOException {
    one[0] = buffer;
    try {
      return (int) encrypt(one, 0, 1);
    } finally {
      one[0] = NOTHING;
    }
  }

  long tryWrite(ByteBuffer[] buffers, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, buffers.length);
    return encrypt(buffers, offset, length);
  }

  private long encrypt(ByteBuffer[] from, int offset, int length) throws IOException {
    link.checkLoop("tryWrite");
    checkUsable();
    long sum = 0;
    for (int left = RECORDS_PER_WRITE; left > 0 && link.flush(); left--) {
      if (!hasRemaining(from, offset, length)) {
        return sum;
      }
      SSLEngineResult result;
      try {
        result = records.wrap(from, offset, length);
      } catch (SSLException e) {
        link.fail(e);
        throw e;
      }
      sum += result.bytesConsumed();
      if (result.getStatus() == Status.CLOSED) {
        link.flush();
        if (sum == 0) {
          throw new SSLException(
              "the peer has closed the connection; TLS 1.2 does not close one direction only");
        }
        return sum;
      }
    }
    link.flush();
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

  Poll<Complete> pollFlush(Context cx) throws IOException {
    link.checkOpen();
    link.checkOutputNotFailed();
    if (records.hasToSpeak()) {
      link.answer();
    }
    if (!records.hasOutput()) {
      return Poll.ready();
    }
    Context out = link.writing.forOutput(cx, "the last bytes to be taken");
    while (records.hasOutput()) {
      if (link.transport.pollWritable(out).isPending()) {
        return Poll.pending();
      }
      link.flush();
      if (records.hasToSpeak()) { // a close_notify that had no room
        link.answer();
      }
    }
    return Poll.ready();
  }

  void shutdownOutput() throws IOException {
    link.checkLoop("shutdownOutput");
    link.checkOpen();
    if (shutDown) {
      return;
    }
    link.checkOutputNotFailed();
    shutDown = true;
    link.engine.closeOutbound();
    records.lookAtStatus();
    link.answer();
    link.checkOutputNotFailed();
  }

  private void checkUsable() throws IOException {
    link.checkOpen();
    link.checkNotFailed();
    if (shutDown) {
      throw new ClosedChannelException();
    }
    link.checkOutputNotFailed();
  }
}
