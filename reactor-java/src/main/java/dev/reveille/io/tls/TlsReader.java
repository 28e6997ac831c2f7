package dev.reveille.io.tls;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** The reading side of a {@link TlsStream}. On the loop only. */
final class TlsReader {
  /**
   * What one call may do before the task is asked for budget again: 32 records of data, or four of
   * those without, which may change keys and cost ten times as much.
   */
  private static final int EFFORT = 32;

  private static final int EFFORT_WITHOUT_DATA = 8;

  private final TlsLink link;
  private final TlsRecords records;
  private boolean ended;
  private @Nullable TlsTruncatedException truncation;

  TlsReader(TlsLink link) {
    this.link = link;
    this.records = link.records;
  }

  Poll<Complete> pollReadable(Context cx) throws IOException {
    link.checkOpen();
    if (records.hasPlain()) {
      return proceed(cx);
    }
    link.checkNotFailed();
    if (link.owesAnswer() && !isAnswered(cx) && records.hasToSpeak() && !ended) {
      return Poll.pending(); // the engine keeps answers back
    }
    if (ended || truncation != null || records.mayHoldRecord()) {
      return proceed(cx);
    }
    Poll<Complete> poll = link.transport.pollReadable(cx);
    if (poll.isPending()) {
      link.input.register(cx, "bytes from the peer");
      records.settle();
    }
    return poll;
  }

  /** What comes is not looked at any more. */
  void shutdownInput() throws IOException {
    link.checkLoop("shutdownInput");
    link.checkOpen();
    ended = true;
    records.releaseInput();
    link.input.wake();
    link.reading.wake();
  }

  private static Poll<Complete> proceed(Context cx) {
    return cx.tryProceed() ? Poll.ready() : Poll.pending();
  }

  /** Whether nothing is owed any more; else the reader waits for output, as the writer may do. */
  private boolean isAnswered(Context cx) throws SSLException {
    Context out = link.reading.forOutput(cx, "room to answer the peer");
    while (link.owesAnswer()) {
      try {
        if (link.transport.pollWritable(out).isPending()) {
          return false;
        }
      } catch (IOException e) {
        link.outputFailed(e);
      }
      link.answer();
    }
    return true;
  }

  int tryRead(ByteBuffer buffer) throws IOException {
    link.checkLoop("tryRead");
    link.checkOpen();
    if (!buffer.hasRemaining()) {
      return 0;
    }
    if (records.hasPlain()) {
      return records.takePlain(buffer);
    }
    link.checkNotFailed();
    int start = buffer.position();
    try {
      decrypt(buffer, start);
    } catch (SSLException e) {
      link.fail(e);
    }
    int n = buffer.position() - start;
    if (n > 0) {
      return n; // the end, of whatever kind, is told in the next call
    }
    link.checkNotFailed();
    if (truncation != null) {
      throw truncation;
    }
    return ended ? -1 : 0;
  }

  long tryRead(ByteBuffer[] buffers, int offset, int length) throws IOException {
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
    int effort = EFFORT;
    boolean filled = false;
    while (effort > 0 && !ended && buffer.hasRemaining()) {
      if (records.hasToSpeak() && !link.answer()) {
        return;
      }
      if (!records.mayHoldRecord()) {
        if (filled || buffer.position() > start || !fill()) {
          return;
        }
        filled = true;
      }
      int before = buffer.position();
      Status status = records.unwrap(buffer);
      if (status == Status.BUFFER_OVERFLOW) {
        if (before > start) {
          return; // there will be more room in the next call
        }
        status = records.unwrapHere();
        records.takePlain(buffer);
      }
      ended = status == Status.CLOSED;
      effort -= buffer.position() > before ? 1 : EFFORT_WITHOUT_DATA;
      if (records.wantsTask()) {
        throw new SSLException("the peer wants another handshake, which is refused");
      }
      if (records.hasToSpeak()) {
        link.answer();
      }
    }
  }

  private boolean fill() throws IOException {
    int n = records.fill();
    if (n < 0) {
      truncation =
          new TlsTruncatedException(
              "the connection has ended without close_notify: it was cut, and what was read may not"
                  + " be all");
    }
    return n > 0;
  }
}
