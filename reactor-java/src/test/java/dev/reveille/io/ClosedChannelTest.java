package dev.reveille.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Complete;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A channel of the user's own that is closed while tasks wait for it: the JDK tells nobody. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ClosedChannelTest {
  private final Rig rig = new Rig(SelectorDispatcher::new);
  private final SelectorDispatcher loop = (SelectorDispatcher) rig.onSystemClock();
  private Pipe pipe;

  @BeforeEach
  void open() throws Exception {
    pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    pipe.sink().configureBlocking(false);
  }

  @AfterEach
  void close() throws Exception {
    rig.close();
    pipe.source().close();
    pipe.sink().close();
  }

  private static void assertClosed(JoinHandle<Complete> handle) {
    assertThatThrownBy(() -> handle.toCompletableFuture().get(20, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(ClosedChannelException.class);
  }

  @Test
  void aChannelThatWasClosedBeforeIsRefused() throws Exception {
    ChannelReadiness readiness = loop.watch(pipe.source());
    pipe.source().close();
    assertThat(readiness.isWatching()).isFalse();
    assertThatThrownBy(() -> loop.runUntil(readiness::pollReadable))
        .isInstanceOf(ClosedChannelException.class);
    assertThatThrownBy(() -> loop.runUntil(loop.readable(pipe.source())))
        .isInstanceOf(ClosedChannelException.class);
    readiness.close(); // does nothing
  }

  /** The loop is about to sleep without a deadline: it has to look before that. */
  @Test
  void aCloseByAnotherTaskWakesWhoWaitsBeforeTheLoopSleeps() throws Exception {
    JoinHandle<Complete> waits = loop.spawn("waits", loop.readable(pipe.source()));
    loop.runUntilStalled();
    loop.spawn(
        "closes",
        cx -> {
          pipe.source().close();
          return Poll.ready();
        });
    assertThatThrownBy(() -> loop.runUntil(waits.join()))
        .isInstanceOf(ClosedChannelException.class);
  }

  @Test
  void aCloseBetweenTwoRunsIsSeenByTheNextOne() throws Exception {
    JoinHandle<Complete> waits = loop.spawn("waits", loop.readable(pipe.source()));
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    pipe.source().close();
    waits.toCompletableFuture();
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
    assertClosed(waits);
  }

  @Test
  void aCloseByAnotherThreadIsSeenWhenTheLoopNextWakesUp() throws Exception {
    JoinHandle<Complete> waits = loop.spawn("waits", loop.readable(pipe.source()));
    waits.toCompletableFuture();
    rig.drive(loop, RunnableDispatcher::run).awaitAsleep();
    pipe.source().close();
    loop.post(() -> {}); // anything that wakes it
    assertClosed(waits);
    loop.stop();
  }

  @Test
  void aTimerIsEnoughToNoticeIt() throws Exception {
    JoinHandle<Complete> waits = loop.spawn("waits", loop.readable(pipe.source()));
    waits.toCompletableFuture();
    loop.postAfter(Duration.ofMillis(300), () -> {});
    rig.drive(loop, RunnableDispatcher::run).awaitAsleep();
    pipe.source().close();
    assertClosed(waits);
    loop.stop();
  }

  @Test
  void closeChannelByAnotherThreadWakesWhoWaitsAtOnce() throws Exception {
    while (pipe.sink().write(ByteBuffer.allocate(4096)) > 0) {
      // until it is full
    }
    JoinHandle<Complete> writer = loop.spawn("writer", loop.writable(pipe.sink()));
    writer.toCompletableFuture();
    rig.drive(loop, RunnableDispatcher::run).awaitAsleep();

    loop.closeChannel(pipe.sink());

    assertClosed(writer);
    loop.stop();
  }

  /** Closing and waiting race: whoever waits learns of it, without another event. */
  @Test
  void noWaiterIsLostWhereClosingAndWaitingRace() throws Exception {
    rig.drive(loop, RunnableDispatcher::run);
    for (int i = 0; i < 500; i++) {
      Pipe each = Pipe.open();
      each.source().configureBlocking(false);
      JoinHandle<Complete> waits = loop.spawn("waits", loop.readable(each.source()));
      waits.toCompletableFuture();
      if (i % 2 == 0) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
      loop.closeChannel(each.source());
      assertClosed(waits);
      each.sink().close();
    }
    loop.stop();
  }

  @Test
  void oneClosedAmongManyWakesOnlyItsOwnWaiter() throws Exception {
    Pipe[] pipes = new Pipe[50];
    List<JoinHandle<Complete>> waiters = new ArrayList<>();
    for (int i = 0; i < pipes.length; i++) {
      pipes[i] = Pipe.open();
      pipes[i].source().configureBlocking(false);
      waiters.add(loop.spawn("waiter " + i, loop.readable(pipes[i].source())));
      waiters.get(i).toCompletableFuture();
    }
    loop.runUntilStalled();
    for (int i : new int[] {0, 49, 17, 18, 48}) {
      pipes[i].source().close();
      loop.runUntilStalled();
      assertThat(loop.lastRunSteps()).isEqualTo(1);
      assertThat(waiters.get(i).isDone()).isTrue();
    }
    for (Pipe each : pipes) {
      each.sink().close();
    }
    loop.runUntilStalled();
    assertThat(waiters).allMatch(JoinHandle::isDone);
    for (Pipe each : pipes) {
      each.source().close();
    }
  }

  @Test
  void aThousandWatchedChannelsLeaveNoKeyAndNoDescriptorBehind() throws Exception {
    loop.watch(pipe.source());
    loop.runUntilStalled();
    long before = Descriptors.open();
    int keys = loop.keyOf(pipe.source()).selector().keys().size();
    for (int i = 0; i < 1_000; i++) {
      Pipe each = Pipe.open();
      each.source().configureBlocking(false);
      JoinHandle<Complete> waits = loop.spawn(loop.readable(each.source()));
      waits.toCompletableFuture();
      loop.runUntilStalled();
      each.source().close();
      each.sink().close();
      loop.runUntilStalled();
      assertThat(waits.isDone()).isTrue();
    }
    assertThat(loop.keyOf(pipe.source()).selector().keys()).hasSize(keys);
    assertThat(Descriptors.open()).isEqualTo(before);
  }
}
