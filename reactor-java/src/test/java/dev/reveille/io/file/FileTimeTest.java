package dev.reveille.io.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import dev.reveille.io.file.FakeFile.Held;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** "hold() forbids that while outside work ... is in flight": files do it themselves. */
class FileTimeTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final Held held = new Held();
  private final FakeFile channel = new FakeFile(held, new byte[1]);
  private final AsyncFile file = AsyncFile.of(loop, channel, held);
  private final ConcurrentLinkedQueue<String> log = new ConcurrentLinkedQueue<>();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  /** The loop sleeps, nothing moves, then the call lands: and only then an hour goes by. */
  private void timeStandsStillUntilItLands(Runnable land) throws Exception {
    rig.time().autoAdvance();
    loop.postAfter(Duration.ofHours(1), () -> log.add("an hour"));
    Thread[] driver = new Thread[1];
    var driving =
        rig.start(
            "driver of the test",
            () -> {
              synchronized (driver) {
                driver[0] = Thread.currentThread();
              }
              return loop.runToCompletion();
            });
    Rig.awaitState("the loop sleeps, or time has moved", () -> sleeps(driver) || !log.isEmpty());
    assertThat(log).isEmpty();
    assertThat(rig.time().read()).isZero();
    land.run();

    assertThat(Rig.await(driving)).isEqualTo(RunOutcome.IDLE);
    assertThat(log.toArray(new String[0])[log.size() - 1]).isEqualTo("an hour");
  }

  private static boolean sleeps(Thread[] driver) {
    synchronized (driver) {
      Thread t = driver[0];
      return t != null
          && (t.getState() == Thread.State.WAITING || t.getState() == Thread.State.TIMED_WAITING);
    }
  }

  @Test
  void timeDoesNotMoveByItselfWhileAReadIsInFlight() throws Exception {
    Pollable<Integer> read = file.read(ByteBuffer.allocate(1), 0);
    JoinHandle<Integer> reader = loop.spawn(read);
    reader.toCompletableFuture().thenAccept(n -> log.add("read " + n));

    timeStandsStillUntilItLands(held::run);

    assertThat(List.copyOf(log)).containsExactly("read 1", "an hour");
  }

  @Test
  void norWhileACallOfTheExecutorIsInFlight() throws Exception {
    JoinHandle<Complete> force = loop.spawn(file.force(true));
    force.toCompletableFuture().thenAccept(done -> log.add("forced"));

    timeStandsStillUntilItLands(held::run);

    assertThat(List.copyOf(log)).containsExactly("forced", "an hour");
  }

  @Test
  void norWhileAReadThatWasGivenUpStillHasTheBuffer() throws Exception {
    JoinHandle<Integer> reader = loop.spawn(file.read(ByteBuffer.allocate(1), 0));
    loop.runUntilStalled();
    reader.cancel();
    JoinHandle<Complete> settled = loop.spawn(file.settled());
    settled.toCompletableFuture().thenAccept(done -> log.add("settled"));

    timeStandsStillUntilItLands(held::run);

    assertThat(List.copyOf(log)).containsExactly("settled", "an hour");
  }

  @Test
  void norWhileTheFileIsClosing() throws Exception {
    JoinHandle<Complete> closed = loop.spawn(file.closed());
    closed.toCompletableFuture().thenAccept(done -> log.add("closed"));
    loop.runUntilStalled();
    file.close();

    timeStandsStillUntilItLands(held::run);

    assertThat(List.copyOf(log)).containsExactly("closed", "an hour");
  }

  @Test
  void whatWasRefusedOrForgottenHoldsTimeNoMore() throws Exception {
    rig.time().autoAdvance();
    AsyncFile refusing =
        AsyncFile.of(
            loop,
            new FakeFile(
                call -> {
                  throw new RejectedExecutionException("no more");
                }),
            Runnable::run);
    assertThatThrownBy(() -> loop.runUntil(refusing.read(ByteBuffer.allocate(1), 0)))
        .isInstanceOf(RejectedExecutionException.class);
    refusing.close(); // here and now
    assertThatThrownBy(() -> loop.runUntil(refusing.size())).isInstanceOf(Exception.class);
    JoinHandle<Integer> forgotten = loop.spawn(file.read(ByteBuffer.allocate(1), 0));
    loop.runUntilStalled();
    held.take(); // and nobody knows of it any more
    file.close();
    held.run();

    loop.postAfter(Duration.ofHours(1), () -> log.add("an hour"));
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);

    assertThat(log).containsExactly("an hour");
    assertThat(forgotten.isDone()).isTrue();
    rig.takeUncaught(); // nobody joined the forgotten one
  }

  @Test
  void anOpenHoldsTimeToo(@TempDir Path folder) throws Exception {
    Path path = Files.createFile(folder.resolve("file"));
    var pool = Executors.newSingleThreadExecutor();
    rig.time().autoAdvance();
    loop.postAfter(Duration.ofHours(1), () -> log.add("an hour"));

    AsyncFile opened = loop.runUntil(AsyncFile.open(pool, path)).value();
    loop.runUntil(opened.size());

    assertThat(log).isEmpty();
    opened.close();
    loop.runUntil(opened.closed());
    pool.shutdown();
  }
}
