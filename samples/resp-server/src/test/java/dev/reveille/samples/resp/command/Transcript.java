package dev.reveille.samples.resp.command;

import dev.reveille.samples.resp.protocol.ProtocolException;
import dev.reveille.samples.resp.protocol.Request;
import dev.reveille.samples.resp.protocol.RequestLimits;
import dev.reveille.samples.resp.protocol.RequestParser;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A conversation with a Redis server, as lines of text:
 *
 * <pre>
 * # a comment
 * &gt; SET key "a value"        a request, quoted as an inline command
 * ! *1\r\n$-1\r\n             raw bytes, which end their connection
 * &lt; +OK\r\n                   the reply, escaped
 * </pre>
 */
final class Transcript {
  private Transcript() {}

  /** One step of a conversation: where it stands, what is sent, what came back. */
  record Step(int line, String sent, String expected) {
    boolean isRaw() {
      return sent.startsWith("!");
    }

    Request request() throws ProtocolException {
      byte[] line = (sent.substring(2) + "\n").getBytes(StandardCharsets.UTF_8);
      Request request = new RequestParser(RequestLimits.DEFAULTS).next(ByteBuffer.wrap(line));
      if (request == null) {
        throw new IllegalArgumentException("no request: " + sent);
      }
      return request;
    }

    byte[] raw() {
      return unescape(sent.substring(2));
    }

    @Override
    public String toString() {
      return line + ": " + sent;
    }
  }

  static List<Step> parse(List<String> lines) {
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.startsWith("> ") || line.startsWith("! ")) {
        boolean answered = i + 1 < lines.size() && lines.get(i + 1).startsWith("< ");
        steps.add(new Step(i + 1, line, answered ? lines.get(i + 1).substring(2) : ""));
      }
    }
    return steps;
  }

  static String escape(byte[] bytes) {
    StringBuilder out = new StringBuilder();
    for (byte b : bytes) {
      switch (b) {
        case '\r' -> out.append("\\r");
        case '\n' -> out.append("\\n");
        case '\\' -> out.append("\\\\");
        default -> {
          if (b >= ' ' && b < 0x7f) {
            out.append((char) b);
          } else {
            out.append(String.format("\\x%02x", b & 0xff));
          }
        }
      }
    }
    return out.toString();
  }

  private static byte[] unescape(String text) {
    ByteBuffer out = ByteBuffer.allocate(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\\') {
        switch (text.charAt(++i)) {
          case 'r' -> c = '\r';
          case 'n' -> c = '\n';
          case 'x' -> {
            c = (char) Integer.parseInt(text.substring(i + 1, i + 3), 16);
            i += 2;
          }
          default -> c = text.charAt(i);
        }
      }
      out.put((byte) c);
    }
    byte[] bytes = new byte[out.position()];
    out.flip().get(bytes);
    return bytes;
  }
}
