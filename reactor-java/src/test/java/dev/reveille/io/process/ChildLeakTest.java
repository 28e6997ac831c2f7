package dev.reveille.io.process;

import static dev.reveille.io.process.Nursery.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Timer;
import dev.reveille.combine.Pollables;
import dev.reveille.contract.Rig;
import dev.reveille.io.SelectorDispatcher;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Children leave nothing behind, and time waits for them. */
@Timeout(60)
class ChildLeakTest {
  private final Nursery nursery = new Nursery();

  @AfterEach
  void close() throws Exception {
    nursery.close();
  }

  @Test
  void aHundredChildrenInARowLeaveNoDescriptorAndNoThread() throws Exception {
    runAChild(0);
    Rig.awaitState("the first is tidied up", () -> Nursery.threadsNamed("process reaper (") == 0);
    int before = Nursery.descriptors();
    int threadsBefore = nursery.threads.get();
    for (int i = 0; i < 100; i++) {
      runAChild(i);
    }
    Rig.awaitState("descriptors are as before", () -> Nursery.descriptors() <= before);
    Rig.awaitState("nobody reaps", () -> Nursery.threadsNamed("process reaper (") == 0);
    assertThat(nursery.threads.get() - threadsBefore).isLessThan(10);
    assertThat(ProcessHandle.current().children().map(ProcessHandle::pid)).isEmpty();
    Rig.awaitState("nothing is kept", Belongings.of(nursery.dispatcher)::isEmpty);
  }

  private void runAChild(int i) throws Exception {
    switch (i % 5) {
      case 0 -> { // to its end
        ChildProcess echo = nursery.spawn("echo", "hello");
        assertThat(nursery.await(text(echo.stdout()))).isEqualTo("hello\n");
        assertThat(nursery.await(echo.exit())).isZero();
      }
      case 1 -> { // never read, killed
        ChildProcess yes = nursery.spawn("yes");
        yes.close();
        nursery.await(yes.exit());
      }
      case 2 -> { // killed while a worker reads and another writes
        ChildProcess sleep = nursery.spawn("sleep", "1000");
        JoinHandle<?> write =
            nursery.dispatcher.spawn(sleep.stdin().write(ByteBuffer.allocate(200_000)));
        JoinHandle<?> read = nursery.dispatcher.spawn(sleep.stdout().read(ByteBuffer.allocate(1)));
        nursery.dispatcher.runUntilStalled();
        nursery.dispatcher.post(sleep::close);
        assertThat(nursery.await(sleep.exit())).isEqualTo(128 + 9);
        // The exit may be known before the workers have let go of the pipes.
        assertThatThrownBy(() -> nursery.await(write.join())).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> nursery.await(read.join())).isInstanceOf(IOException.class);
        nursery.rig.takeUncaught(); // of both tasks, if they had failed before
      }
      case 3 -> { // dropped: neither read nor closed
        ChildProcess echo = nursery.spawn("echo", "hello");
        nursery.await(echo.exit());
      }
      default -> { // a worker waits for the output of one that has closed it and goes on
        ChildProcess quiet = nursery.spawn(Nursery.shell("exec >&-; exec sleep 1000"));
        assertThat(nursery.await(text(quiet.stdout()))).isEmpty();
        assertThat(nursery.await(quiet.stop(Duration.ofMinutes(1)))).isEqualTo(128 + 15);
      }
    }
  }

  @Test
  void waitingAThousandTimesForOneExitKeepsNothing() throws Exception {
    ChildProcess sleep = nursery.spawn("sleep", "1000");
    for (int i = 0; i < 1000; i++) {
      JoinHandle<Integer> exit = nursery.dispatcher.spawn("exit", sleep.exit());
      nursery.dispatcher.runUntilStalled();
      exit.cancel();
      nursery.dispatcher.runUntilStalled();
    }
    assertThat(sleep.waiting()).isZero();
    sleep.close();
  }

  @Test
  void onTheReactorToo() throws Exception {
    try (var reactor = new SelectorDispatcher()) {
      ChildProcess cat =
          reactor
              .runUntil(ChildProcess.spawn(reactor, new ProcessBuilder("cat"), nursery.blocking))
              .value();
      reactor.runUntil(cat.stdin().write(Nursery.bytes("over the reactor")));
      cat.stdin().close();
      assertThat(reactor.runUntil(text(cat.stdout())).value()).isEqualTo("over the reactor");
      assertThat(reactor.runUntil(cat.exit()).value()).isZero();
    }
  }

  @Test
  void timeDoesNotMoveByItselfWhileAChildRuns() throws Exception {
    RunnableDispatcher dispatcher = nursery.rig.dispatcher();
    nursery.rig.time().autoAdvance();
    ChildProcess cat =
        dispatcher
            .runUntil(ChildProcess.spawn(dispatcher, new ProcessBuilder("cat"), nursery.blocking))
            .value();
    Timer timer = new Timer(dispatcher);
    timer.reset(Duration.ofHours(1));
    JoinHandle<Integer> hour =
        dispatcher.spawn("hour", cx -> timer.poll(cx).isReady() ? Poll.ready(1) : Poll.pending());
    dispatcher.spawn("reader", cat.stdout().read(ByteBuffer.allocate(1)));
    var driving = nursery.rig.drive(dispatcher);
    driving.awaitAsleep();
    assertThat(nursery.rig.time().read()).isZero();
    cat.kill(); // by that the read ends, too
    Rig.awaitState("the hour has passed", hour::isDone);
    assertThat(cat.tryExit()).hasValue(128 + 9);
    assertThat(nursery.rig.time().read()).isEqualTo(Duration.ofHours(1).toNanos());
    dispatcher.close();
  }

  @Test
  void timeDoesNotMoveByItselfWhileAWorkerReadsUnlessNobodyWantsItAnyMore() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    InputStream slow =
        new InputStream() {
          @Override
          public int read() throws IOException {
            try {
              Rig.await(answer);
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
            return 'x';
          }
        };
    RunnableDispatcher dispatcher = nursery.rig.dispatcher();
    nursery.rig.time().autoAdvance();
    ChildSource source = new ChildSource("slow", dispatcher, nursery.blocking, slow);
    dispatcher.postAfter(Duration.ofHours(1), () -> {});
    dispatcher.spawn("reader", source.read(ByteBuffer.allocate(1)));
    var driving = nursery.rig.drive(dispatcher);
    driving.awaitAsleep();
    assertThat(nursery.rig.time().read()).isZero();
    source.close(); // the worker is still in there
    Rig.awaitState(
        "the hour has passed", () -> nursery.rig.time().read() == Duration.ofHours(1).toNanos());
    answer.countDown();
    dispatcher.close();
    nursery.rig.takeUncaught(); // the reader's
  }

  @Test
  void timeDoesNotMoveByItselfDuringAStartAndDoesAfterOneThatFailed() throws Exception {
    RunnableDispatcher dispatcher = nursery.rig.dispatcher();
    nursery.rig.time().autoAdvance();
    long[] failedAt = {-1};
    dispatcher.spawn(
        "spawn",
        Pollables.recover(
            ChildProcess.run(
                dispatcher,
                new ProcessBuilder("/no/such/program"),
                nursery.blocking,
                ChildProcess::exit),
            IOException.class,
            failure -> {
              failedAt[0] = dispatcher.ticker().read();
              return Pollables.ready(-1);
            }));
    dispatcher.postAfter(Duration.ofHours(1), () -> {});
    dispatcher.runToCompletion();
    assertThat(failedAt[0]).isZero();
    assertThat(dispatcher.ticker().read()).isEqualTo(Duration.ofHours(1).toNanos());
  }
}
