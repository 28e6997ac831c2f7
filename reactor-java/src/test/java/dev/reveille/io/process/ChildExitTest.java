package dev.reveille.io.process;

import static dev.reveille.io.process.Nursery.shell;
import static dev.reveille.io.process.Nursery.text;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.combine.Pollables;
import dev.reveille.contract.Rig;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How children begin and end. */
@Timeout(60)
class ChildExitTest {
  private final Nursery nursery = new Nursery();

  @AfterEach
  void close() throws Exception {
    nursery.close();
  }

  // ------------------------------------------------------------------ beginning

  @Test
  void aProgramThatIsNotThereIsAnIoException() {
    assertThatThrownBy(() -> nursery.spawn("/no/such/program"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("/no/such/program");
  }

  @Test
  void aBuilderWithoutAProgramAndTheLoopAsExecutorAreRefusedAtTheCall() {
    assertThatThrownBy(nursery::spawning)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("without a program");
    assertThatThrownBy(
            () ->
                ChildProcess.spawn(
                    nursery.dispatcher,
                    new ProcessBuilder("true"),
                    nursery.dispatcher.asExecutor()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("loop");
  }

  @Test
  void anExecutorThatRefusesFailsTheSpawnAndTheRead() throws Exception {
    ChildProcess cat = nursery.spawn("cat");
    nursery.blocking.shutdown();
    assertThatThrownBy(() -> nursery.spawn("cat")).isInstanceOf(RejectedExecutionException.class);
    for (int i = 0; i < 2; i++) { // the source is as it was before
      assertThatThrownBy(() -> nursery.await(cat.stdout().read(ByteBuffer.allocate(1))))
          .isInstanceOf(RejectedExecutionException.class);
    }
    ByteBuffer hello = Nursery.bytes("hello");
    assertThatThrownBy(() -> nursery.await(cat.stdin().write(hello)))
        .isInstanceOf(RejectedExecutionException.class);
    assertThat(hello.remaining()).isEqualTo(5);
    cat.stdin().close(); // needs no worker
    assertThat(nursery.await(cat.exit())).isZero();
  }

  @Test
  void theBuilderMayChangeOnceTheSpawnWasMade() throws Exception {
    ProcessBuilder builder = shell("echo $NAME");
    builder.environment().put("NAME", "first");
    Pollable<ChildProcess> first =
        ChildProcess.spawn(nursery.dispatcher, builder, nursery.blocking);
    builder.environment().put("NAME", "second");
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).command("/no/such/program");
    assertThat(nursery.await(text(nursery.await(first).stdout()))).isEqualTo("first\n");
  }

  @Test
  void aSpawnThatIsCancelledLeavesNoChild() throws Exception {
    for (int i = 0; i < 20; i++) { // before, while and after the worker starts it
      String minutes = Integer.toString(600 + i);
      JoinHandle<ChildProcess> spawn =
          nursery.dispatcher.spawn("spawn", nursery.spawning("sleep", minutes));
      nursery.dispatcher.runUntilStalled();
      if (i % 2 == 0) {
        long until = System.nanoTime() + i * 200_000L;
        while (System.nanoTime() < until) {
          Thread.onSpinWait();
        }
      }
      boolean wasThere = spawn.isDone();
      spawn.cancel();
      nursery.dispatcher.runUntilStalled();
      if (wasThere) { // then it is ours, and no cancel of the spawn touches it
        nursery.await(spawn.join()).close();
      }
    }
    awaitNoSleeper();
  }

  private static void awaitNoSleeper() {
    Rig.awaitState( // though nobody runs the loop any more
        "no child is left",
        () ->
            ProcessHandle.current()
                .children()
                .flatMap(child -> child.info().command().stream())
                .noneMatch(command -> command.endsWith("sleep")));
  }

  @Test
  void aSpawnThatIsCancelledInTheMiddleKillsTheChildAtOnce(@TempDir Path folder) throws Exception {
    File fifo = folder.resolve("fifo").toFile();
    assertThat(nursery.await(nursery.spawn("mkfifo", fifo.toString()).exit())).isZero();
    // The start is blocked in the opening of its input until somebody opens the other end.
    ProcessBuilder sleep = new ProcessBuilder("sleep", "1000").redirectInput(fifo);
    JoinHandle<ChildProcess> spawn =
        nursery.dispatcher.spawn(
            "spawn", ChildProcess.spawn(nursery.dispatcher, sleep, nursery.blocking));
    nursery.dispatcher.runUntilStalled();
    Rig.awaitState("a worker is blocked", () -> nursery.blocking.getActiveCount() == 1);
    spawn.cancel();
    nursery.dispatcher.runUntilStalled();
    try (var otherEnd = new FileOutputStream(fifo)) {
      otherEnd.flush(); // there is nothing to write: it only has to be open
      Rig.awaitState("it was started", () -> nursery.blocking.getActiveCount() == 0);
      awaitNoSleeper();
    }
  }

  // ------------------------------------------------------------------ its end

  @Test
  void theExitStatusIsReadyForEveryoneAndAgain() throws Exception {
    ChildProcess child = nursery.spawn(shell("read line; exit 7"));
    assertThat(child.tryExit()).isEmpty();
    assertThat(child).hasToString("ChildProcess['/bin/sh', " + child.pid() + ", running]");
    JoinHandle<Integer> one = nursery.dispatcher.spawn("one", child.exit());
    JoinHandle<Integer> two = nursery.dispatcher.spawn("two", child.exit());
    JoinHandle<Integer> three = nursery.dispatcher.spawn("three", child.exit());
    nursery.dispatcher.runUntilStalled();
    two.cancel(); // gives up waiting, and nothing else
    child.stdin().close();
    assertThat(nursery.await(one.join())).isEqualTo(7);
    assertThat(nursery.await(three.join())).isEqualTo(7);
    assertThat(nursery.await(child.exit())).isEqualTo(7);
    assertThat(child.tryExit()).hasValue(7);
    assertThat(child).hasToString("ChildProcess['/bin/sh', " + child.pid() + ", exit status 7]");
  }

  @Test
  void anEndBySignalIs128AndItsNumber() throws Exception {
    ChildProcess killed = nursery.spawn("sleep", "1000");
    killed.kill();
    assertThat(nursery.await(killed.exit())).isEqualTo(128 + 9);
    ChildProcess terminated = nursery.spawn("sleep", "1000");
    terminated.terminate();
    assertThat(nursery.await(terminated.exit())).isEqualTo(128 + 15);
  }

  @Test
  void whatAChildSaysWhenItIsTerminatedIsHeard() throws Exception {
    // Process.destroy() would have closed the pipe at once.
    ChildProcess polite = nursery.spawn(shell("trap 'echo bye; exit 3' TERM; echo up; read line"));
    nursery.await(polite.stdout().read(ByteBuffer.allocate(3)));
    polite.terminate();
    polite.stdin().close(); // some shells run the trap when the read has ended
    assertThat(nursery.await(text(polite.stdout()))).isEqualTo("bye\n");
    assertThat(nursery.await(polite.exit())).isEqualTo(3);
  }

  @Test
  void theSystemTellsOfIt() throws Exception {
    ChildProcess sleep = nursery.spawn("sleep", "1000");
    assertThat(ProcessHandle.of(sleep.pid())).isPresent();
    assertThat(sleep.info().command().orElse("sleep")).contains("sleep");
    sleep.close();
  }

  @Test
  void stopAsksFirstAndAPoliteChildIsNotKilled() throws Exception {
    ChildProcess polite = nursery.spawn("sleep", "1000");
    assertThat(nursery.await(polite.stop(Duration.ofDays(1)))).isEqualTo(128 + 15);
  }

  @Test
  void stopKillsWhenTheTimeIsOver() throws Exception {
    RunnableDispatcher onMockTime = nursery.rig.dispatcher();
    Pollable<ChildProcess> spawn =
        ChildProcess.spawn(
            onMockTime, shell("trap '' TERM; echo up; exec sleep 1000"), nursery.blocking);
    ChildProcess stubborn = onMockTime.runUntil(spawn).value();
    onMockTime.runUntil(stubborn.stdout().read(ByteBuffer.allocate(3)));
    JoinHandle<Integer> stop = onMockTime.spawn("stop", stubborn.stop(Duration.ofSeconds(10)));
    nursery.rig.advance(Duration.ofMillis(9_999));
    assertThat(Nursery.isGone(stubborn.pid())).isFalse();
    nursery.rig.advance(Duration.ofMillis(1));
    assertThat(onMockTime.runUntil(stop.join()).value()).isEqualTo(128 + 9);
    Nursery.awaitGone(stubborn.pid());
  }

  @Test
  void aStopThatIsGivenUpHasAskedAndDoesNotKill() throws Exception {
    RunnableDispatcher onMockTime = nursery.rig.dispatcher();
    Pollable<ChildProcess> spawn =
        ChildProcess.spawn(
            onMockTime, shell("trap '' TERM; echo up; exec sleep 1000"), nursery.blocking);
    ChildProcess stubborn = onMockTime.runUntil(spawn).value();
    onMockTime.runUntil(stubborn.stdout().read(ByteBuffer.allocate(3)));
    JoinHandle<Integer> stop = onMockTime.spawn("stop", stubborn.stop(Duration.ofSeconds(10)));
    onMockTime.runUntilStalled();
    stop.cancel();
    nursery.rig.advance(Duration.ofDays(1));
    assertThat(stubborn.tryExit()).isEmpty();
    stubborn.close();
  }

  // ------------------------------------------------------------------ who kills it

  @Test
  void aRunIsReadyWithItsBodyWhenTheChildHasEnded() throws Exception {
    Pollable<Integer> run =
        ChildProcess.run(nursery.dispatcher, shell("exit 5"), nursery.blocking, ChildProcess::exit);
    assertThat(nursery.await(run)).isEqualTo(5);
  }

  @Test
  void aRunWhoseBodyIsReadyFirstKillsTheChildAndWaitsForItsEnd() throws Exception {
    long pid =
        nursery.await(
            ChildProcess.run(
                nursery.dispatcher,
                new ProcessBuilder("sleep", "1000"),
                nursery.blocking,
                child -> Pollables.ready(child.pid())));
    assertThat(Nursery.isGone(pid)).isTrue(); // not: will be
  }

  @Test
  void aRunWhoseBodyFailsKillsTheChildAndThrowsThat() {
    long[] pid = new long[1];
    for (boolean atOnce : new boolean[] {true, false}) {
      assertThatThrownBy(
              () ->
                  nursery.await(
                      ChildProcess.run(
                          nursery.dispatcher,
                          new ProcessBuilder("sleep", "1000"),
                          nursery.blocking,
                          child -> {
                            pid[0] = child.pid();
                            if (atOnce) {
                              throw new IllegalStateException("the body has failed");
                            }
                            return cx -> {
                              throw new IllegalStateException("the body has failed");
                            };
                          })))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("the body has failed");
      assertThat(Nursery.isGone(pid[0])).isTrue();
    }
  }

  @Test
  void cancellingARunKillsTheChild() throws Exception {
    ChildProcess[] child = new ChildProcess[1];
    JoinHandle<Integer> run =
        nursery.dispatcher.spawn(
            "run",
            ChildProcess.run(
                nursery.dispatcher,
                new ProcessBuilder("sleep", "1000"),
                nursery.blocking,
                c -> {
                  child[0] = c;
                  return c.exit();
                }));
    Rig.awaitState(
        "it runs",
        () -> {
          nursery.dispatcher.runUntilStalled();
          return child[0] != null;
        });
    run.cancel();
    nursery.dispatcher.runUntilStalled();
    Nursery.awaitGone(child[0].pid());
    assertThat(child[0].stdout().isOpen()).isFalse();
  }

  @Test
  void aRunThatCanNotBeStartedFails() {
    assertThatThrownBy(
            () ->
                nursery.await(
                    ChildProcess.run(
                        nursery.dispatcher,
                        new ProcessBuilder("/no/such/program"),
                        nursery.blocking,
                        ChildProcess::exit)))
        .isInstanceOf(IOException.class);
  }

  @Test
  void closingTheDispatcherKillsItsChildrenAndFreesTheirWorkers() throws Exception {
    ChildProcess one = nursery.spawn("sleep", "1000");
    ChildProcess two = nursery.spawn("cat");
    nursery.dispatcher.spawn("reader", two.stdout().read(ByteBuffer.allocate(8)));
    nursery.dispatcher.runUntilStalled();
    nursery.dispatcher.close();
    Nursery.awaitGone(one.pid());
    Nursery.awaitGone(two.pid());
    assertThat(one.stdin().isOpen()).isFalse();
    Rig.awaitState("the worker is back", () -> !two.stdout().toString().endsWith("busy]"));
  }

  @Test
  void descendantsAreKilledOnRequest() throws Exception {
    ChildProcess shell = nursery.spawn(shell("sleep 1000 & echo $!; wait"));
    ByteBuffer answer = ByteBuffer.allocate(20);
    nursery.await(shell.stdout().read(answer));
    long below = Long.parseLong(new String(answer.array(), 0, answer.position() - 1, US_ASCII));
    assertThat(Nursery.isGone(below)).isFalse();
    nursery.dispatcher.spawn(shell.stdout().read(answer)); // a worker waits for both of them
    nursery.dispatcher.runUntilStalled();
    shell.includeDescendants().close();
    Nursery.awaitGone(shell.pid());
    Nursery.awaitGone(below);
  }

  /** What the class comment says of it: nothing on the loop waits, one worker does. */
  @Test
  void whoeverInheritsAPipeKeepsAWorkerAndNothingElse() throws Exception {
    ChildProcess shell = nursery.spawn(shell("sleep 1000 & echo $!; read line"));
    ByteBuffer answer = ByteBuffer.allocate(20);
    nursery.await(shell.stdout().read(answer));
    ProcessHandle below =
        ProcessHandle.of(
                Long.parseLong(new String(answer.array(), 0, answer.position() - 1, US_ASCII)))
            .orElseThrow();
    JoinHandle<Integer> read =
        nursery.dispatcher.spawn("reader", shell.stdout().read(ByteBuffer.allocate(1)));
    nursery.dispatcher.runUntilStalled();
    // When a child ends, the JDK takes what is left in a pipe that nobody reads just then, and
    // closes it: so the worker has to be in its read before.
    Rig.awaitState("the worker reads", Nursery::someWorkerReads);
    shell.stdin().close();
    assertThat(nursery.await(shell.exit())).isEqualTo(1); // of its read, which found the end
    nursery.dispatcher.runUntilStalled();
    assertThat(read.isDone()).as("the pipe has another end still").isFalse();
    nursery.dispatcher.post(shell::close);
    assertThatThrownBy(() -> nursery.await(read.join())).isInstanceOf(ClosedChannelException.class);
    assertThat(shell.stdout().toString()).contains("closed").contains("busy");
    below.destroyForcibly();
    Rig.awaitState("the worker is back", () -> !shell.stdout().toString().contains("busy"));
  }

  @Test
  void closingIsIdempotentAlsoAfterTheEnd() throws Exception {
    ChildProcess child = nursery.spawn("true");
    nursery.await(child.exit());
    child.close();
    child.close();
    child.kill();
    child.terminate();
    assertThat(nursery.await(child.stop(Duration.ZERO))).isZero();
    assertThat(child.tryExit()).hasValue(0);
  }
}
