package dev.reveille.samples.compat.zookeeper;

import dev.reveille.Pollable;
import dev.reveille.callback.Completer;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.callbacks.RcCallback;
import dev.reveille.callbacks.Shapes;
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
        completer -> {
          RcCallback<String> answer = answer(completer, path);
          client.create(
              path,
              data,
              Ids.OPEN_ACL_UNSAFE,
              mode,
              (rc, p, ctx, name) -> answer.accept(rc, name),
              null);
        });
  }

  Pollable<Data> get(String path) {
    return get(path, null);
  }

  Pollable<Data> get(String path, @Nullable Watcher watcher) {
    return Callbacks.call(
        "data of a node",
        completer -> {
          RcCallback<Data> answer = answer(completer, path);
          client.getData(
              path,
              watcher,
              (rc, p, ctx, bytes, stat) -> answer.acceptFrom(rc, () -> new Data(bytes, stat)),
              null);
        });
  }

  Pollable<Stat> set(String path, byte[] data, int version) {
    return Callbacks.call(
        "write of a node",
        completer -> {
          RcCallback<Stat> answer = answer(completer, path);
          client.setData(path, data, version, (rc, p, ctx, stat) -> answer.accept(rc, stat), null);
        });
  }

  Pollable<List<OpResult>> multi(List<Op> ops) {
    return Callbacks.call(
        "transaction",
        completer -> {
          RcCallback<List<OpResult>> answer = answer(completer, null);
          client.multi(ops, (rc, p, ctx, results) -> answer.accept(rc, results), null);
        });
  }

  /** The code decides, never the value: a failed call brings values, too. */
  static <T extends @Nullable Object> RcCallback<T> answer(
      Completer<T> completer, @Nullable String path) {
    return Shapes.rc(completer, rc -> failure(Code.get(rc), path));
  }

  private static @Nullable KeeperException failure(Code code, @Nullable String path) {
    return code == Code.OK ? null : KeeperException.create(code, path);
  }
}
