package dev.reveille.io.framing;

import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;

/** Makes text of whole frames: so no character is cut, wherever the network cuts the bytes. */
final class FrameText {
  /** The characters of a frame that is longer are not kept in the reader. */
  private static final int KEPT = 1024;

  private CharsetDecoder decoder;
  private CharBuffer chars = CharBuffer.allocate(0);

  FrameText(CharsetDecoder decoder) {
    this.decoder = decoder;
  }

  void decodeWith(CharsetDecoder next, Framing framing) {
    check(requireNonNull(next, "decoder").charset(), framing);
    decoder = next;
  }

  void checkFits(Framing framing) {
    check(decoder.charset(), framing);
  }

  /** In UTF-16, say, the end of a line has two bytes, and each may be a part of something else. */
  private static void check(Charset charset, Framing framing) {
    if (framing.isOfLines()
        && charset.canEncode()
        && !ByteBuffer.wrap(new byte[] {'\r', '\n'}).equals(charset.encode("\r\n"))) {
      throw new IllegalArgumentException(
          "lines of "
              + charset
              + " do not end in the byte \\n; use delimited(…) with the bytes that they end in");
    }
  }

  String decode(ByteBuffer frame) throws CharacterCodingException {
    int most = (int) Math.ceil((double) frame.remaining() * decoder.maxCharsPerByte());
    CharBuffer out = chars;
    if (out.capacity() < most) {
      out = CharBuffer.allocate(Math.max(most, 128));
      if (out.capacity() <= KEPT) {
        chars = out;
      }
    }
    out.clear();
    decoder.reset();
    CoderResult result = decoder.decode(frame, out, true);
    if (result.isUnderflow()) {
      result = decoder.flush(out);
    }
    if (!result.isUnderflow()) {
      result.throwException();
    }
    return out.flip().toString();
  }
}
