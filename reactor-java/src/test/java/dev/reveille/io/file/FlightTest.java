package dev.reveille.io.file;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import dev.reveille.io.file.FakeFile.FakeLock;
import dev.reveille.io.file.FakeFile.Held;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.FileLock;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What may happen to a call in flight, with a channel that answers when it likes. */
class FlightTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();

  /** What is in flight: the channel's calls, and those on the executor. */
  private final Held held = new Held();

  private final FakeFile channel = new FakeFile(held, "content".getBytes(US_ASCII));
  private final AsyncFile file = AsyncFile.of(loop, channel, held);

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(US_ASCII));
  }

  private <T> T await(Pollable<T> pollable) throws Exception {
    return loop.runUntil(pollable).value();
  }

  /** Spawned, and polled until it waits. */
  private <T> JoinHandle<T> begun(Pollable<T> pollable) {
    JoinHandle<T> handle = loop.spawn(pollable);
    loop.runUntilStalled();
    return handle;
  }

  /** As {@link #begun}, with somebody who waits for the outcome. */
  private <T> CompletableFuture<T> awaited(Pollable<T> pollable) {
    JoinHandle<T> handle = loop.spawn(pollable);
    CompletableFuture<T> outcome = handle.toCompletableFuture();
    loop.runUntilStalled();
    return outcome;
  }

  /** It has ended now, by this. */
  private Throwable failure(CompletableFuture<?> awaited) {
    loop.runUntilStalled();
    assertThat(awaited).isCompletedExceptionally();
    return awaited.handle((value, failure) -> failure).join();
  }

  @Test
  void aChannelThatAnswersAtOnceDoesNotNestTheWritesOfOneBuffer() throws Exception {
    FakeFile inline = new FakeFile(Runnable::run);
    inline.bytesPerWrite = 1;
    inline.bytesPerRead = 1;
    AsyncFile one = AsyncFile.of(loop, inline, Runnable::run);
    byte[] content = new byte[10_000];
    new Random(1).nextBytes(content);
    ByteBuffer back = ByteBuffer.allocate(content.length);

    await(one.write(ByteBuffer.wrap(content), 0));
    await(one.readFully(back, 0));

    assertThat(inline.log()).hasSize(20_000);
    assertThat(back.array()).isEqualTo(content);
  }

  @Test
  void aChannelThatAnswersAtOnceGivesWayToTheNeighbours() {
    FakeFile inline = new FakeFile(Runnable::run);
    inline.bytesPerWrite = 1;
    JoinHandle<Complete> writer =
        loop.spawn(AsyncFile.of(loop, inline, Runnable::run).write(ByteBuffer.allocate(1000), 0));
    List<Integer> written = new ArrayList<>();
    loop.post(() -> written.add(inline.log().size()));

    loop.runUntilStalled();

    assertThat(writer.isDone()).isTrue();
    assertThat(written.get(0)).isLessThan(1000);
  }

  @Test
  void aPartialWriteIsContinued() throws Exception {
    channel.bytesPerWrite = 3;
    JoinHandle<Complete> writer = begun(file.write(bytes("abcdefg"), 0));

    for (int i = 0; i < 3; i++) {
      assertThat(writer.isDone()).isFalse();
      held.runOne();
      loop.runUntilStalled();
    }

    assertThat(writer.isDone()).isTrue();
    assertThat(channel.bytes()).asString(US_ASCII).isEqualTo("abcdefg");
    assertThat(channel.log()).containsExactly("write 7", "write 4", "write 1");
  }

  @Test
  void aChannelThatWritesNothingFailsTheWriteInsteadOfTryingForEver() {
    channel.bytesPerWrite = 0;
    CompletableFuture<Complete> writer = awaited(file.write(bytes("abc"), 7));
    held.run();

    assertThat(failure(writer))
        .isInstanceOf(IOException.class)
        .hasMessage("the channel wrote none of 3 bytes at 7");
  }

  @Test
  void aSecondWordOfTheChannelChangesNothing() throws Exception {
    channel.words = 2;
    channel.bytesPerRead = 1;
    ByteBuffer buffer = ByteBuffer.allocate(2);

    JoinHandle<Complete> reader = begun(file.readFully(buffer, 0));
    held.runOne();
    loop.runUntilStalled();
    assertThat(reader.isDone()).isFalse(); // the second word was not taken for the second byte
    held.runOne();
    loop.runUntilStalled();
    assertThat(reader.isDone()).isTrue();
    assertThat(begun(file.settled()).isDone()).isTrue();

    JoinHandle<Integer> givenUp = begun(file.read(buffer.clear(), 0));
    givenUp.cancel();
    loop.runUntilStalled();
    held.run();
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  void aBufferThatWasGivenUpIsTheChannelsUntilItHasSettled() {
    ByteBuffer buffer = ByteBuffer.allocate(7);
    JoinHandle<Integer> reader = begun(file.read(buffer, 0));
    reader.cancel();
    loop.runUntilStalled();
    assertThat(reader.isDone()).isTrue();

    JoinHandle<Complete> settled = begun(file.settled());
    JoinHandle<Integer> later = begun(file.read(ByteBuffer.allocate(7), 0));
    assertThat(settled.isDone()).isFalse();
    held.runOne();
    loop.runUntilStalled();

    assertThat(settled.isDone()).isTrue(); // it does not wait for what began after it
    assertThat(buffer.position()).isEqualTo(7); // as was to be expected
    assertThat(later.isDone()).isFalse();
    held.run();
    loop.runUntilStalled();
    assertThat(later.isDone()).isTrue();
  }

  @Test
  void whoWaitsForTheBuffersWaitsForTheOldestAlsoIfTheYoungestLandsFirst() {
    JoinHandle<Integer> first = begun(file.read(ByteBuffer.allocate(1), 0));
    JoinHandle<Integer> second = begun(file.read(ByteBuffer.allocate(1), 0));
    JoinHandle<Integer> third = begun(file.read(ByteBuffer.allocate(1), 0));
    JoinHandle<Complete> settled = begun(file.settled());
    JoinHandle<Complete> forgotten = begun(file.settled());
    forgotten.cancel();
    Runnable oldest = held.take();

    held.runOne();
    held.runOne();
    loop.runUntilStalled();
    assertThat(List.of(first.isDone(), second.isDone(), third.isDone()))
        .containsExactly(false, true, true);
    assertThat(settled.isDone()).isFalse();
    oldest.run();
    loop.runUntilStalled();

    assertThat(first.isDone()).isTrue();
    assertThat(settled.isDone()).isTrue();
  }

  @Test
  void noFurtherWriteBeginsAfterACancel() {
    channel.bytesPerWrite = 1;
    JoinHandle<Complete> writer = begun(file.write(bytes("abc"), 0));
    writer.cancel();
    loop.runUntilStalled();
    held.run();
    loop.runUntilStalled();

    assertThat(channel.log()).containsExactly("write 3");
  }

  @Test
  void aLockThatIsGrantedAfterTheCancelIsReleasedOnce() {
    channel.words = 2;
    JoinHandle<FileLock> locker = begun(file.lock(0, 1, false));
    locker.cancel();
    loop.runUntilStalled();
    FakeLock lock = channel.locks.get(0);
    held.run();
    assertThat(lock.isValid()).isTrue(); // no user code on the thread that grants
    loop.runUntilStalled();

    assertThat(lock.releases).hasValue(1);
  }

  @Test
  void aLockThatWasGrantedAndNotPolledForIsReleasedByTheCancel() {
    JoinHandle<FileLock> locker = begun(file.lock(0, 1, false));
    held.run();
    locker.cancel();
    loop.runUntilStalled();

    assertThat(channel.locks.get(0).isValid()).isFalse();
  }

  @Test
  void aLockThatIsGrantedWhenTheDispatcherIsGoneIsReleased() {
    begun(file.lock(0, 1, false));
    Runnable grant = held.take(); // the close of the dispatcher closes the file
    loop.close();
    grant.run();

    FakeLock lock = channel.locks.get(0);
    assertThat(!lock.isValid() || !channel.isOpen()).isTrue();
  }

  @Test
  void aFailureThatComesAfterTheCancelGoesToTheHandler() {
    channel.writeFailure = new IOException("no space");
    JoinHandle<Complete> writer = begun(file.write(bytes("abc"), 0));
    writer.cancel();
    loop.runUntilStalled();
    assertThat(rig.takeUncaught()).isEmpty();
    held.run();
    loop.runUntilStalled();

    assertThat(rig.takeUncaught())
        .singleElement()
        .satisfies(
            uncaught -> {
              assertThat(uncaught.name()).contains("write of a file");
              assertThat(uncaught.failure()).hasMessage("no space");
            });
  }

  @Test
  void aFailureThatNobodyHasSeenAtTheCancelGoesToTheHandler() {
    channel.forceFailure = new IOException("the disk is gone");
    JoinHandle<Complete> force = begun(file.force(true));
    held.run();
    force.cancel();
    loop.runUntilStalled();

    assertThat(rig.takeUncaught())
        .singleElement()
        .satisfies(uncaught -> assertThat(uncaught.failure()).hasMessage("the disk is gone"));
  }

  @Test
  void aFailureIsThrownAsItIs() {
    channel.readFailure = new IllegalStateException("a channel with ideas of its own");
    CompletableFuture<Integer> reader = awaited(file.read(ByteBuffer.allocate(1), 0));
    held.run();

    assertThat(failure(reader)).isSameAs(channel.readFailure);
    assertThat(file.isOpen()).isTrue();
  }

  @Test
  void closingEndsWhatTheChannelHasForgottenButNotBeforeItIsClosed() throws Exception {
    Held forgetful = new Held();
    FakeFile mute = new FakeFile(forgetful, new byte[1]);
    AsyncFile f = AsyncFile.of(loop, mute, held);
    CompletableFuture<Integer> reader = awaited(f.read(ByteBuffer.allocate(1), 0));
    CompletableFuture<FileLock> locker = awaited(f.lock(0, 1, false));
    JoinHandle<Complete> closed = begun(f.closed());
    JoinHandle<Complete> settled = begun(f.settled());

    f.close();
    f.close();
    loop.runUntilStalled();
    assertThat(reader).isNotDone(); // the channel may still use the buffer
    assertThat(f.isOpen()).isFalse();
    held.run(); // closes the channel
    loop.runUntilStalled();

    assertThat(mute.log()).containsExactly("read 1", "lock", "close");
    assertThat(closed.isDone()).isTrue();
    assertThat(settled.isDone()).isTrue();
    assertThat(failure(reader)).isInstanceOf(AsynchronousCloseException.class);
    assertThat(failure(locker)).isInstanceOf(AsynchronousCloseException.class);
    forgetful.run(); // too late
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  void whatEndsBeforeTheCloseKeepsItsResult() throws Exception {
    JoinHandle<Integer> reader = begun(file.read(ByteBuffer.allocate(7), 0));
    file.close();
    held.run();

    assertThat(await(reader.join())).isEqualTo(7);
  }

  @Test
  void aCloseThatFailsIsToldToThoseWhoWaitForIt() {
    channel.closeFailure = new IOException("quota exceeded");
    CompletableFuture<Complete> closed = awaited(file.closed());
    file.close();
    held.run();

    assertThat(failure(closed))
        .isInstanceOf(IOException.class)
        .hasRootCauseMessage("quota exceeded");
    assertThatThrownBy(() -> await(file.closed())).hasRootCauseMessage("quota exceeded");
  }

  @Test
  void aCloseThatFailsUnwatchedIsToldToTheHandler() {
    channel.closeFailure = new IOException("quota exceeded");
    file.close();
    held.run();
    loop.runUntilStalled();

    assertThat(rig.takeUncaught())
        .singleElement()
        .satisfies(
            uncaught -> {
              assertThat(uncaught.name()).contains("close of AsyncFile[fake]");
              assertThat(uncaught.failure()).hasMessage("quota exceeded");
            });
  }

  /** The calls and the executor's share of them are dropped: closing the dispatcher ends it all. */
  @Test
  void aDispatcherThatIsClosedClosesTheChannelAndLeavesTheBufferAlone() {
    ByteBuffer buffer = bytes("abc");
    channel.bytesPerWrite = 1;
    JoinHandle<Complete> writer = begun(file.write(buffer, 0));

    loop.close();
    assertThat(writer.isDone()).isTrue();
    assertThat(channel.log()).containsExactly("write 3", "close");
    held.run(); // the write was on its way
    assertThat(buffer.position()).isEqualTo(1);
    assertThat(channel.log()).containsExactly("write 3", "close");
  }

  @Test
  void operationsAreOneShotAndNotBegunByACancel() throws Exception {
    Pollable<Integer> never = file.read(ByteBuffer.allocate(1), 0);
    never.cancel();
    assertThat(channel.log()).isEmpty();
    assertThatThrownBy(() -> await(never))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("read of a file")
        .hasMessageContaining("was cancelled");
  }

  /** Ends, cancels and closes race; whatever comes first, everything lands and nobody hangs. */
  @Test
  void everythingLandsWhateverIsCancelled() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(2);
    Random random = new Random(42);
    for (int round = 0; round < 200; round++) {
      FakeFile racing = new FakeFile(pool, new byte[64]);
      AsyncFile f = AsyncFile.of(loop, racing, pool);
      List<JoinHandle<?>> handles = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        Pollable<?> operation =
            switch (random.nextInt(4)) {
              case 0 -> f.lock(0, 1, false);
              case 1 -> f.write(ByteBuffer.allocate(8), 8 * i);
              case 2 -> f.force(false);
              default -> f.read(ByteBuffer.allocate(8), 0);
            };
        handles.add(loop.spawn(operation));
      }
      loop.runUntilStalled();
      handles.forEach(handle -> maybeCancel(random, handle));
      JoinHandle<Complete> settled = loop.spawn(f.settled());
      if (random.nextBoolean()) {
        f.close();
      }
      await(settled.join());
      f.close();
      await(f.closed());
      loop.runUntilStalled();
      for (JoinHandle<?> handle : handles) {
        assertThat(handle.isDone()).isTrue();
      }
    }
    pool.shutdown();
    assertThat(pool.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    rig.takeUncaught(); // closes that came first
  }

  private static void maybeCancel(Random random, JoinHandle<?> handle) {
    if (random.nextBoolean()) {
      handle.cancel();
    }
  }
}
