package dev.reveille.io.process;

import static dev.reveille.io.process.Nursery.bytes;
import static dev.reveille.io.process.Nursery.shell;
import static dev.reveille.io.process.Nursery.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Complete;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Ticker;
import dev.reveille.contract.Rig;
import dev.reveille.io.ByteSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The three streams of a child. */
@Timeout(60)
class ChildStreamsTest {
  private final Nursery nursery = new Nursery();

  @AfterEach
  void close() throws Exception {
    nursery.close();
  }

  private static Pollable<Long> checksum(ByteSource source) {
    CRC32 checksum = new CRC32();
    ByteBuffer buffer = ByteBuffer.allocate(5000); // less than comes at once
    return cx -> {
      while (source.pollReadable(cx).isReady()) {
        if (source.tryRead(buffer) < 0) {
          return Poll.ready(checksum.getValue());
        }
        checksum.update(buffer.flip());
        buffer.clear();
      }
      return Poll.pending();
    };
  }

  @Test
  void tenMegabytesGoThroughCatAndComeBack() throws Exception {
    byte[] much = new byte[10 << 20];
    new Random(42).nextBytes(much);
    CRC32 expected = new CRC32();
    expected.update(much);
    ChildProcess cat = nursery.spawn("cat");
    JoinHandle<Complete> writer =
        nursery.dispatcher.spawn("writer", cat.stdin().write(ByteBuffer.wrap(much)));
    JoinHandle<Long> reader = nursery.dispatcher.spawn("reader", checksum(cat.stdout()));
    nursery.await(writer.join());
    cat.stdin().shutdownOutput();
    assertThat(nursery.await(reader.join())).isEqualTo(expected.getValue());
    assertThat(nursery.await(cat.exit())).isZero();
    assertThat(nursery.threads).hasValueLessThan(10); // two at a time
  }

  @Test
  void aChildThatNobodyReadsIsHeldBackByItsPipe() throws Exception {
    ChildProcess yes = nursery.spawn("yes");
    ByteBuffer one = ByteBuffer.allocate(1);
    assertThat(nursery.await(yes.stdout().read(one))).isEqualTo(1);
    assertThat(one.get(0)).isEqualTo((byte) 'y');
    Path io = Path.of("/proc/" + yes.pid() + "/io");
    if (Files.isReadable(io)) {
      Rig.awaitState("yes is blocked in a write", () -> isBlocked(yes.pid()));
      long written =
          Files.readAllLines(io).stream()
              .filter(line -> line.startsWith("wchar: "))
              .mapToLong(line -> Long.parseLong(line.substring("wchar: ".length())))
              .sum();
      // What the system keeps in a pipe, one read, and a write that is under way.
      assertThat(written).isLessThanOrEqualTo((64 << 10) + PipeEnd.CAPACITY + (64 << 10));
    }
    yes.close();
    Nursery.awaitGone(yes.pid());
  }

