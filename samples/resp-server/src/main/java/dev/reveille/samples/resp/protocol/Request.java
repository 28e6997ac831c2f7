package dev.reveille.samples.resp.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One command with its arguments, as bytes. Immutable by contract: whoever hands over or takes out
 * an array never writes to it again, so that values travel from socket to keyspace without a copy.
 */
public final class Request {
  private final byte[][] arguments;

  private Request(byte[][] arguments) {
    this.arguments = arguments;
  }

  /** A request of these arguments, the first of which names the command. Nothing is copied. */
  public static Request of(byte[]... arguments) {
    if (arguments.length == 0) {
      throw new IllegalArgumentException("a request has at least a name");
    }
    return new Request(arguments);
  }

  /** A request of texts, which are sent as UTF-8. */
  public static Request of(String name, String... rest) {
    byte[][] arguments = new byte[rest.length + 1][];
    arguments[0] = name.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < rest.length; i++) {
      arguments[i + 1] = rest[i].getBytes(StandardCharsets.UTF_8);
    }
    return new Request(arguments);
  }

  /** How many arguments there are, the name included; at least 1. */
  public int size() {
    return arguments.length;
  }

  /** The argument at {@code index}, 0 being the name. Not to be written to. */
  public byte[] argument(int index) {
    return arguments[index];
  }

  /** The argument at {@code index} as text of one character a byte. */
  public String text(int index) {
    return new String(arguments[index], StandardCharsets.ISO_8859_1);
  }

  /** The name in lower case. */
  public String name() {
    return text(0).toLowerCase(Locale.ROOT);
  }

  /** Whether the argument at {@code index} is {@code keyword}, whatever the case. */
  public boolean is(int index, String keyword) {
    return arguments[index].length == keyword.length() && text(index).equalsIgnoreCase(keyword);
  }

  /** This request as a RESP array of bulk strings, ready to be read. */
  public ByteBuffer encode() {
    long size = Ascii.lengthOf(arguments.length) + 3L;
    for (byte[] argument : arguments) {
      size += Ascii.lengthOf(argument.length) + argument.length + 5L;
    }
    ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(size));
    Ascii.putLine(out, '*', arguments.length);
    for (byte[] argument : arguments) {
      Ascii.putLine(out, '$', argument.length);
      out.put(argument).put((byte) '\r').put((byte) '\n');
    }
    return out.flip();
  }

  /** The arguments, quoted; for messages and tests. */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder();
    for (byte[] argument : arguments) {
      out.append(out.length() == 0 ? "" : " ").append(Ascii.quote(argument));
    }
    return out.toString();
  }
}
