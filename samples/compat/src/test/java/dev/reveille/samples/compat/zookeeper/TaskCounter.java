package dev.reveille.samples.compat.zookeeper;

import static dev.reveille.samples.compat.zookeeper.CallbackCounter.bytes;
import static dev.reveille.samples.compat.zookeeper.CallbackCounter.value;

import dev.reveille.Pollable;
import dev.reveille.combine.Pollables;
import dev.reveille.sync.PollStream;
import org.apache.zookeeper.KeeperException.BadVersionException;
import org.apache.zookeeper.data.Stat;

/** {@link CallbackCounter} after the migration. */
final class TaskCounter {
  private final Zoo zoo;
  private final String path;

  TaskCounter(Zoo zoo, String path) {
    this.zoo = zoo;
    this.path = path;
  }

  /** Ready with the number of the increments. */
  Pollable<Long> add(int increments) {
    return PollStream.generate(this::increment).take(increments).count();
  }

  private Pollable<Stat> increment() {
    Pollable<Stat> attempt =
        Pollables.then(
            zoo.get(path), data -> zoo.set(path, bytes(value(data.bytes()) + 1), data.version()));
    return Pollables.recover(attempt, BadVersionException.class, somebodyWasFaster -> increment());
  }
}
