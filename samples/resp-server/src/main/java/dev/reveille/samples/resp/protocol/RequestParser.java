package dev.reveille.samples.resp.protocol;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads requests from a stream of bytes that arrives in any pieces.
 *
 * <p>A small machine that looks at each byte once. It is always in one of these states, and what it
 * has understood so far is all that it keeps:
 *
 * <pre>
 * START      nothing of the next request seen
 * INLINE     within a line that does not begin with '*', up to its LF
 * COUNT      within "*n", up to CR
 * COUNT_LF   CR seen; one more byte ends the line
 * LENGTH     within "$n", up to CR
 * LENGTH_LF  CR seen; one more byte ends the line
 * BULK       within the n bytes of an argument
 * BULK_CR    n bytes complete; two more bytes end the argument
 * BULK_LF    one more byte ends the argument
 * </pre>
 *
 * <p>The bytes that end lines and bulks are skipped and not looked at, as in Redis. A bulk is
 * copied once, from the buffer into the array that the request hands on; the array grows with what
 * has arrived, so that a peer cannot make the server reserve memory by announcing a length.
 *
 * <p>Not thread-safe: one parser a connection, used on its loop only.
 */
public final class RequestParser {
  private enum State {
    START,
    INLINE,
    COUNT,
    COUNT_LF,
    LENGTH,
    LENGTH_LF,
    BULK,
    BULK_CR,
    BULK_LF
  }

  /** How much of an announced bulk is reserved before its bytes are there. */
  private static final int FIRST_RESERVE = 16 * 1024;

  private static final byte[] EMPTY = {};
  private static final byte[][] NONE = {};

  private final RequestLimits limits;
  private final Decimal number = new Decimal();

  private State state = State.START;
  private byte[] line = EMPTY;
  private int lineLength;
  private byte lineType;

  private List<byte[]> arguments = new ArrayList<>();
  private int argumentsLeft;
  private byte[] bulk = EMPTY;
  private int bulkLength;
  private int bulkFilled;
  private long requestBytes;

  /** A parser at the start of a stream. */
  public RequestParser(RequestLimits limits) {
    this.limits = limits;
  }

  /**
   * Takes bytes from {@code in} up to the end of one request, or all of them. Empty requests (a
   * blank line, {@code *0}) are passed over, as they get no reply.
   *
   * @return the request, or null if {@code in} is used up before its end; the rest is then expected
   *     in the next call
   * @throws ProtocolException if the bytes are no request; the parser is of no further use then
   */
  public @Nullable Request next(ByteBuffer in) throws ProtocolException {
    while (in.hasRemaining()) {
      Request request = step(in);
      if (request != null) {
        return request;
      }
    }
    return null;
  }

  /** How many bytes of arguments an unfinished request holds at the moment. */
  public long heldBytes() {
    return state == State.INLINE ? lineLength : requestBytes - bulkLength + bulkFilled;
  }

  private @Nullable Request step(ByteBuffer in) throws ProtocolException {
    switch (state) {
      case START -> begin(in.get(in.position()));
      case INLINE -> {
        return inline(in);
      }
      case COUNT -> numberLine(in, State.COUNT_LF, "too big mbulk count string");
      case LENGTH -> numberLine(in, State.LENGTH_LF, "too big bulk count string");
      case COUNT_LF -> {
        in.get();
        count();
      }
      case LENGTH_LF -> {
        in.get();
        length();
      }
      case BULK -> bulk(in);
      case BULK_CR -> {
        in.get();
        state = State.BULK_LF;
      }
      case BULK_LF -> {
        in.get();
        return endBulk();
      }
    }
    return null;
  }

  private void begin(byte first) {
    lineLength = 0;
    number.reset();
    state = first == '*' ? State.COUNT : State.INLINE;
  }

  private @Nullable Request inline(ByteBuffer in) throws ProtocolException {
    while (in.hasRemaining()) {
      byte b = in.get();
      if (b == '\n') {
        return endInline();
      }
      if (lineLength >= limits.maxLineBytes()) {
        throw new ProtocolException("too big inline request");
      }
      if (lineLength == line.length) {
        line = Arrays.copyOf(line, Math.max(64, 2 * lineLength));
      }
      line[lineLength++] = b;
    }
    return null;
  }

