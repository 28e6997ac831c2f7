package dev.reveille.samples.compat.zookeeper;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import java.util.List;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** An int return code as the exception that the blocking form of the call throws. */
class ReturnCodeTest {
  private static Server server;
  private static ZooKeeper client;
  private static Zoo zoo;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.onSystemClock();

  @BeforeAll
  static void start() throws Exception {
    server = Server.start();
    client = server.connect();
    zoo = new Zoo(client);
  }

  @AfterAll
  static void stop() throws Exception {
    Server.disconnect(client);
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
  void aCallThatSucceedsGivesWhatTheServerSays() throws Exception {
    String path = result(zoo.create("/given", "one".getBytes(UTF_8), CreateMode.PERSISTENT));
    Zoo.Data data = result(zoo.get(path));

    assertThat(path).isEqualTo("/given");
    assertThat(data.bytes()).asString(UTF_8).isEqualTo("one");
    assertThat(data.stat().getCtime()).isPositive();
  }

  @Test
  void aNodeWithoutDataIsASuccessWithNull() throws Exception {
    result(zoo.create("/empty", null, CreateMode.PERSISTENT));

    assertThat(result(zoo.get("/empty")).bytes()).isNull();
  }

  @Test
  void aMissingNodeIsNoNodeWithItsPath() {
    assertThatThrownBy(() -> result(zoo.get("/missing")))
        .isInstanceOfSatisfying(
            KeeperException.NoNodeException.class,
            e -> assertThat(e.getPath()).isEqualTo("/missing"));
  }

  @Test
  void aNodeThatIsThereIsNodeExists() throws Exception {
    result(zoo.create("/once", null, CreateMode.PERSISTENT));

    assertThatThrownBy(() -> result(zoo.create("/once", null, CreateMode.PERSISTENT)))
        .isInstanceOf(KeeperException.NodeExistsException.class);
  }

  @Test
  void aWriteOfAnOldVersionIsBadVersion() throws Exception {
    result(zoo.create("/versioned", null, CreateMode.PERSISTENT));
    result(zoo.set("/versioned", new byte[] {1}, 0));

    assertThatThrownBy(() -> result(zoo.set("/versioned", new byte[] {2}, 0)))
        .isInstanceOf(KeeperException.BadVersionException.class);
    assertThat(result(zoo.get("/versioned")).bytes()).containsExactly(1);
  }

  @Test
  void aTransactionGivesAResultForEachOperation() throws Exception {
    List<OpResult> results =
        result(
            zoo.multi(
                List.of(
                    Op.create("/multi", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT),
                    Op.setData("/multi", "all".getBytes(UTF_8), 0))));

    assertThat(results)
        .hasExactlyElementsOfTypes(OpResult.CreateResult.class, OpResult.SetDataResult.class);
    assertThat(result(zoo.get("/multi")).bytes()).asString(UTF_8).isEqualTo("all");
  }

  /** The callback brings a list of results then, too: the code has to decide. */
  @Test
  void aTransactionThatFailsIsAnExceptionAndLeavesNothing() {
    assertThatThrownBy(
            () ->
                result(
                    zoo.multi(
                        List.of(
                            Op.create("/half", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT),
                            Op.delete("/never was there", -1)))))
        .isInstanceOf(KeeperException.NoNodeException.class);
    assertThatThrownBy(() -> result(zoo.get("/half")))
        .isInstanceOf(KeeperException.NoNodeException.class);
  }

  /** A path that no server would be asked for is refused by the call itself. */
  @Test
  void aCallThatThrowsFailsThePollableAsAnErrorCallbackWould() {
    assertThatThrownBy(() -> result(zoo.get("no slash")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("start with /");
  }
}
