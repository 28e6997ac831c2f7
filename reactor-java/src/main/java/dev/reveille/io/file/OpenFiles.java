package dev.reveille.io.file;

import dev.reveille.Dispatcher;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The files that belong to a dispatcher and are not closed: it closes them when it is closed. */
final class OpenFiles implements AutoCloseable {
  /** Any thread. A file that comes after {@link #close} is its owner's alone. */
  private final Set<AsyncFile> files = ConcurrentHashMap.newKeySet();

  private OpenFiles() {}

  static OpenFiles of(Dispatcher dispatcher) {
    return dispatcher.service(OpenFiles.class, unused -> new OpenFiles());
  }

  void add(AsyncFile file) {
    files.add(file);
  }

  void remove(AsyncFile file) {
    files.remove(file);
  }

  /** Here and now: the executor that would do it elsewhere may be gone already. */
  @Override
  public void close() {
    for (AsyncFile file : files) {
      file.closeHere();
    }
  }
}
