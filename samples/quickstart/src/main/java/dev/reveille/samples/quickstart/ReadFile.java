package dev.reveille.samples.quickstart;

import dev.reveille.BasicDispatcher;
import dev.reveille.Pollable;
import dev.reveille.callbacks.Callbacks;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.file.Path;

final class ReadFile {
  private ReadFile() {}

  // readme: shim
  /** Reads the beginning of a file with NIO.2, whose callback comes on a thread of its own. */
  static int readInto(ByteBuffer buffer, Path file) throws Exception {
    try (var channel = AsynchronousFileChannel.open(file);
        var dispatcher = new BasicDispatcher()) {
      Pollable<Integer> read =
          Callbacks.call("read", c -> channel.read(buffer, 0, null, Callbacks.handler(c)));
      return dispatcher.runUntil(read).value();
    }
  }
  // readme: end
}
