package dev.reveille.io.framing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.io.ByteSource;
import dev.reveille.io.buffer.BufferPool;
import dev.reveille.sync.PollStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import org.jspecify.annotations.Nullable;

/**
 * Reads frames from a source: lines, messages with a length in front, what a delimiter ends. One
 * task reads at a time.
 *
 * <p>A frame is a view of the bytes as they were read, without a copy and without an object for
 * each; it is valid until the next call of this reader. A line protocol:
 *
 * <pre>{@code
 * Poll<Complete> serve(Context cx) throws IOException {
 *   for (; ; ) {
 *     Poll<@Nullable ByteBuffer> poll = requests.pollFrame(cx);
 *     if (poll.isPending()) {
 *       return Poll.pending();
 *     }
 *     ByteBuffer request = poll.value();
 *     if (request == null) {
 *       return Poll.ready(); // the peer has sent its last request
 *     }
 *     handle(request);
 *   }
 * }
 * }</pre>
 *
 * <p>There are three layers: {@link #pollFrame} and {@link #pollText}, which may be called again
 * and again; {@link #frame} and {@link #text}, one-shot operations; and the streams {@link #frames}
 * and {@link #texts}. All but {@code pollFrame} give something that stays valid.
 *
 * <p><b>Bytes.</b> The reader reads ahead: what it has read belongs to the frames to come, or to
 * whoever {@linkplain #takeUnread takes it out}. Nothing of it is lost when an operation is
 * cancelled, or when a budget is spent. A protocol whose parts are framed in different ways
 * {@linkplain #use changes} the framing between two frames.
 *
 * <p><b>Memory.</b> A reader on a buffer of the caller's uses it until it is {@linkplain #close
 * closed}. A reader on a pool borrows a buffer when bytes arrive and gives it back when none are
 * left, so that an idle connection holds none; while the pool is empty it waits, and reads nothing.
 * While buffers are {@linkplain BufferPool#isScarce scarce}, it keeps the beginning of a frame
 * elsewhere, so that slow peers do not hold them all. A frame that does not fit goes to a larger
 * buffer, which grows as its bytes arrive, up to the limit of the framing, and is given up
 * afterwards. So choose buffers for the usual frame.
 *
 * <p><b>Threading.</b> On the loop only.
 */
public final class FrameReader implements AutoCloseable {
  private static final Poll<@Nullable ByteBuffer> END = Polls.ready(null);

  private final ByteSource source;
  private final FrameInput input;
  private final Scan scan = new Scan();
  private final FrameText text = new FrameText(UTF_8.newDecoder());

  private Framing framing;
  private boolean skipsTooLong;

  /** The frame at the front is complete, and was not given for want of budget. */
  private boolean found;

  /** The rest of a frame that was too long is being passed over: so much, or to its end. */
  private boolean skipping;

  private long toSkip;
  private long skipped;

  private boolean ended;
  private boolean closed;

  /** After it there is no knowing where a frame begins. */
  private @Nullable IOException failure;

  /** The ready poll with the buffer that was given last: usually that which is given next. */
  private Poll<@Nullable ByteBuffer> ready = END;

  /**
   * Creates a reader with a buffer of the caller's.
   *
   * @param source where the bytes come from; it stays the caller's, to be closed by it
   * @param buffer where they are kept, of any kind, at least one byte; what it contains is ignored.
   *     It must not be touched, but for the frames given, before this reader is closed
   * @param framing what a frame is
   * @throws IllegalArgumentException if the buffer has no room or is read-only
   */
  public FrameReader(ByteSource source, ByteBuffer buffer, Framing framing) {
    this(source, new FrameInput(checked(buffer)), framing);
  }

  /**
   * Creates a reader that borrows its buffer.
   *
   * @param source where the bytes come from; it stays the caller's, to be closed by it
   * @param pool where the buffer comes from, of the same loop
   * @param framing what a frame is
   */
  public FrameReader(ByteSource source, BufferPool pool, Framing framing) {
    this(source, new FrameInput(pool), framing);
  }

  private FrameReader(ByteSource source, FrameInput input, Framing framing) {
    this.source = requireNonNull(source, "source");
    this.input = input;
    this.framing = requireNonNull(framing, "framing");
  }

  private static ByteBuffer checked(ByteBuffer buffer) {
    if (buffer.capacity() == 0 || buffer.isReadOnly()) {
      throw new IllegalArgumentException("a reader needs a buffer that it can write to: " + buffer);
    }
    return buffer;
  }

