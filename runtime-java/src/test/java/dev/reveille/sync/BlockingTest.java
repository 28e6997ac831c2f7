package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import dev.reveille.sync.AsyncMutex.Guard;
import dev.reveille.sync.Semaphore.Permit;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Threads that wait beside the tasks: in the same queue, and losing nothing when they give up. */
final class BlockingTest {
  private static final Duration MOMENT = Duration.ofMillis(2);

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  @Test
  void aThreadStandsInTheSameQueueAsTheTasks() throws Exception {
    Semaphore semaphore = new Semaphore(0);
    JoinHandle<Permit> before = loop.spawn(semaphore.acquire());
    loop.runUntilStalled();
    FutureTask<Permit> thread = rig.start("thread", () -> semaphore.blockingAcquire(1));
    Rig.awaitState("the thread waits", () -> semaphore.waiting() == 2);
    JoinHandle<Permit> after = loop.spawn(semaphore.acquire());
    loop.runUntilStalled();

    semaphore.release(1);
    loop.runUntilStalled();
    assertThat(before.isDone()).isTrue();
    assertThat(thread.isDone()).isFalse();

    semaphore.release(1);
    assertThat(Rig.await(thread).isHeld()).isTrue();
    loop.runUntilStalled();
    assertThat(after.isDone()).isFalse();
  }

  @Test
  void onALoopABlockingCallIsRefusedAtOnceAlsoIfItWouldNotHaveToWait() {
    Semaphore semaphore = new Semaphore(1);
    JoinHandle<Permit> task = loop.spawn("blocks", cx -> Poll.ready(semaphore.blockingAcquire(1)));
    loop.runUntilStalled();

    assertThat(rig.takeUncaught())
        .singleElement()
        .satisfies(
            u ->
                assertThat(u.failure())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("'loop'"));
    assertThat(task.isDone()).isTrue();
    assertThat(semaphore.availablePermits()).isEqualTo(1);
  }

  @Test
  void aMutexIsHandedToAThreadAndByAThread() throws Exception {
    AsyncMutex mutex = new AsyncMutex();
    Guard first = mutex.blockingLock();
    FutureTask<Guard> thread = rig.start("thread", mutex::blockingLock);
    Rig.awaitState("the thread waits", () -> mutex.waiting() == 1);
    JoinHandle<Guard> task = loop.spawn("task", mutex.lock());
    loop.runUntilStalled();

    first.close();
    Guard second = Rig.await(thread);
    assertThat(mutex.holder()).isEqualTo("thread");
    second.close();

    assertThat(loop.runUntil(task.join()).value().isHeld()).isTrue();
    assertThat(mutex.holder()).isEqualTo("task");
  }

  @Test
  void threadsAndTasksMeetAtABarrier() throws Exception {
    Barrier barrier = new Barrier(2);
    FutureTask<Barrier.Role> thread = rig.start("thread", () -> barrier.blockingAwait());
    Rig.awaitState("the thread waits", () -> barrier.arrived() == 1);

    Barrier.Role ofTask = loop.runUntil(barrier.await()).value();

    assertThat(Rig.await(thread)).isNotEqualTo(ofTask);
  }

  @Test
  void aThreadReceivesWhatIsSentOnce() throws Exception {
    OneShot<String> oneShot = new OneShot<>();
    FutureTask<String> thread = rig.start("thread", oneShot.receiver()::blockingReceive);
    Rig.awaitState("the thread waits", () -> isParked("thread"));
    oneShot.sender().send("42");
    assertThat(Rig.await(thread)).isEqualTo("42");
  }

  @Test
  void aThreadThatWaitsIsToldThatTheSenderLeft() {
    OneShot<String> oneShot = new OneShot<>("answer");
    FutureTask<String> thread = rig.start("thread", oneShot.receiver()::blockingReceive);
    Rig.awaitState("the thread waits", () -> isParked("thread"));
    oneShot.sender().close();
    assertThatExceptionOfType(ClosedException.class).isThrownBy(() -> Rig.await(thread));
  }

  @Test
  void aThreadReceivesABroadcastToItsEnd() throws Exception {
    Broadcast<Integer> broadcast = new Broadcast<>(1000);
    Broadcast.Receiver<Integer> receiver = broadcast.subscribe();
    FutureTask<Integer> thread =
        rig.start(
            "thread",
            () -> {
              int sum = 0;
              for (Integer v = receiver.blockingReceive();
                  v != null;
                  v = receiver.blockingReceive()) {
                sum += v;
              }
              return sum;
            });
    for (int i = 1; i <= 100; i++) {
      broadcast.send(i);
    }
    broadcast.close();
    assertThat(Rig.await(thread)).isEqualTo(5050);
  }

