package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.contract.Rig;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Blocking calls elsewhere. */
class OffloadTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final ExecutorService worker = Executors.newSingleThreadExecutor();
  private final Deque<Runnable> queue = new ArrayDeque<>();

  @AfterEach
  void close() throws Exception {
    rig.close();
    worker.shutdownNow();
  }

  @Test
  void theResultComesBackToTheLoop() throws Exception {
    RunnableDispatcher real = rig.onSystemClock();
    Thread me = Thread.currentThread();
    Poll<Boolean> poll = real.runUntil(real.offload(() -> Thread.currentThread() != me, worker));
    assertThat(poll.value()).isTrue();
  }

  @Test
  void nothingBeginsBeforeTheFirstPollAndThenOnce() {
    Pollable<String> call = loop.offload(() -> "value", queue::add);
    assertThat(queue).isEmpty();
    JoinHandle<String> handle =
        loop.spawn(
            cx -> {
              Poll<String> first = call.poll(cx);
              return first.isReady() ? first : call.poll(cx);
            });
    loop.runUntilStalled();
    assertThat(queue).hasSize(1);
    assertThat(handle.isDone()).isFalse();
    rig.elsewhere(queue.remove());
    loop.runUntilStalled();
    assertThat(handle.outcome().value()).isEqualTo("value");
  }

  @Test
  void aFailureIsThrownAsItIs() {
    IOException failure = new IOException("expected");
    JoinHandle<String> handle =
        loop.spawn(
            loop.offload(
                () -> {
                  throw failure;
                },
                queue::add));
    handle.observe();
    loop.runUntilStalled();
    queue.remove().run();
    loop.runUntilStalled();
    assertThatThrownBy(handle::outcome).isSameAs(failure);
  }

  @Test
  void anInterruptOfTheWorkerIsNotTheLoops() {
    JoinHandle<String> handle =
        loop.spawn(
            loop.offload(
                () -> {
                  throw new InterruptedException("the worker's");
                },
                queue::add));
    handle.observe();
    loop.runUntilStalled();
    queue.remove().run();
    loop.runUntilStalled();
    assertThat(Thread.interrupted()).isFalse();
    assertThatThrownBy(handle::outcome)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(InterruptedException.class);
  }

  @Test
  void anExecutorThatRefusesFailsTheCall() {
    worker.shutdown();
    JoinHandle<String> handle = loop.spawn(loop.offload(() -> "value", worker));
    handle.observe();
    loop.runUntilStalled();
    assertThatThrownBy(handle::outcome).isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void theLoopItselfIsRefusedAsAnExecutor() {
    assertThatThrownBy(() -> loop.offload(() -> "value", loop.asExecutor()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("would block it");
  }

  @Test
  void aCancelInterruptsTheWorker() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    JoinHandle<String> handle =
        loop.spawn(
            loop.offload(
                () -> {
                  begun.countDown();
                  try {
                    new CountDownLatch(1).await();
                    return "never";
                  } catch (InterruptedException e) {
                    interrupted.countDown();
                    throw e;
                  }
                },
                worker));
    loop.runUntilStalled();
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
    handle.cancel();
    loop.runUntilStalled();
    assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(handle.isDone()).isTrue();
    assertThat(worker.submit(Thread::interrupted).get()).isFalse(); // it was for that call only
  }

  @Test
  void aCallThatIsCancelledBeforeItBeganDoesNotBegin() {
    boolean[] called = {false};
    JoinHandle<String> handle =
        loop.spawn(
            loop.offload(
                () -> {
                  called[0] = true;
                  return "value";
                },
                queue::add));
    loop.runUntilStalled();
    handle.cancel();
    loop.runUntilStalled();
    queue.remove().run();
    assertThat(called[0]).isFalse();
  }

  @Test
  void aFailureAfterTheCancelGoesToTheUncaughtHandler() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    JoinHandle<String> handle =
        loop.spawn(
            loop.offload(
                () -> {
                  begun.countDown();
                  while (goOn.getCount() > 0) {
                    Thread.onSpinWait(); // deaf to interrupts
                  }
                  throw new IOException("expected");
                },
                worker));
    loop.runUntilStalled();
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
    handle.cancel();
    loop.runUntilStalled();
    goOn.countDown();
    worker.shutdown();
    assertThat(worker.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    assertThat(rig.takeUncaught()).isEmpty(); // the handler is called on the loop, not by a worker
    loop.runUntilStalled();
    assertThat(rig.takeUncaught())
        .singleElement()
        .matches(u -> u.failure() instanceof IOException && u.name().startsWith("offload of"));
  }

  @Test
  void aFailureThatIsThereWhenTheTaskIsCancelledGoesToTheUncaughtHandlerToo() {
    IOException failure = new IOException("expected");
    JoinHandle<String> handle =
        loop.spawn(
            loop.offload(
                () -> {
                  throw failure;
                },
                queue::add));
    loop.runUntilStalled();
    handle.cancel();
    queue.remove().run(); // before the cancel is carried out
    loop.runUntilStalled();
    assertThat(handle.isCancelled()).isTrue();
    assertThat(rig.takeUncaught()).singleElement().matches(u -> u.failure() == failure);
  }

  @Test
  void aFailureAfterTheCloseOfTheLoopIsToldAllTheSame() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    loop.spawn(
        loop.offload(
            () -> {
              begun.countDown();
              while (goOn.getCount() > 0) {
                Thread.onSpinWait(); // deaf to interrupts
              }
              throw new IOException("expected");
            },
            worker));
    loop.runUntilStalled();
    assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
    loop.close();
    goOn.countDown();
    worker.shutdown();
    assertThat(worker.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    assertThat(rig.takeUncaught()).singleElement().matches(u -> u.failure() instanceof IOException);
  }

  /** Each failure is told once: to the one who waits, or to the handler. */
  @Test
  void aFailureThatRacesWithACancelIsToldOnce() throws Exception {
    RunnableDispatcher real = rig.onSystemClock();
    rig.drive(real, RunnableDispatcher::run);
    AtomicInteger threw = new AtomicInteger();
    int joined = 0;
    for (int round = 0; round < 1_000; round++) {
      Pollable<String> call =
          real.offload(
              () -> {
                threw.incrementAndGet();
                throw new IOException("expected");
              },
              worker);
      JoinHandle.Joiner joiner = () -> {};
      JoinHandle<String> handle = real.spawn("call", null, unused -> joiner, call);
      for (int spin = 10 * (round % 700); spin > 0; spin--) {
        Thread.onSpinWait();
      }
      handle.cancel();
      Rig.awaitState("it has ended", handle::isDone);
      worker.submit(() -> {}).get(); // the call is over, or was taken out before it began
      joined += handle.isCancelled() ? 0 : 1;
    }
    Complete settled = real.blockingAwait(cx -> Poll.ready()); // what was reported is handled
    assertThat(settled).isEqualTo(Complete.COMPLETE);
    assertThat(joined + rig.takeUncaught().size()).isEqualTo(threw.get());
  }

  @Test
  void aCallThatTheExecutorCancelsSaysSo() {
    JoinHandle<String> handle = loop.spawn(loop.offload(() -> "value", queue::add));
    handle.observe();
    loop.runUntilStalled();
    ((Future<?>) queue.remove()).cancel(true);
    loop.runUntilStalled();
    assertThatThrownBy(handle::outcome)
        .isInstanceOf(CancellationException.class)
        .hasMessageContaining("offload of")
        .hasMessageContaining("executor");
  }

  @Test
  void anExecutorThatRefusesLetsMockTimeMove() {
    rig.time().autoAdvance();
    boolean[] timeMoved = {false};
    JoinHandle<String> handle =
        loop.spawn(
            loop.offload(
                () -> "value",
                task -> {
                  throw new RejectedExecutionException("full");
                }));
    handle.observe();
    loop.postAfter(Duration.ofHours(1), () -> timeMoved[0] = true);
    loop.runToCompletion();
    assertThatThrownBy(handle::outcome).hasMessage("full");
    assertThat(timeMoved[0]).isTrue();
  }

  @Test
  void mockTimeDoesNotMoveByItselfWhileTheCallIsInFlight() throws Exception {
    rig.time().autoAdvance();
    boolean[] timeMoved = {false};
    loop.postAfter(Duration.ofHours(1), () -> timeMoved[0] = true);
    CountDownLatch goOn = new CountDownLatch(1);
    JoinHandle<Boolean> handle =
        loop.spawn(
            Pollable.owning(
                java.util.List.of(),
                loop.offload(
                    () -> {
                      goOn.await();
                      return timeMoved[0];
                    },
                    worker)));
    var driving = rig.drive(loop, RunnableDispatcher::runToCompletion).awaitAsleep();
    goOn.countDown();
    driving.awaitOutcome();
    assertThat(handle.outcome().value()).isFalse();
    assertThat(timeMoved[0]).isTrue();
  }

  @Test
  void whatTheWorkerWroteIsSeenByTheTask() throws Exception {
    RunnableDispatcher real = rig.onSystemClock();
    for (int i = 0; i < 500; i++) {
      int[] plain = {0};
      int expected = i;
      real.runUntil(
          real.offload(
              () -> {
                plain[0] = expected;
                return "written";
              },
              worker));
      assertThat(plain[0]).isEqualTo(i);
    }
  }
}
