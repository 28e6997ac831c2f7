package dev.reveille.callbacks.executors;

import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Submissions, cancels and the end of a view or its dispatcher, all at the same time. How often is
 * said by {@code -Dreveille.hammer.shutdowns}.
 */
final class ViewHammerTest {
  private static final int ROUNDS = Integer.getInteger("reveille.hammer.shutdowns", 300);

  private final Rig rig = new Rig(BasicDispatcher::new);

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  /** What happens while others submit. */
  enum Ending {
    SHUTDOWN,
    SHUTDOWN_NOW,
    CLOSE
  }

  /** Counts what became of the entries of one round. */
  private static final class Count {
    final AtomicInteger accepted = new AtomicInteger();
    final AtomicInteger ran = new AtomicInteger();
    final AtomicInteger handedOut = new AtomicInteger();
    final List<Future<?>> futures = new ArrayList<>();
  }

  @ParameterizedTest
  @EnumSource
  void eachEntryIsRunOrCancelledOrHandedOutAndTheViewEnds(Ending ending) throws Exception {
    RunnableDispatcher loop = rig.onSystemClock();
    Driving driving = rig.drive(loop, RunnableDispatcher::run);
    for (int round = 0; round < ROUNDS; round++) {
      RunnableDispatcher dispatcher = loop;
      if (ending == Ending.CLOSE) {
        dispatcher = rig.onSystemClock();
      }
      play(dispatcher, ending, round);
    }
    loop.stop();
    driving.awaitOutcome();
  }

  private void play(RunnableDispatcher dispatcher, Ending ending, int round) throws Exception {
    DispatcherExecutorService view = DispatcherExecutorService.of(dispatcher);
    CyclicBarrier barrier = new CyclicBarrier(3);
    Count commands = new Count();
    Count scheduled = new Count();
    FutureTask<Boolean> first = rig.start("commands", () -> execute(view, barrier, commands));
    FutureTask<Boolean> second = rig.start("scheduled", () -> schedule(view, barrier, scheduled));
    barrier.await(Rig.PATIENCE.toSeconds(), SECONDS);
    for (int i = 0; i < round % 50; i++) {
      Thread.onSpinWait();
    }
    List<Runnable> handedOut = List.of();
    switch (ending) {
      case SHUTDOWN -> view.shutdown();
      case SHUTDOWN_NOW -> handedOut = view.shutdownNow();
      case CLOSE -> dispatcher.close();
    }
    Rig.await(first);
    Rig.await(second);
    assertThat(view.awaitTermination(Rig.PATIENCE.toSeconds(), SECONDS)).isTrue();
    if (ending == Ending.CLOSE) {
      handedOut = view.shutdownNow();
    }

    int commandsHandedOut = 0;
    for (Runnable entry : handedOut) {
      if (entry instanceof Future<?> future) {
        assertThat(scheduled.futures).contains(future);
        assertThat(future.isDone() && !future.isCancelled()).isFalse();
        future.cancel(false);
      } else {
        commandsHandedOut++;
      }
    }
    assertThat(commands.ran.get() + commandsHandedOut).isEqualTo(commands.accepted.get());
    assertThat(scheduled.futures).allMatch(Future::isDone);
  }

  private static boolean execute(DispatcherExecutorService view, CyclicBarrier barrier, Count count)
      throws Exception {
    barrier.await(Rig.PATIENCE.toSeconds(), SECONDS);
    try {
      for (int i = 0; i < 20; i++) {
        view.execute(count.ran::getAndIncrement);
        count.accepted.getAndIncrement();
      }
    } catch (RejectedExecutionException e) {
      return true; // the end came first
    }
    return false;
  }

  private static boolean schedule(
      DispatcherExecutorService view, CyclicBarrier barrier, Count count) throws Exception {
    barrier.await(Rig.PATIENCE.toSeconds(), SECONDS);
    try {
      for (int i = 0; i < 5; i++) {
        count.futures.add(view.submit(() -> "submitted"));
        count.futures.add(view.schedule(() -> "delayed", 1 + i, NANOSECONDS));
        ScheduledFuture<?> periodic = view.scheduleAtFixedRate(() -> {}, 0, 1, NANOSECONDS);
        count.futures.add(periodic);
        count.futures.add(view.scheduleWithFixedDelay(() -> {}, 0, 1, NANOSECONDS));
        periodic.cancel(true);
      }
    } catch (RejectedExecutionException e) {
      return true; // the end came first
    }
    return false;
  }
}
