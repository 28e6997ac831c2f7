package dev.reveille.samples.compat.zookeeper;

import static dev.reveille.samples.compat.zookeeper.CallbackCounter.bytes;
import static dev.reveille.samples.compat.zookeeper.CallbackCounter.value;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.WorkGuard;
import dev.reveille.contract.Rig;
import dev.reveille.sync.PollStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Half of the code has moved, the other half has not, and both use one client. */
class MigrationTest {
  private static final int ROUNDS = 100;
  private static Server server;
  private static ZooKeeper client;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.onSystemClock();
  private final Zoo zoo = new Zoo(client);

  @BeforeAll
  static void start() throws Exception {
    server = Server.start();
    client = server.connect();
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

  @Test
  void theOldCounterAndTheNewOneShareAClientAndLoseNoIncrement() throws Exception {
    loop.runUntil(zoo.create("/counter", bytes(0), CreateMode.PERSISTENT));
    List<KeeperException> failures = new ArrayList<>();
    WorkGuard oldOneCounts = loop.workGuard();
    CallbackCounter old =
        new CallbackCounter(
            client,
            "/counter",
            loop.asExecutor(),
            ROUNDS,
            oldOneCounts::close,
            failure -> {
              failures.add(failure);
              oldOneCounts.close();
            });

    old.start();
    JoinHandle<Long> counted = loop.spawn("counter", new TaskCounter(zoo, "/counter").add(ROUNDS));

    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
    assertThat(failures).isEmpty();
    assertThat(counted.toCompletableFuture()).isCompletedWithValue((long) ROUNDS);
    assertThat(value(client.getData("/counter", false, null))).isEqualTo(2 * ROUNDS);
  }

  /** No lock guards the list: one loop is what they have in common. */
  @Test
  void legacyCallbacksATaskAndRunnablesTakeTurnsOnOneThread() throws Exception {
    loop.runUntil(zoo.create("/turns", null, CreateMode.PERSISTENT));
    Set<Thread> threads = new LinkedHashSet<>();
    List<String> turns = new ArrayList<>();
    WorkGuard legacyRuns = loop.workGuard();
    Runnable record = () -> threads.add(Thread.currentThread());

    loop.post(() -> legacyReads(ROUNDS, turns, record, legacyRuns));
    loop.spawn(
        PollStream.generate(() -> zoo.get("/turns"))
            .take(ROUNDS)
            .forEach(
                data -> {
                  record.run();
                  turns.add("task");
                }));
    runnables(ROUNDS, turns, record);
    rig.driveToCompletion(loop).awaitOutcome();

    assertThat(threads).hasSize(1).doesNotContain(Thread.currentThread());
    assertThat(turns).hasSize(3 * ROUNDS);
    for (String kind : List.of("legacy", "task", "runnable")) {
      assertThat(Collections.frequency(turns, kind)).as(kind).isEqualTo(ROUNDS);
    }
  }

  private void legacyReads(int left, List<String> turns, Runnable record, WorkGuard guard) {
    if (left == 0) {
      guard.close();
      return;
    }
    client.getData(
        "/turns",
        false,
        (rc, path, ctx, data, stat) ->
            loop.post(
                () -> {
                  record.run();
                  turns.add(Code.get(rc) == Code.OK ? "legacy" : "failed: " + rc);
                  legacyReads(left - 1, turns, record, guard);
                }),
        null);
  }

  private void runnables(int left, List<String> turns, Runnable record) {
    if (left > 0) {
      loop.post(
          () -> {
            record.run();
            turns.add("runnable");
            runnables(left - 1, turns, record);
          });
    }
  }
}
