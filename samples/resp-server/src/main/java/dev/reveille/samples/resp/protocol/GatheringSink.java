package dev.reveille.samples.resp.protocol;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Where drained replies go. {@link java.nio.channels.GatheringByteChannel#write(ByteBuffer[], int,
 * int)} is one.
 */
@FunctionalInterface
public interface GatheringSink {
  /**
   * Takes as many bytes as it can without waiting, in order, and moves the buffers' positions.
   *
   * @return how many bytes it took; 0 if it can take none now
   */
  long write(ByteBuffer[] sources, int offset, int length) throws IOException;
}
