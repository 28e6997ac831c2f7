package dev.reveille.io;

import java.nio.ByteBuffer;

/**
 * Where the datagrams of a loop arrive, if the caller's buffer might be too small: only a buffer in
 * which every datagram fits can tell that one did not fit into another. One for all sockets of the
 * loop, since nothing is in it between two calls. It costs a copy, which the JDK makes anyway for a
 * buffer that is not direct.
 */
final class DatagramScratch {
  /** What the length field of UDP can say, so that the scratch itself never truncates. */
  static final int LARGEST = 65_535;

  /** On the loop only. */
  final ByteBuffer buffer = ByteBuffer.allocateDirect(LARGEST);

  /** The one of a dispatcher. */
  static DatagramScratch of(SelectorDispatcher dispatcher) {
    return dispatcher.service(DatagramScratch.class, d -> new DatagramScratch());
  }
}
