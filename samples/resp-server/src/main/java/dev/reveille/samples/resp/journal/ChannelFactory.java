package dev.reveille.samples.resp.journal;

import java.io.IOException;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ExecutorService;

/** Opens the journal's file. A simulator puts a channel of its own in the place of the system's. */
@FunctionalInterface
public interface ChannelFactory {
  /** Opens {@code file} for reading and writing, and creates it if it is not there. May block. */
  AsynchronousFileChannel open(Path file) throws IOException;

  /** Channels of the file system, whose callbacks run on threads of {@code pool}. */
  static ChannelFactory system(ExecutorService pool) {
    return file ->
        AsynchronousFileChannel.open(
            file,
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
            pool);
  }
}
