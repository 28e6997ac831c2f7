package dev.reveille.samples.compat.zookeeper;

import dev.reveille.Pollable;
import dev.reveille.callback.Completer;
import dev.reveille.callbacks.Callbacks;
import java.util.List;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

/**
 * What a migration writes once for ZooKeeper: each callback form as a pollable, with the return
 * code as the exception that the blocking form of the same call throws.
 */
final class Zoo {
  /** What a read gives; the data is null for a node that was created without. */
  record Data(byte @Nullable [] bytes, Stat stat) {
    int version() {
      return stat.getVersion();
    }
  }

  private final ZooKeeper client;

  Zoo(ZooKeeper client) {
    this.client = client;
  }

  Pollable<String> create(String path, byte @Nullable [] data, CreateMode mode) {
    return Callbacks.call(
        "create of a node",
        completer ->
            client.create(
                path,
                data,
                Ids.OPEN_ACL_UNSAFE,
                mode,
                (rc, p, ctx, name) -> end(completer, rc, p, name),
                null));
  }

  Pollable<Data> get(String path) {
    return get(path, null);
  }

  Pollable<Data> get(String path, @Nullable Watcher watcher) {
    return Callbacks.call(
        "data of a node",
        completer ->
            client.getData(
                path,
                watcher,
                (rc, p, ctx, bytes, stat) -> end(completer, rc, p, new Data(bytes, stat)),
                null));
  }

  Pollable<Stat> set(String path, byte[] data, int version) {
    return Callbacks.call(
        "write of a node",
        completer ->
            client.setData(
                path, data, version, (rc, p, ctx, stat) -> end(completer, rc, p, stat), null));
  }

  Pollable<List<OpResult>> multi(List<Op> ops) {
    return Callbacks.call(
        "transaction",
        completer ->
            client.multi(ops, (rc, p, ctx, results) -> end(completer, rc, p, results), null));
  }

  /** The code decides, never the value: a failed call brings values, too. */
  static <T extends @Nullable Object> void end(
      Completer<T> completer, int rc, @Nullable String path, T value) {
    Code code = Code.get(rc);
    if (code == Code.OK) {
      completer.complete(value);
    } else {
      completer.fail(KeeperException.create(code, path));
    }
  }
}