  // ------------------------------------------------------------------ settings

  /**
   * Changes the framing. What was read and not yet given is searched again with the new one.
   *
   * @param next what the next frame is
   * @throws IllegalStateException if the rest of a frame that was too long is still being passed
   *     over
   * @throws IllegalArgumentException if it is of lines and the decoder's charset has no single byte
   *     for their end
   */
  public void use(Framing next) {
    if (skipping) {
      throw new IllegalStateException(
          "the rest of a frame that was too long is still being passed over; poll again first");
    }
    text.checkFits(next);
    framing = requireNonNull(next, "next");
    found = false;
    scan.reset();
  }

  /**
   * Whether to go on after a frame that is too long. It is told in either case, by a {@link
   * TooLongFrameException}. If not, which is the default, the reader has failed by that: each
   * further poll throws it again, and the thing to do is to close the source. If it goes on, the
   * next poll passes over the rest of that frame, as its bytes arrive, and gives the one after it.
   *
   * @param skips true to go on
   */
  public void skipTooLong(boolean skips) {
    skipsTooLong = skips;
  }

  /**
   * Sets how frames are decoded by {@link #pollText} and its like. By default they are UTF-8, and
   * what is not is refused.
   *
   * @param decoder of any charset, with what it is to do about malformed input; the reader's from
   *     now on
   * @throws IllegalArgumentException if the framing is of lines, and the charset has no single byte
   *     for their end
   */
  public void decodeWith(CharsetDecoder decoder) {
    text.decodeWith(decoder, framing);
  }

  // ------------------------------------------------------------------ frames

  /**
   * The next frame; may be called again and again. Ready with a view of it, in which position and
   * limit are the frame's, big-endian, valid until the next call of this reader; or with null at
   * the end of the stream, again and again. Pending while it is not complete: the source wakes, or
   * the pool. Spends budget for each frame.
   *
   * @param cx the context of the poll
   * @return ready with a frame, ready with null at the end, or pending
   * @throws TooLongFrameException if the frame is longer than the limit: see {@link #skipTooLong}
   * @throws MalformedFrameException if the length in front of it makes no sense; each further poll
   *     throws it again
   * @throws UnexpectedEndException if the stream ended in the middle of a frame
   * @throws java.nio.channels.ClosedChannelException if this side of the source was closed
   * @throws IOException if the source failed
   * @throws dev.reveille.sync.ClosedException if the pool was closed
   * @throws IllegalStateException after {@link #close}
   */
  public Poll<@Nullable ByteBuffer> pollFrame(Context cx) throws IOException {
    checkUsable();
    for (; ; ) {
      if (skipping ? skip() : find()) {
        return cx.tryProceed() ? give(scan.offset, scan.length, scan.total) : Polls.pending();
      }
      if (ended && !skipping && input.length() == 0) {
        input.rest();
        return END;
      }
      if (ended) {
        return lastFrame(cx);
      }
      if (source.pollReadable(cx).isPending()) {
        input.rest();
        return Polls.pending();
      }
      if (input.pollRoom(cx, (long) framing.maxLength + framing.overhead()).isPending()) {
        return Polls.pending();
      }
      ended = input.read(source) < 0;
    }
  }

  /**
   * The next frame as a copy: a one-shot operation. Ready with it, or with null at the end of the
   * stream; pending until then, and the source or the pool wakes; throws as {@link #pollFrame}.
   * {@code cancel()} leaves what has arrived to the next one.
   *
   * @return a new operation; its buffer is of the heap, and the caller's
   */
  public Pollable<@Nullable ByteBuffer> frame() {
    return new FrameOperation(this);
  }

  /**
   * The frames as copies. The stream is the reader's owner from now on: it {@linkplain #close
   * closes} it when it has ended, failed or was cancelled, but not the source. It fails as {@link
   * #pollFrame} does, also where a frame that was too long could be passed over.
   *
   * @return the stream; it ends with the source
   */
  public PollStream<ByteBuffer> frames() {
    return new FrameStream(this);
  }

  // ------------------------------------------------------------------ text

