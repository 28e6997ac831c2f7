package dev.reveille.samples.compat.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.combine.Pollables;
import dev.reveille.contract.Rig;
import dev.reveille.sync.PollStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.ZooKeeper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Sessions that end, callbacks that throw, and many calls at once. */
class SessionTest {
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

  private <T> T result(Pollable<T> call) throws Exception {
    return loop.runUntil(call).value();
  }

  /** The callback comes before the call returns, on the thread that polls. */
  @Test
  void aCallAfterTheCloseIsCalledBackAtOnceAndIsSessionExpired() throws Exception {
    ZooKeeper closed = server.connect();
    Server.disconnect(closed);
    Thread[] calledBackOn = new Thread[1];
    boolean[] beforeTheCallReturned = new boolean[1];
    Pollable<byte[]> call =
        Callbacks.call(
            "data of a node",
            completer -> {
              closed.getData(
                  "/",
                  false,
                  (rc, path, ctx, bytes, stat) -> {
                    calledBackOn[0] = Thread.currentThread();
                    Zoo.<byte[]>answer(completer, path).accept(rc, bytes);
                  },
                  null);
              beforeTheCallReturned[0] = calledBackOn[0] != null;
            });

    assertThatThrownBy(() -> result(call))
        .isInstanceOf(KeeperException.SessionExpiredException.class);
    assertThat(calledBackOn[0]).isSameAs(Thread.currentThread());
    assertThat(beforeTheCallReturned[0]).isTrue();
  }

  /** Each of them completes inside its own initiator; none nests in another. */
  @Test
  void tenThousandCallsAfterTheCloseNeedNoStack() throws Exception {
    ZooKeeper closed = server.connect();
    Server.disconnect(closed);

    Pollable<List<Code>> codes = PollStream.generate(() -> codeOf(closed)).take(10_000).toList();

    assertThat(result(codes)).hasSize(10_000).containsOnly(Code.SESSIONEXPIRED);
  }

  private static Pollable<Code> codeOf(ZooKeeper session) {
    return Pollables.recover(
        Pollables.map(new Zoo(session).get("/"), data -> Code.OK),
        KeeperException.class,
        e -> Pollables.ready(e.code()));
  }

  /** The write was carried out, its answer never came: what the caller hears must not say more. */
  @Test
  void aServerThatIsLostWithACallUnderWayIsConnectionLoss() throws Exception {
    result(zoo.create("/lost", null, CreateMode.PERSISTENT));
    try (Relay relay = new Relay(rig, server.port)) {
      ZooKeeper session = Server.connect(relay.port());
      relay.holdAnswers();
      rig.drive(loop);
      JoinHandle<?> write = loop.spawn("write", new Zoo(session).set("/lost", new byte[0], 0));
      var outcome = write.toCompletableFuture();
      relay.awaitHeldAnswer();
      assertThat(outcome).isNotDone();

      relay.cut();

      assertThatThrownBy(outcome.orTimeout(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS)::join)
          .isInstanceOf(CompletionException.class)
          .hasCauseInstanceOf(KeeperException.ConnectionLossException.class);
      assertThat(client.exists("/lost", false).getVersion()).isEqualTo(1);
      Server.disconnect(session);
    }
  }

  @Test
  void aLegacyCallbackThatThrowsDoesNotHarmTheTaskBesideIt() throws Exception {
    result(zoo.create("/beside", null, CreateMode.PERSISTENT));
    CountDownLatch thrown = new CountDownLatch(1);

    client.getData(
        "/beside",
        false,
        (rc, path, ctx, bytes, stat) -> {
          thrown.countDown();
          throw new IllegalStateException("on purpose");
        },
        null);

    assertThat(result(zoo.get("/beside")).version()).isZero();
    assertThat(thrown.getCount()).isZero();
    assertThat(result(zoo.get("/beside")).version()).isZero();
  }

  @Test
  void aThousandCallsInFlightAreAnsweredInTheirOrder() throws Exception {
    int calls = 1_000;
    result(zoo.create("/ordered", null, CreateMode.PERSISTENT));
    List<Integer> ended = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      loop.spawn(
          Pollables.map(
              zoo.set("/ordered", new byte[0], i), // refused if it came out of turn
              stat -> ended.add(stat.getVersion())));
    }

    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);

    assertThat(ended).containsExactlyElementsOf(IntStream.rangeClosed(1, calls).boxed().toList());
  }
}
