package dev.reveille.samples.compat.zookeeper;

import dev.reveille.Pollable;
import dev.reveille.combine.Pollables;
import dev.reveille.sync.OneShot;
import dev.reveille.sync.PollStream;
import org.apache.zookeeper.WatchedEvent;
import org.jspecify.annotations.Nullable;

/**
 * The states of one node as a stream, made of one-shot watches.
 *
 * <p>A watch tells that something has changed, not what, and it is gone when it has told so. Each
 * element is therefore a read that leaves the next watch behind, which the server does in one step:
 * what is written after the read makes the watch fire, what was written before it is read. Writes
 * that are faster than the reader are seen as one, the latest; the last one is always seen.
 */
final class NodeWatch {
  private final Zoo zoo;
  private final String path;

  /** The watch that the last read has left behind; null before the first. */
  private OneShot.@Nullable Receiver<WatchedEvent> armed;

  private NodeWatch(Zoo zoo, String path) {
    this.zoo = zoo;
    this.path = path;
  }

  static PollStream<Zoo.Data> of(Zoo zoo, String path) {
    NodeWatch watch = new NodeWatch(zoo, path);
    return PollStream.generate(watch::next);
  }

  private Pollable<Zoo.Data> next() {
    OneShot.Receiver<WatchedEvent> last = armed;
    return last == null ? rearm() : Pollables.then(last.receive(), event -> rearm());
  }

  private Pollable<Zoo.Data> rearm() {
    OneShot<WatchedEvent> fired = new OneShot<>("change of " + path);
    armed = fired.receiver();
    return zoo.get(path, fired.sender()::send);
  }
}