  /**
   * The next frame as text; may be called again and again. Ready with it, or with null at the end
   * of the stream; pending as {@link #pollFrame}.
   *
   * @param cx the context of the poll
   * @return ready with the text, ready with null at the end, or pending
   * @throws CharacterCodingException if the decoder refuses the frame, which is passed over
   * @throws IOException as {@code pollFrame}
   */
  public Poll<@Nullable String> pollText(Context cx) throws IOException {
    Poll<@Nullable ByteBuffer> poll = pollFrame(cx);
    if (poll.isPending()) {
      return Polls.pending();
    }
    ByteBuffer frame = poll.value();
    return Polls.ready(frame == null ? null : text.decode(frame));
  }

  /**
   * The next frame as text: {@link #frame} with {@link #pollText}.
   *
   * @return a new operation
   */
  public Pollable<@Nullable String> text() {
    return new TextOperation(this);
  }

  /**
   * The frames as text: {@link #frames} with {@link #pollText}.
   *
   * @return the stream; it ends with the source
   */
  public PollStream<String> texts() {
    return new TextStream(this);
  }

  // ------------------------------------------------------------------ the rest

  /**
   * Takes out bytes that were read and not yet given, for who goes on without frames, as after a
   * change of protocol. A frame that was given is not valid any more.
   *
   * @param buffer where they go
   * @return how many there were, and fitted; 0 if there are no more
   * @throws IllegalStateException after {@link #close}, or if a frame that was too long is still
   *     being passed over
   */
  public int takeUnread(ByteBuffer buffer) {
    checkOpen();
    use(framing);
    int n = input.moveTo(buffer);
    input.rest();
    return n;
  }

  /**
   * Gives the buffer back to its owner, and drops what was read and not given. A frame that was
   * given is not valid any more. The source stays open. Idempotent.
   */
  @Override
  public void close() {
    closed = true;
    input.release();
  }

  /** A poll was abandoned: what it may wait for in the pool is not needed. */
  void abandon() {
    if (!closed) {
      input.rest();
    }
  }

  /** Whether the frame at the front is complete. */
  private boolean find() throws IOException {
    if (!found && input.length() > 0) {
      try {
        input.find(framing, scan);
      } catch (MalformedFrameException e) {
        failure = e;
        throw e;
      }
      if (scan.length > framing.maxLength) {
        throw tooLong();
      }
      found = scan.total >= 0 && scan.total <= input.length();
    }
    return found;
  }

  private IOException tooLong() {
    boolean complete = scan.total >= 0;
    IOException e = new TooLongFrameException(framing.maxLength, scan.length, complete);
    if (skipsTooLong) {
      skipping = true;
      skipped = 0;
      toSkip = scan.total;
    } else {
      failure = e;
    }
    return e;
  }

  /**
   * Passes over what is there of a frame that is too long; whether the one after it is complete.
   */
  private boolean skip() throws IOException {
    int available = input.length();
    if (available == 0) {
      return false;
    }
    if (toSkip < 0) {
      input.find(framing, scan);
      if (scan.total < 0) {
        pass(available); // its search does not look back
        scan.scanned = 0;
        return false;
      }
      toSkip = scan.total;
    }
    int n = (int) Math.min(toSkip, available);
    pass(n);
    toSkip -= n;
    if (toSkip > 0) {
      return false;
    }
    skipping = false;
    scan.reset();
    return find();
  }

  private void pass(int n) {
    input.drop(n);
    skipped += n;
  }

  private Poll<@Nullable ByteBuffer> lastFrame(Context cx) throws IOException {
    if (framing.endsWithTheStream()) {
      if (skipping) { // the rest of it
        skipping = false;
        return END;
      }
      int all = input.length();
      return cx.tryProceed() ? give(0, scan.length, all) : Polls.pending();
    }
    throw skipping
        ? new UnexpectedEndException(skipped, toSkip < 0 ? Scan.UNKNOWN : skipped + toSkip)
        : new UnexpectedEndException(input.length(), scan.total);
  }

  @SuppressWarnings("ReferenceEquality") // is it the same buffer?
  private Poll<@Nullable ByteBuffer> give(int offset, long length, long total) {
    ByteBuffer frame = input.take(offset, (int) length, (int) total);
    frame.order(ByteOrder.BIG_ENDIAN);
    found = false;
    scan.reset();
    if (ready.value() != frame) {
      ready = Polls.ready(frame);
    }
    return ready;
  }

  private void checkUsable() throws IOException {
    checkOpen();
    if (failure != null) {
      throw failure;
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("this reader of " + framing + " was closed");
    }
  }

  @Override
  public String toString() {
    return "FrameReader["
        + framing
        + ", "
        + input.length()
        + " unread"
        + (closed ? ", closed]" : "]");
  }
}
