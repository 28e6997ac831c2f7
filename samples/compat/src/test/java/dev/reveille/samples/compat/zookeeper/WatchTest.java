package dev.reveille.samples.compat.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.combine.Pollables;
import dev.reveille.contract.Rig;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Watches that fire once, re-armed as a stream without a change that is lost in between. */
class WatchTest {
  private static Server server;
  private static ZooKeeper client;
  private static ZooKeeper writer;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.onSystemClock();
  private final Zoo zoo = new Zoo(client);

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

  @Test
  void eachChangeIsAnElement() throws Exception {
    int rounds = 50;
    result(zoo.create("/rounds", null, CreateMode.PERSISTENT));

    // The next write is made only when the last one was seen, so none may be skipped.
    List<Integer> versions =
        result(
            NodeWatch.of(zoo, "/rounds")
                .mapAsync(1, data -> writeAfter(data, rounds))
                .takeWhile(version -> version < rounds)
                .toList());

    assertThat(versions).containsExactlyElementsOf(IntStream.range(0, rounds).boxed().toList());
  }

  private Pollable<Integer> writeAfter(Zoo.Data seen, int rounds) {
    int version = seen.version();
    return version == rounds
        ? Pollables.ready(version)
        : Pollables.map(zoo.set("/rounds", new byte[0], version), stat -> version);
  }

  @Test
  void noChangeIsLostWhileAWatchIsSetAgain() throws Exception {
    result(zoo.create("/bursts", null, CreateMode.PERSISTENT));

    new Bursts(1)
        .areSeenToTheirEnds(
            rig, loop, writer, "/bursts", NodeWatch.of(zoo, "/bursts").map(Zoo.Data::version));
  }

  @Test
  void aNodeThatIsDeletedEndsItsStreamWithNoNode() throws Exception {
    result(zoo.create("/deleted", null, CreateMode.PERSISTENT));
    Pollable<Long> counted =
        NodeWatch.of(zoo, "/deleted")
            .onEach(data -> rig.elsewhere(() -> delete("/deleted")))
            .count();

    assertThatThrownBy(() -> result(counted)).isInstanceOf(KeeperException.NoNodeException.class);
  }

  private static void delete(String path) {
    try {
      writer.delete(path, -1);
    } catch (KeeperException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void theWatchesOfASessionThatIsClosedFireAndTheirStreamsFail() throws Exception {
    result(zoo.create("/orphaned", null, CreateMode.PERSISTENT));
    ZooKeeper other = server.connect();
    Pollable<Long> counted =
        NodeWatch.of(new Zoo(other), "/orphaned")
            .onEach(data -> rig.elsewhere(() -> disconnect(other)))
            .count();

    assertThatThrownBy(() -> result(counted))
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
