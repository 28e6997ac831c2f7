package dev.reveille.samples.compat.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callback.Overflow;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.contract.Rig;
import dev.reveille.sync.PollStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.Watcher.WatcherType;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Both kinds of watches by way of the shim's streams: those that fire once, and those that stay.
 */
class WatchStreamTest {
  private static Server server;
  private static ZooKeeper client;
  private static ZooKeeper writer;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.onSystemClock();
  private final Zoo zoo = new Zoo(client);
  private final Queue<EventType> heard = new ConcurrentLinkedQueue<>();

  @BeforeAll
  static void start() throws Exception {
    server = Server.start();
    client = server.connect();
    writer = server.connect();
  }

  @AfterAll
  static void stop() throws Exception {
    Server.disconnect(client);
    Server.disconnect(writer);
    server.close();
  }

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  private <T> T result(Pollable<T> call) throws Exception {
    return loop.runUntil(call).value();
  }

  /** The versions of a node: each watch is set by a read, which is behind it. */
  private PollStream<Integer> oneShot(ZooKeeper session, String path) {
    return Callbacks.watch(
        "versions of a node",
        Overflow.latest(),
        (emitter, fired) -> {
          Watcher watcher =
              event -> {
                heard.add(event.getType());
                fired.run();
              };
          session.getData(
              path,
              watcher,
              (rc, p, ctx, data, stat) -> {
                if (rc == Code.OK.intValue()) {
                  emitter.next(stat.getVersion());
                } else {
                  emitter.fail(KeeperException.create(Code.get(rc), p));
                }
              },
              null);
          return () -> remove(session, path, watcher, WatcherType.Data);
        });
  }

  /**
   * Events of a watch that stays: only that there was one is of interest, then the node is read.
   */
  private PollStream<Integer> persistent(String path) {
    PollStream<WatchedEvent> events =
        Callbacks.stream(
            "events of a node",
            Overflow.latest(),
            emitter -> {
              Watcher watcher = emitter::next;
              client.addWatch(
                  path,
                  watcher,
                  AddWatchMode.PERSISTENT,
                  (rc, p, ctx) -> {
                    if (rc == Code.OK.intValue()) {
                      emitter.next(
                          new WatchedEvent(
                              EventType.None, KeeperState.SyncConnected, path)); // to read it first
                    } else {
                      emitter.fail(KeeperException.create(Code.get(rc), p));
                    }
                  },
                  null);
              return () -> remove(client, path, watcher, WatcherType.Any);
            });
    return events.mapAsync(1, event -> zoo.get(path)).map(Zoo.Data::version);
  }

  private static void remove(ZooKeeper session, String path, Watcher watcher, WatcherType type) {
    session.removeWatches(path, watcher, type, true, (rc, p, ctx) -> {}, null);
  }

  private void create(String path) throws Exception {
    result(zoo.create(path, null, CreateMode.PERSISTENT));
  }

  @Test
  void noChangeIsLostWhileAWatchIsSetAgain() throws Exception {
    create("/one-shot");
    new Bursts(2).areSeenToTheirEnds(rig, loop, writer, "/one-shot", oneShot(client, "/one-shot"));
  }

  @Test
  void noChangeIsLostBesideAWatchThatStays() throws Exception {
    create("/persistent");
    new Bursts(3).areSeenToTheirEnds(rig, loop, writer, "/persistent", persistent("/persistent"));
  }

  @Test
  void aStreamThatIsCancelledWithdrawsItsWatch() throws Exception {
    create("/left");
    List<Integer> seen = new ArrayList<>();
    JoinHandle<Complete> watching = loop.spawn(oneShot(client, "/left").forEach(seen::add));
    Rig.awaitState(
        "the watch is set",
        () -> {
          loop.runUntilStalled();
          return !seen.isEmpty();
        });

    watching.cancel();
    loop.runToCompletion();

    Rig.awaitState("it is gone", () -> heard.contains(EventType.DataWatchRemoved));
    assertThat(heard).hasSize(1);
  }

  @Test
  void aNodeThatIsMissingFailsTheStream() {
    assertThatThrownBy(() -> result(oneShot(client, "/missing").first()))
        .isInstanceOf(KeeperException.NoNodeException.class);
  }

  @Test
  void theEndOfTheSessionFailsTheStream() throws Exception {
    create("/orphaned");
    ZooKeeper other = server.connect();

    assertThatThrownBy(
            () ->
                result(
                    oneShot(other, "/orphaned")
                        .forEach(version -> rig.elsewhere(() -> disconnect(other)))))
        .isInstanceOf(KeeperException.SessionExpiredException.class);
  }

  private static void disconnect(ZooKeeper session) {
    try {
      Server.disconnect(session);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
