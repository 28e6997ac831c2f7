package dev.reveille.io.file;

import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import java.io.BufferedReader;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Locks between processes: another one has the lock until it is told to let go. */
class FileLockTest {
  private static final String HOLDER =
      """
      import java.nio.channels.FileChannel;
      import java.nio.file.Path;
      import java.nio.file.StandardOpenOption;

      class Holder {
        public static void main(String[] args) throws Exception {
          try (var file = FileChannel.open(Path.of(args[0]), StandardOpenOption.WRITE)) {
            var lock = file.lock(0, 10, false);
            System.out.println("locked");
            System.in.read();
            lock.release();
            System.out.println("released");
            System.in.read();
          }
        }
      }
      """;

  @TempDir Path folder;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final ExecutorService pool = Executors.newFixedThreadPool(2);
  private AsyncFile file;
  private Process holder;
  private BufferedReader said;

  @BeforeEach
  void anotherProcessHasTheLock() throws Exception {
    Path path = Files.createFile(folder.resolve("file"));
    Path program = Files.writeString(folder.resolve("Holder.java"), HOLDER);
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    holder =
        new ProcessBuilder(
                java.toString(), "-XX:TieredStopAtLevel=1", program.toString(), path.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    said = holder.inputReader();
    assertThat(said.readLine()).isEqualTo("locked");
    file = await(AsyncFile.open(pool, path, READ, WRITE));
  }

  @AfterEach
  void close() throws Exception {
    holder.getOutputStream().close(); // the end of its input
    assertThat(holder.waitFor(20, TimeUnit.SECONDS)).isTrue();
    rig.close();
    pool.shutdown();
    assertThat(pool.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
  }

  private <T> T await(Pollable<T> pollable) throws Exception {
    return loop.runUntil(pollable).value();
  }

  private void letGo() throws Exception {
    holder.getOutputStream().write('\n');
    holder.getOutputStream().flush();
    assertThat(said.readLine()).isEqualTo("released");
  }

  @Test
  void aLockIsGrantedWhenTheOtherProcessLetsGo() throws Exception {
    assertThat(file.tryLock(0, 1, false)).isNull();
    JoinHandle<FileLock> locking = loop.spawn(file.lock(0, 1, false));
    loop.runUntilStalled();
    assertThat(await(file.size())).isZero(); // the file can be used meanwhile
    assertThat(locking.isDone()).isFalse();
    letGo();

    try (FileLock lock = await(locking.join())) {
      assertThat(lock.isValid()).isTrue();
    }
  }

  @Test
  void closingTheFileEndsTheWaitForALock() throws Exception {
    CompletableFuture<FileLock> locking = loop.spawn(file.lock(0, 1, false)).toCompletableFuture();
    loop.runUntilStalled();
    await(file.size());
    file.close();
    await(file.closed());
    loop.runUntilStalled();

    assertThat(locking).isCompletedExceptionally();
    assertThat(locking.handle((lock, failure) -> failure).join())
        .isInstanceOf(AsynchronousCloseException.class);
  }

  @Test
  void closingTheDispatcherEndsTheWaitForALock() throws Exception {
    JoinHandle<FileLock> locking = loop.spawn(file.lock(0, 1, false));
    loop.runUntilStalled();
    await(file.size());
    rig.elsewhere(loop::close);

    assertThat(locking.isDone()).isTrue();
    assertThat(file.isOpen()).isFalse();
  }

  @Test
  void aLockThatWasGivenUpCountsAsWaitedForAndIsReleasedWhenItIsGranted() throws Exception {
    JoinHandle<FileLock> locking = loop.spawn(file.lock(0, 1, false));
    loop.runUntilStalled();
    locking.cancel();
    loop.runUntilStalled();
    assertThatThrownBy(() -> await(file.lock(0, 1, false)))
        .isInstanceOf(OverlappingFileLockException.class);
    letGo();
    await(file.settled());
    loop.runUntilStalled(); // where the late lock is released

    try (FileLock lock = await(file.lock(0, 1, false))) {
      assertThat(lock.isValid()).isTrue();
    }
  }
}
