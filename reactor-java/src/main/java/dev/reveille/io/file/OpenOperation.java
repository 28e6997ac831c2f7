package dev.reveille.io.file;

import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.util.Set;
import java.util.concurrent.ExecutorService;

/** {@link AsyncFile#open}. */
final class OpenOperation extends Operation<AsyncFile> {
  private final ExecutorService executor;
  private final Path path;
  private final FileCall<Opened> call;

  /** Came back from the executor. */
  private record Opened(AsynchronousFileChannel channel, Object identity) {

    /** Nobody waited for it any more. */
    void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException("close of a file that nobody waited for", e);
      }
    }
  }

  OpenOperation(
      ExecutorService executor,
      Path path,
      Set<? extends OpenOption> options,
      FileAttribute<?>[] attributes) {
    super("open of a file");
    this.executor = executor;
    this.path = path;
    this.call =
        new FileCall<>(
            name(),
            null,
            Opened::close,
            FileCall.blocking(executor, () -> open(executor, path, options, attributes)));
  }

  private static Opened open(
      ExecutorService executor,
      Path path,
      Set<? extends OpenOption> options,
      FileAttribute<?>[] attributes)
      throws IOException {
    AsynchronousFileChannel channel =
        AsynchronousFileChannel.open(path, options, executor, attributes);
    try {
      return new Opened(channel, identity(path));
    } catch (Throwable t) {
      channel.close();
      throw t;
    }
  }

  /** Equal for one file, by whatever path, link or descriptor it was opened. */
  private static Object identity(Path path) {
    try {
      Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
      return key != null ? key : path.toRealPath(); // Windows has no key
    } catch (IOException e) {
      return path.toAbsolutePath().normalize(); // deleted already: DELETE_ON_CLOSE does that
    }
  }

  @Override
  protected Poll<AsyncFile> doPoll(Context cx) throws Exception {
    Poll<Opened> poll = call.poll(cx);
    if (poll.isPending()) {
      return Poll.pending();
    }
    Opened opened = poll.value();
    return Poll.ready(
        new AsyncFile(cx.dispatcher(), opened.channel, executor, opened.identity, path.toString()));
  }

  @Override
  protected void doCancel() {
    call.cancel();
  }
}
