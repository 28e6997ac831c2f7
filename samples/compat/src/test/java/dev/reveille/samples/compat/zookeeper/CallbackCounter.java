package dev.reveille.samples.compat.zookeeper;

import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.Stat;

/**
 * A shared counter as it was written before the migration: read, write if nobody was faster, try
 * again; one method for each step, and each callback hops to the loop before it does anything.
 */
final class CallbackCounter {
  private final ZooKeeper client;
  private final String path;
  private final Executor loop;
  private final Runnable onDone;
  private final Consumer<KeeperException> onFailure;
  private int left;

  CallbackCounter(
      ZooKeeper client,
      String path,
      Executor loop,
      int increments,
      Runnable onDone,
      Consumer<KeeperException> onFailure) {
    this.client = client;
    this.path = path;
    this.loop = loop;
    this.left = increments;
    this.onDone = onDone;
    this.onFailure = onFailure;
  }

  void start() {
    if (left == 0) {
      onDone.run();
    } else {
      client.getData(
          path,
          false,
          (rc, p, ctx, data, stat) -> loop.execute(() -> read(Code.get(rc), data, stat)),
          null);
    }
  }

  private void read(Code code, byte[] data, Stat stat) {
    if (code != Code.OK) {
      onFailure.accept(KeeperException.create(code, path));
      return;
    }
    client.setData(
        path,
        bytes(value(data) + 1),
        stat.getVersion(),
        (rc, p, ctx, written) -> loop.execute(() -> written(Code.get(rc))),
        null);
  }

  private void written(Code code) {
    switch (code) {
      case OK -> {
        left--;
        start();
      }
      case BADVERSION -> start();
      default -> onFailure.accept(KeeperException.create(code, path));
    }
  }

  static byte[] bytes(int value) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
  }

  static int value(byte[] data) {
    return ByteBuffer.wrap(data).getInt();
  }
}
