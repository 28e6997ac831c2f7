package dev.reveille.samples.resp.protocol;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Replies of one connection on their way to the peer.
 *
 * <p>Small replies are written one behind the other into a chunk that is reused as soon as it is
 * drained, or kept in line until then. A value of {@value #LINK_FROM} bytes or more is not copied:
 * its array is linked between the chunks, which is why arrays given to {@link #bulk(byte[])} and
 * {@link #encoded(byte[])} must never change afterwards. {@link #pendingBytes()} counts both, so it
 * is the number to hold against an output limit.
 *
 * <p>Not thread-safe: used on the connection's loop only.
 */
public final class ReplyBuffer {
  private static final int CHUNK = 8 * 1024;
  private static final int LINK_FROM = 4 * 1024;

  /** Longest reply line without a text: type, number, CR LF. */
  private static final int MAX_LINE = Ascii.MAX_LONG_LENGTH + 3;

  private static final byte[] CR_LF = {'\r', '\n'};
  private static final byte[] NULL_BULK = "$-1\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] NULL_ARRAY = "*-1\r\n".getBytes(StandardCharsets.US_ASCII);

  private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);

  /** Ready to be read, oldest first; all older than {@link #chunk}. */
  private final Deque<ByteBuffer> sealed = new ArrayDeque<>();

  /** Being written, or null before the first reply. */
  private @Nullable ByteBuffer chunk;

  private final ByteBuffer[] window = new ByteBuffer[16];
  private long pending;

  /** {@code +text}. Line breaks, which would end the reply early, become blanks. */
  public ReplyBuffer simple(String text) {
    return line('+', text);
  }

  /** {@code -text}, where {@code text} begins with the error's code. Line breaks as above. */
  public ReplyBuffer error(String text) {
    return line('-', text);
  }

  /** {@code :number}. */
  public ReplyBuffer integer(long number) {
    Ascii.putLine(room(MAX_LINE), ':', number);
    pending += Ascii.lengthOf(number) + 3L;
    return this;
  }

  /** A bulk string. {@code value} must not change any more. */
  public ReplyBuffer bulk(byte[] value) {
    return bulk(value, value.length);
  }

  /** A bulk string of the first {@code length} bytes of {@code value}, which must not change. */
  public ReplyBuffer bulk(byte[] value, int length) {
    header('$', length);
    bytes(value, length);
    return bytes(CR_LF, 2);
  }

  /** A bulk string of {@code text} in UTF-8. */
  public ReplyBuffer bulk(String text) {
    return bulk(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The bulk string that stands for "no value". */
  public ReplyBuffer nullBulk() {
    return bytes(NULL_BULK, NULL_BULK.length);
  }

  /** The head of an array; its {@code size} elements are to follow. */
  public ReplyBuffer array(int size) {
    return header('*', size);
  }

  /** The array that stands for "no value", for example of a BLPOP that timed out. */
  public ReplyBuffer nullArray() {
    return bytes(NULL_ARRAY, NULL_ARRAY.length);
  }

  /** A reply that is already encoded, for example once for all subscribers of a channel. */
  public ReplyBuffer encoded(byte[] reply) {
    return bytes(reply, reply.length);
  }

  /** How many bytes of replies have not been taken yet. */
  public long pendingBytes() {
    return pending;
  }

  /** Whether all replies have been taken. */
  public boolean isEmpty() {
    return pending == 0;
  }

  /**
   * Offers the pending bytes to {@code sink} until all are taken or it takes less than it is
   * offered.
   *
   * @return how many bytes it took
   * @throws IOException what the sink threw; the bytes it had not taken are still pending
   */
  public long drainTo(GatheringSink sink) throws IOException {
    long before = pending;
    boolean more = pending > 0;
    while (more) {
      more = sealed.isEmpty() ? drainChunk(sink) : drainSealed(sink);
    }
    return before - pending;
  }

  /** Forgets what is pending, for a connection that is gone. */
  public void discard() {
    sealed.clear();
    if (chunk != null) {
      chunk.clear();
    }
    pending = 0;
  }

  private boolean drainChunk(GatheringSink sink) throws IOException {
    ByteBuffer readable = chunk;
    if (readable == null) {
      return false;
    }
    readable.flip();
    window[0] = readable;
    try {
      pending -= sink.write(window, 0, 1);
    } finally {
      window[0] = EMPTY;
      readable.compact();
    }
    if (readable.position() == 0 && readable.capacity() < CHUNK) {
      chunk = null;
    }
    return false;
  }

  private boolean drainSealed(GatheringSink sink) throws IOException {
    seal();
    int count = 0;
    long offered = 0;
    for (ByteBuffer buffer : sealed) {
      if (count == window.length) {
        break;
      }
      window[count++] = buffer;
      offered += buffer.remaining();
    }
    long taken;
    try {
      taken = sink.write(window, 0, count);
    } finally {
      Arrays.fill(window, 0, count, EMPTY);
    }
    pending -= taken;
    while (!sealed.isEmpty() && !sealed.getFirst().hasRemaining()) {
      sealed.removeFirst();
    }
    return taken == offered && pending > 0;
  }

  private ReplyBuffer line(char type, String text) {
    room(1).put((byte) type);
    pending++;
    byte[] bytes = text.replace('\r', ' ').replace('\n', ' ').getBytes(StandardCharsets.ISO_8859_1);
    bytes(bytes, bytes.length);
    return bytes(CR_LF, 2);
  }

  private ReplyBuffer header(char type, int number) {
    Ascii.putLine(room(MAX_LINE), type, number);
    pending += Ascii.lengthOf(number) + 3L;
    return this;
  }

  private ReplyBuffer bytes(byte[] bytes, int length) {
    pending += length;
    if (length >= LINK_FROM) {
      seal();
      sealed.addLast(ByteBuffer.wrap(bytes, 0, length));
    } else {
      room(length).put(bytes, 0, length);
    }
    return this;
  }

  /** A chunk with room for {@code length} bytes. */
  private ByteBuffer room(int length) {
    ByteBuffer current = chunk;
    if (current != null && current.remaining() >= length) {
      return current;
    }
    seal();
    // What is left of the old chunk is too small: the reply goes into a new one.
    ByteBuffer fresh = ByteBuffer.allocate(CHUNK);
    chunk = fresh;
    return fresh;
  }

  /** Puts what the chunk holds in line with the sealed ones, and goes on in the rest of it. */
  private void seal() {
    ByteBuffer current = chunk;
    if (current != null && current.position() > 0) {
      chunk = current.remaining() >= MAX_LINE ? current.slice() : null;
      sealed.addLast(current.flip());
    }
  }
}