  private static boolean isBlocked(long pid) {
    try {
      String stat = Files.readString(Path.of("/proc/" + pid + "/wchan"));
      return stat.contains("pipe") || state(pid) == 'S';
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static char state(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    return stat.charAt(stat.lastIndexOf(')') + 2);
  }

  @Test
  void theEndIsToldAgainAndAgain() throws Exception {
    ChildProcess echo = nursery.spawn("echo", "hello");
    assertThat(nursery.await(text(echo.stdout()))).isEqualTo("hello\n");
    ByteBuffer buffer = ByteBuffer.allocate(1);
    assertThat(nursery.await(echo.stdout().read(buffer))).isEqualTo(-1);
    assertThat(nursery.await(echo.stdout().read(buffer))).isEqualTo(-1);
    assertThat(nursery.await(text(echo.stderr()))).isEmpty();
    assertThat(echo.stdout().isOpen()).isTrue();
  }

  @Test
  void whatWasSaidBeforeTheExitIsReadAfterIt() throws Exception {
    ChildProcess echo = nursery.spawn("echo", "last words");
    assertThat(nursery.await(echo.exit())).isZero();
    assertThat(nursery.await(text(echo.stdout()))).isEqualTo("last words\n");
  }

  @Test
  void outputAndErrorAreTwoStreamsUnlessTheBuilderMergesThem() throws Exception {
    ProcessBuilder both = shell("echo out; echo err >&2");
    ChildProcess apart = nursery.spawn(both);
    assertThat(nursery.await(text(apart.stdout()))).isEqualTo("out\n");
    assertThat(nursery.await(text(apart.stderr()))).isEqualTo("err\n");

    ChildProcess merged = nursery.spawn(both.redirectErrorStream(true));
    assertThat(nursery.await(text(merged.stderr()))).isEmpty();
    assertThat(nursery.await(text(merged.stdout()))).isEqualTo("out\nerr\n");
  }

  @Test
  void aRedirectedOutputIsAtItsEndAndARedirectedInputTakesNothing(@TempDir Path folder)
      throws Exception {
    Path in = Files.writeString(folder.resolve("in"), "from a file");
    Path out = folder.resolve("out");
    ChildProcess cat =
        nursery.spawn(
            new ProcessBuilder("cat").redirectInput(in.toFile()).redirectOutput(out.toFile()));
    assertThat(nursery.await(text(cat.stdout()))).isEmpty();
    assertThatThrownBy(() -> nursery.await(cat.stdin().write(bytes("more"))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("stdin of 'cat'")
        .hasMessageContaining(in.toString());
    assertThat(nursery.await(cat.exit())).isZero();
    assertThat(out).hasContent("from a file");
  }

  @Test
  void aReadThatIsGivenUpLeavesWhatComesToTheNext() throws Exception {
    ChildProcess cat = nursery.spawn("cat");
    JoinHandle<Integer> read =
        nursery.dispatcher.spawn("reader", cat.stdout().read(ByteBuffer.allocate(8)));
    nursery.dispatcher.runUntilStalled();
    assertThat(nursery.dispatcher.snapshot().tasks().get(0).waitReason())
        .isEqualTo("output of the child");
    read.cancel();
    nursery.await(cat.stdin().write(bytes("kept")));
    cat.stdin().close();
    assertThat(nursery.await(text(cat.stdout()))).isEqualTo("kept");
  }

  @Test
  void aWriterWaitsForAChildThatDoesNotReadAndFailsWhenItGoes() throws Exception {
    ChildProcess sleep = nursery.spawn("sleep", "1000");
    ByteBuffer much = ByteBuffer.allocate(1 << 20);
    JoinHandle<Complete> write = nursery.dispatcher.spawn("writer", sleep.stdin().write(much));
    Rig.awaitState(
        "the pipe is full",
        () -> {
          nursery.dispatcher.runUntilStalled();
          return much.position() == (64 << 10) + PipeEnd.CAPACITY; // the worker has some, too
        });
    assertThat(nursery.dispatcher.snapshot().tasks().get(0).waitReason())
        .isEqualTo("the child to take its input");
    sleep.kill();
    assertThatThrownBy(() -> nursery.await(write.join()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("stdin of 'sleep'");
    assertThat(nursery.await(sleep.exit())).isEqualTo(128 + 9);
    assertThatThrownBy(() -> nursery.await(sleep.stdin().write(bytes("more"))))
        .isInstanceOf(IOException.class);
    nursery.rig.takeUncaught(); // the writer's, if it failed before it was joined
  }

  @Test
  void aChildThatHasClosedItsInputIsABrokenPipe() throws Exception {
    ChildProcess deaf = nursery.spawn(shell("exec 0<&-; echo closed; exec sleep 1000"));
    nursery.await(deaf.stdout().read(ByteBuffer.allocate(100)));
    assertThatThrownBy(
            () -> {
              for (; ; ) { // the first may be told by the second
                nursery.await(deaf.stdin().write(bytes("hello?")));
              }
            })
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Broken pipe");
    deaf.close();
  }

  @Test
  void closingAStreamFailsTheTaskThatWaitsAndLaterOnes() throws Exception {
    ChildProcess cat = nursery.spawn("cat");
    JoinHandle<Integer> read =
        nursery.dispatcher.spawn("reader", cat.stdout().read(ByteBuffer.allocate(8)));
    nursery.dispatcher.runUntilStalled();
    nursery.dispatcher.post(cat.stdout()::close);
    assertThatThrownBy(() -> nursery.await(read.join())).isInstanceOf(ClosedChannelException.class);
    assertThat(cat.stdout().isOpen()).isFalse();
    assertThatThrownBy(() -> nursery.await(cat.stdout().read(ByteBuffer.allocate(8))))
        .isInstanceOf(ClosedChannelException.class);

    cat.stdin().close();
    assertThatThrownBy(() -> nursery.await(cat.stdin().write(bytes("late"))))
        .isInstanceOf(ClosedChannelException.class);
    assertThat(nursery.await(cat.exit())).isZero(); // it has read the end of its input
  }

  @Test
  void afterShutdownOutputTheChildReadsTheEndAfterWhatWasWritten() throws Exception {
    ChildProcess cat = nursery.spawn("cat");
    nursery.onLoop(
        () -> {
          try {
            assertThat(cat.stdin().tryWrite(bytes("all of it"))).isEqualTo(9);
            cat.stdin().shutdownOutput(); // while a worker may be writing
            assertThatThrownBy(() -> cat.stdin().tryWrite(bytes("more")))
                .isInstanceOf(ClosedChannelException.class);
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
    nursery.await(cx -> cat.stdin().pollFlush(cx));
    assertThat(nursery.await(text(cat.stdout()))).isEqualTo("all of it");
    assertThat(nursery.await(cat.exit())).isZero();
  }

  @Test
  void aStreamIsRefusedElsewhereThanOnItsLoop() throws Exception {
    ChildProcess cat = nursery.spawn("cat");
    assertThatThrownBy(() -> cat.stdout().tryRead(ByteBuffer.allocate(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("stdout of 'cat'")
        .hasMessageContaining("loop of dispatcher 'loop'");
    assertThatThrownBy(() -> cat.stdin().tryWrite(ByteBuffer.allocate(1)))
        .isInstanceOf(IllegalStateException.class);
    cat.close();
  }

  @Test
  void aBudgetThatIsSpentLosesNothingAndLetsOthersRun() throws Exception {
    RunnableDispatcher meagre =
        nursery.rig.dispatcher(o -> o.withTicker(Ticker.system()).withBudget(1));
    ChildProcess cat =
        meagre
            .runUntil(ChildProcess.spawn(meagre, new ProcessBuilder("cat"), nursery.blocking))
            .value();
    meagre.runUntil(cat.stdin().write(bytes("abc")));
    cat.stdin().close();
    ByteBuffer one = ByteBuffer.allocate(1);
    StringBuilder order = new StringBuilder();
    meagre.runUntil(
        cx -> {
          while (cat.stdout().pollReadable(cx).isReady()) {
            int n = cat.stdout().tryRead(one.clear());
            if (n < 0) {
              return Poll.ready();
            }
            if (n > 0) { // ready is a hint
              order.append((char) one.get(0));
              cx.dispatcher().post(() -> order.append('-'));
            }
          }
          return Poll.pending();
        });
    assertThat(order.toString()).startsWith("a-b-c");
    assertThat(meagre.runUntil(cat.exit()).value()).isZero();
  }

  @Test
  void aReadOnlyBufferLosesNothing() throws Exception {
    ChildProcess echo = nursery.spawn("echo", "hello");
    assertThatThrownBy(
            () -> nursery.await(echo.stdout().read(ByteBuffer.allocate(3).asReadOnlyBuffer())))
        .isInstanceOf(java.nio.ReadOnlyBufferException.class);
    assertThat(nursery.await(text(echo.stdout()))).isEqualTo("hello\n");
  }
}
