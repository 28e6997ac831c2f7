package dev.reveille.io;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.IOException;
import java.lang.System.Logger;
import java.net.BindException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The file of a Unix-domain socket that listens. The system makes it and leaves it behind. It is
 * deleted at the close, unless there is another one in its place by then: a server that was started
 * again before this one had gone.
 */
final class SocketFile {
  private static final Logger LOGGER = System.getLogger("dev.reveille.io");

  private final Path path;

  /** Device and inode, where there are such. */
  private final @Nullable Object identity;

  private SocketFile(Path path) throws IOException {
    this.path = path.toAbsolutePath();
    this.identity = identity(this.path);
  }

  private static @Nullable Object identity(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class, NOFOLLOW_LINKS).fileKey();
  }

  /** The file of an address that was bound, or null if it has none. */
  static @Nullable SocketFile of(SocketAddress bound) throws IOException {
    return bound instanceof UnixDomainSocketAddress unix && !unix.getPath().toString().isEmpty()
        ? new SocketFile(unix.getPath())
        : null;
  }

  /** Says what a file that is there already means. */
  static IOException explain(SocketAddress address, BindException failure) {
    if (address instanceof UnixDomainSocketAddress unix
        && Files.exists(unix.getPath(), NOFOLLOW_LINKS)) {
      BindException explained =
          new BindException(
              "listen on "
                  + address
                  + ": the file is there already; either somebody listens there, or it was left"
                  + " behind by one who did: then delete it");
      explained.initCause(failure);
      return explained;
    }
    return Sockets.naming("listen on", address, failure);
  }

  void delete() {
    try {
      if (Objects.equals(identity, identity(path))) {
        Files.delete(path);
      }
    } catch (NoSuchFileException e) {
      LOGGER.log(Logger.Level.DEBUG, "somebody has deleted {0} before", path);
    } catch (IOException e) {
      LOGGER.log(Logger.Level.WARNING, "the file of a closed socket stays: " + path, e);
    }
  }
}
