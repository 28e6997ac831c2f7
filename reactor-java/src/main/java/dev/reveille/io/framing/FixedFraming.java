package dev.reveille.io.framing;

import java.nio.ByteBuffer;

/** {@link Framing#exactly}. */
final class FixedFraming extends Framing {
  FixedFraming(int length) {
    super(length);
    if (length < 1) {
      throw new IllegalArgumentException(
          "length must be at least 1: " + length + "; an empty frame would come for ever");
    }
  }

  @Override
  int overhead() {
    return 0;
  }

  @Override
  void find(ByteBuffer in, int start, int end, Scan scan) {
    scan.length = maxLength;
    scan.total = maxLength;
  }

  @Override
  void checkContent(ByteBuffer payload) {
    if (payload.remaining() != maxLength) {
      throw new IllegalArgumentException(
          "a frame of " + payload.remaining() + " bytes, where each has " + maxLength);
    }
  }

  @Override
  ByteBuffer trailer() {
    return ByteBuffer.allocate(0);
  }

  @Override
  public String toString() {
    return "exactly(" + maxLength + ")";
  }
}
