package dev.reveille.samples.resp.protocol;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Splits the line of an inline command, as Redis' {@code sdssplitargs} does: double quotes know
 * {@code \n \r \t \b \a \xHH}, single quotes only {@code \'}, quotes may open in the middle of an
 * argument but must be followed by a blank or the end, and what follows a NUL is ignored.
 */
final class InlineArguments {
  private final byte[] line;
  private final int end;
  private int position;

  private InlineArguments(byte[] line, int end) {
    this.line = line;
    this.end = end;
  }

  /**
   * The arguments in the first {@code end} bytes of {@code line}, or null for unbalanced quotes.
   */
  static @Nullable List<byte[]> split(byte[] line, int end) {
    return new InlineArguments(line, end).split();
  }

  private @Nullable List<byte[]> split() {
    List<byte[]> arguments = new ArrayList<>();
    while (true) {
      while (isBlank(peek(0))) {
        position++;
      }
      if (peek(0) == 0) {
        return arguments;
      }
      byte[] argument = next();
      if (argument == null) {
        return null;
      }
      arguments.add(argument);
    }
  }

  private byte @Nullable [] next() {
    ByteArrayOutputStream argument = new ByteArrayOutputStream();
    while (true) {
      int c = peek(0);
      if (c == '"' || c == '\'') {
        position++;
        boolean closed = c == '"' ? doubleQuoted(argument) : singleQuoted(argument);
        return closed && (peek(0) == 0 || isBlank(peek(0))) ? argument.toByteArray() : null;
      }
      // Vertical tab and form feed separate arguments but do not end one: so it is in Redis.
      if (c == 0 || c == ' ' || c == '\n' || c == '\r' || c == '\t') {
        return argument.toByteArray();
      }
      argument.write(c);
      position++;
    }
  }

  private boolean doubleQuoted(ByteArrayOutputStream argument) {
    while (true) {
      int c = peek(0);
      if (c == 0) {
        return false;
      }
      if (c == '"') {
        position++;
        return true;
      }
      if (c == '\\' && peek(1) == 'x' && hex(peek(2)) >= 0 && hex(peek(3)) >= 0) {
        argument.write(hex(peek(2)) << 4 | hex(peek(3)));
        position += 4;
      } else if (c == '\\' && peek(1) != 0) {
        argument.write(unescape(peek(1)));
        position += 2;
      } else {
        argument.write(c);
        position++;
      }
    }
  }

  private boolean singleQuoted(ByteArrayOutputStream argument) {
    while (true) {
      int c = peek(0);
      if (c == 0) {
        return false;
      }
      if (c == '\'') {
        position++;
        return true;
      }
      if (c == '\\' && peek(1) == '\'') {
        position++;
      }
      argument.write(peek(0));
      position++;
    }
  }

  /** The byte {@code ahead} of here, or 0 at the end, as the terminator of a C string. */
  private int peek(int ahead) {
    int index = position + ahead;
    return index < end ? line[index] & 0xff : 0;
  }

  private static int unescape(int c) {
    return switch (c) {
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'b' -> '\b';
      case 'a' -> 0x07;
      default -> c;
    };
  }

  private static int hex(int c) {
    return c < 0x80 ? Character.digit(c, 16) : -1;
  }

  private static boolean isBlank(int c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }
}