  private @Nullable Request endInline() throws ProtocolException {
    if (lineLength > 0 && line[lineLength - 1] == '\r') {
      lineLength--;
    }
    List<byte[]> split = InlineArguments.split(line, lineLength);
    state = State.START;
    line = EMPTY;
    if (split == null) {
      throw new ProtocolException("unbalanced quotes in request");
    }
    return split.isEmpty() ? null : Request.of(split.toArray(NONE));
  }

  /** Reads a type byte and a number up to CR. */
  private void numberLine(ByteBuffer in, State end, String tooLong) throws ProtocolException {
    if (lineLength == 0 && shortLine(in, end)) {
      return;
    }
    while (in.hasRemaining()) {
      byte b = in.get();
      if (b == '\r') {
        // An empty line has its CR in the place of the type.
        lineType = lineLength == 0 ? b : lineType;
        state = end;
        return;
      }
      if (lineLength >= limits.maxLineBytes()) {
        throw new ProtocolException(tooLong);
      }
      if (lineLength++ == 0) {
        lineType = b;
      } else {
        number.accept(b);
      }
    }
  }

  /**
   * The line that nearly all lines are: a type, one to nine digits without leading zeros, CR, all
   * of it there. Whatever else begins here is left to the byte-by-byte way.
   *
   * @return whether the line was of that kind; else nothing was taken
   */
  private boolean shortLine(ByteBuffer in, State end) {
    int begin = in.position();
    int last = Math.min(in.limit(), begin + 1 + Decimal.SHORT_DIGITS + 1);
    int value = 0;
    for (int i = begin + 1; i < last; i++) {
      int digit = in.get(i) - '0';
      if (digit == '\r' - '0' && i > begin + 1) {
        lineType = in.get(begin);
        lineLength = i - begin;
        number.set(value);
        in.position(i + 1);
        state = end;
        return true;
      }
      if (digit < 0 || digit > 9 || (value == 0 && i > begin + 1)) {
        return false;
      }
      value = 10 * value + digit;
    }
    return false;
  }

  private void count() throws ProtocolException {
    if (!number.isValid() || number.value() > limits.maxArguments()) {
      throw new ProtocolException("invalid multibulk length");
    }
    if (number.value() <= 0) {
      state = State.START;
      return;
    }
    argumentsLeft = (int) number.value();
    arguments = new ArrayList<>(Math.min(argumentsLeft, 16));
    requestBytes = 0;
    beginLength();
  }

  private void beginLength() {
    lineLength = 0;
    number.reset();
    state = State.LENGTH;
  }

  private void length() throws ProtocolException {
    if (lineType != '$') {
      throw new ProtocolException("expected '$', got '" + printable(lineType) + "'");
    }
    long length = number.value();
    if (!number.isValid()
        || length < 0
        || length > limits.maxBulkBytes()
        || requestBytes + length > limits.maxRequestBytes()) {
      throw new ProtocolException("invalid bulk length");
    }
    requestBytes += length;
    bulkLength = (int) length;
    bulkFilled = 0;
    bulk = length == 0 ? EMPTY : new byte[Math.min(bulkLength, FIRST_RESERVE)];
    state = length == 0 ? State.BULK_CR : State.BULK;
  }

  private void bulk(ByteBuffer in) {
    int taken = Math.min(in.remaining(), bulkLength - bulkFilled);
    if (bulkFilled + taken > bulk.length) {
      long doubled = Math.max(2L * bulk.length, (long) bulkFilled + taken);
      bulk = Arrays.copyOf(bulk, (int) Math.min(bulkLength, doubled));
    }
    in.get(bulk, bulkFilled, taken);
    bulkFilled += taken;
    if (bulkFilled == bulkLength) {
      state = State.BULK_CR;
    }
  }

  private @Nullable Request endBulk() {
    arguments.add(bulk);
    bulk = EMPTY;
    if (--argumentsLeft > 0) {
      beginLength();
      return null;
    }
    Request request = Request.of(arguments.toArray(NONE));
    arguments = new ArrayList<>();
    requestBytes = 0;
    bulkLength = 0;
    bulkFilled = 0;
    state = State.START;
    return request;
  }

  /** Line breaks would end the error reply early; Redis sends blanks for them. */
  private static char printable(byte b) {
    return b == '\r' || b == '\n' ? ' ' : (char) (b & 0xff);
  }
}