  // ------------------------------------------------------------------ giving up

  /**
   * A way to wait for what does not come.
   *
   * @param name for the report
   * @param forAMoment waits for a limited time
   * @param forEver waits
   * @param waiting says how many wait
   */
  record Wait(String name, Callable<?> forAMoment, Callable<?> forEver, Supplier<?> waiting) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Wait> waits() {
    Semaphore semaphore = new Semaphore(1);
    AsyncMutex mutex = new AsyncMutex();
    mutex.tryLock();
    Barrier barrier = new Barrier(2);
    OneShot<String> oneShot = new OneShot<>();
    Broadcast<String> broadcast = new Broadcast<>(1);
    Broadcast.Receiver<String> receiver = broadcast.subscribe();
    return Stream.of(
        new Wait(
            "semaphore",
            () -> semaphore.blockingAcquire(2, MOMENT),
            () -> semaphore.blockingAcquire(2),
            semaphore::waiting),
        new Wait("mutex", () -> mutex.blockingLock(MOMENT), mutex::blockingLock, mutex::waiting),
        new Wait(
            "barrier",
            () -> barrier.blockingAwait(MOMENT),
            barrier::blockingAwait,
            barrier::arrived),
        new Wait(
            "one-shot",
            () -> oneShot.receiver().blockingReceive(MOMENT),
            oneShot.receiver()::blockingReceive,
            () -> 0),
        new Wait(
            "broadcast",
            () -> receiver.blockingReceive(MOMENT),
            receiver::blockingReceive,
            () -> 0));
  }

  @ParameterizedTest
  @MethodSource("waits")
  void whenItsTimeRunsOutAThreadGetsNullAndLeavesTheQueue(Wait wait) throws Exception {
    assertThat(wait.forAMoment.call()).isNull();
    assertThat(wait.waiting.get()).isEqualTo(0);
  }

  @ParameterizedTest
  @MethodSource("waits")
  void aThreadThatIsInterruptedThrowsAndLeavesTheQueue(Wait wait) {
    AtomicReference<Thread> self = new AtomicReference<>();
    FutureTask<?> thread =
        rig.start(
            "thread",
            () -> {
              self.set(Thread.currentThread());
              return wait.forEver.call();
            });
    Rig.awaitState("the thread waits", () -> isParked("thread"));

    self.get().interrupt();

    assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> Rig.await(thread));
    assertThat(wait.waiting.get()).isEqualTo(0);
  }

  @ParameterizedTest
  @MethodSource("waits")
  void aThreadThatWasInterruptedBeforeDoesNotBeginToWait(Wait wait) {
    Thread.currentThread().interrupt();
    assertThatExceptionOfType(InterruptedException.class).isThrownBy(wait.forEver::call);
    assertThat(Thread.interrupted()).as("the interrupt is reported once").isFalse();
    assertThat(wait.waiting.get()).isEqualTo(0);
  }

  @Test
  void anImpatientBigRequestLetsTheSmallOnesBehindItGo() throws Exception {
    Semaphore semaphore = new Semaphore(1);
    AtomicReference<Thread> self = new AtomicReference<>();
    FutureTask<Permit> big =
        rig.start(
            "big",
            () -> {
              self.set(Thread.currentThread());
              return semaphore.blockingAcquire(2);
            });
    Rig.awaitState("the thread waits", () -> semaphore.waiting() == 1);
    JoinHandle<Permit> small = loop.spawn(semaphore.acquire());
    loop.runUntilStalled();
    assertThat(small.isDone()).isFalse();

    self.get().interrupt();

    assertThatExceptionOfType(InterruptedException.class).isThrownBy(() -> Rig.await(big));
    assertThat(loop.runUntil(small.join()).value().isHeld()).isTrue();
  }

  @Test
  void whatIsThereIsTakenWithoutWaitingHoweverShortTheTime() throws Exception {
    assertThat(new Semaphore(1).blockingAcquire(1, Duration.ZERO)).isNotNull();
    assertThat(new AsyncMutex().blockingLock(Duration.ofSeconds(-1))).isNotNull();
    assertThat(new Barrier(1).blockingAwait(Duration.ZERO)).isEqualTo(Barrier.Role.LEADER);
    OneShot<String> oneShot = new OneShot<>();
    oneShot.sender().send("42");
    assertThat(oneShot.receiver().blockingReceive(Duration.ofSeconds(Long.MAX_VALUE)))
        .isEqualTo("42");
  }

  private static boolean isParked(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(t -> t.getName().equals(name) && t.getState() == Thread.State.WAITING);
  }
}
