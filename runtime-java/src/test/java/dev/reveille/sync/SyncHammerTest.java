package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two loops and some threads use one primitive, for a short while and hard; then one counts. */
final class SyncHammerTest {
  private static final int THREADS = 3;
  private static final int STEPS = 3_000;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final List<RunnableDispatcher> loops = new ArrayList<>();
  private final List<Driving> drivers = new ArrayList<>();
  private final List<FutureTask<Boolean>> threads = new ArrayList<>();

  @BeforeEach
  void driveTwoLoops() {
    for (int i = 0; i < 2; i++) {
      RunnableDispatcher loop = rig.onSystemClock();
      loops.add(loop);
      drivers.add(rig.drive(loop, RunnableDispatcher::run));
    }
  }

  @AfterEach
  void closeTheRig() throws Exception {
    loops.forEach(RunnableDispatcher::stop);
    for (Driving driver : drivers) {
      driver.awaitOutcome();
    }
    rig.close();
  }

  /** What a thread does, again and again. */
  private interface Step {
    void run(Random random) throws Exception;
  }

  private void hammer(int count, int steps, Step step) {
    for (int i = 0; i < count; i++) {
      long seed = i;
      threads.add(
          rig.start(
              "hammer " + i,
              () -> {
                Random random = new Random(seed);
                for (int n = 0; n < steps; n++) {
                  step.run(random);
                }
                return true;
              }));
    }
  }

  private void awaitThreads() throws Exception {
    for (FutureTask<Boolean> thread : threads) {
      Rig.await(thread);
    }
  }

  private static <T> T resultOf(JoinHandle<T> handle) throws Exception {
    return handle.toCompletableFuture().get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** Acquires, spends some polls inside, and gives back. */
  private static final class Visitor implements Pollable<Complete> {
    private final Semaphore.Permit permit;
    private final AtomicInteger inside;
    private final int limit;
    private int visits;
    private boolean in;

    Visitor(Semaphore semaphore, int permits, int limit, AtomicInteger inside, int visits) {
      this.permit = semaphore.permit(permits);
      this.limit = limit;
      this.inside = inside;
      this.visits = visits;
    }

    @Override
    public Poll<Complete> poll(Context cx) {
      for (; ; ) {
        if (in) {
          in = false;
          inside.getAndAdd(-permit.permits());
          permit.close();
          if (--visits == 0) {
            return Poll.ready();
          }
        }
        if (permit.pollAcquire(cx).isPending()) {
          return Poll.pending();
        }
        in = true;
        if (inside.addAndGet(permit.permits()) > limit) {
          throw new AssertionError("more are inside than there are permits");
        }
        if (visits % 3 == 0) {
          cx.waker("its next turn").wake();
          return Poll.pending();
        }
      }
    }

    @Override
    public void cancel() {
      if (in) {
        inside.getAndAdd(-permit.permits());
      }
      permit.close();
    }
  }

  @Test
  void permitsAreNeitherLostNorDoubledWhateverAcquiresCancelsAndRunsOutOfTime() throws Exception {
    int permits = 4;
    Semaphore semaphore = new Semaphore(permits);
    AtomicInteger inside = new AtomicInteger();
    List<JoinHandle<Complete>> visitors = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      visitors.add(
          loops.get(i % 2).spawn(new Visitor(semaphore, 1 + i % 3, permits, inside, STEPS / 4)));
    }
    hammer(
        THREADS,
        STEPS,
        random -> {
          int n = 1 + random.nextInt(permits);
          if (random.nextInt(3) == 0) {
            JoinHandle<Complete> cancelled =
                loops.get(random.nextInt(2)).spawn(new Visitor(semaphore, n, permits, inside, 3));
            if (random.nextBoolean()) {
              Thread.onSpinWait();
            }
            cancelled.cancel();
            return;
          }
          Semaphore.Permit permit =
              random.nextBoolean()
                  ? semaphore.tryAcquire(n)
                  : semaphore.blockingAcquire(n, Duration.ofNanos(random.nextInt(50_000)));
          if (permit != null) {
            assertThat(inside.addAndGet(n)).isLessThanOrEqualTo(permits);
            inside.getAndAdd(-n);
            permit.close();
          }
        });
    awaitThreads();
    for (JoinHandle<Complete> visitor : visitors) {
      resultOf(visitor);
    }
    Rig.awaitState("all was given back", () -> semaphore.availablePermits() == permits);
    assertThat(semaphore.waiting()).isZero();
    assertThat(inside).hasValue(0);
  }

  @Test
  void whatAMutexGuardsNeedsNoOtherProtection() throws Exception {
    AsyncMutex mutex = new AsyncMutex();
    int[] plain = {0};
    List<JoinHandle<Complete>> tasks = new ArrayList<>();
    for (RunnableDispatcher loop : loops) {
      AsyncMutex.Guard guard = mutex.guard();
      int[] left = {STEPS};
      tasks.add(
          loop.spawn(
              cx -> {
                while (left[0] > 0) {
                  if (guard.pollLock(cx).isPending()) {
                    return Poll.pending();
                  }
                  plain[0]++;
                  left[0]--;
                  guard.close();
                }
                return Poll.ready();
              }));
    }
    AtomicInteger byThreads = new AtomicInteger();
    hammer(
        THREADS,
        STEPS,
        random -> {
          if (random.nextInt(4) == 0) {
            loops.get(random.nextInt(2)).spawn(closing(mutex)).cancel();
            return;
          }
          AsyncMutex.Guard guard = mutex.blockingLock(Duration.ofNanos(random.nextInt(100_000)));
          if (guard != null) {
            plain[0]++;
            byThreads.getAndIncrement();
            guard.close();
          }
        });
    awaitThreads();
    for (JoinHandle<Complete> task : tasks) {
      resultOf(task);
    }
    Rig.awaitState("it is free", () -> !mutex.isLocked());
    try (AsyncMutex.Guard guard = mutex.blockingLock()) {
      assertThat(guard.isHeld()).isTrue();
      assertThat(plain[0]).isEqualTo(2 * STEPS + byThreads.get());
    }
  }

  private static Pollable<Complete> closing(AsyncMutex mutex) {
    Pollable<AsyncMutex.Guard> lock = mutex.lock();
    return Pollable.owning(
        List.of(lock),
        cx -> {
          Poll<AsyncMutex.Guard> poll = lock.poll(cx);
          if (poll.isPending()) {
            return Poll.pending();
          }
          poll.value().close();
          return Poll.ready();
        });
  }

  /** The idiom: listen, look, wait; and it gives up now and then. */
  private static final class Consumer implements Pollable<Complete> {
    private final Notify.Listener listener;
    private final Queue<Integer> queue;
    private final AtomicInteger taken;
    private final int goal;

    Consumer(Notify notify, Queue<Integer> queue, AtomicInteger taken, int goal) {
      this.listener = notify.listener();
      this.queue = queue;
      this.taken = taken;
      this.goal = goal;
    }

    @Override
    public Poll<Complete> poll(Context cx) {
      for (; ; ) {
        boolean notified = listener.pollNotified(cx).isReady();
        while (queue.poll() != null) {
          taken.getAndIncrement();
          notified = true;
        }
        if (taken.get() == goal) {
          return Poll.ready();
        }
        if (!notified) {
          return Poll.pending();
        }
      }
    }

    @Override
    public void cancel() {
      listener.close();
    }
  }

  @Test
  void noNotificationIsLostToOneWhoListensBeforeItLooks() throws Exception {
    Notify notify = new Notify();
    Queue<Integer> queue = new ConcurrentLinkedQueue<>();
    AtomicInteger taken = new AtomicInteger();
    int goal = THREADS * STEPS;
    for (RunnableDispatcher loop : loops) {
      loop.spawn(new Consumer(notify, queue, taken, goal));
    }
    hammer(
        THREADS,
        STEPS,
        random -> {
          if (random.nextInt(4) == 0) {
            loops.get(random.nextInt(2)).spawn(new Consumer(notify, queue, taken, goal)).cancel();
          }
          queue.add(1);
          notify.notifyOne();
        });
    awaitThreads();
    Rig.awaitState("all was taken: " + notify, () -> taken.get() == goal);
    assertThat(queue).isEmpty();
  }

  @Test
  void eachGenerationOfABarrierHasOneLeaderAndNobodyIsLeftBehind() throws Exception {
    int generations = 500;
    Barrier barrier = new Barrier(4);
    AtomicInteger leaders = new AtomicInteger();
    AtomicInteger followers = new AtomicInteger();
    List<JoinHandle<Complete>> tasks = new ArrayList<>();
    for (RunnableDispatcher loop : loops) {
      Barrier.Party party = barrier.party();
      int[] left = {generations};
      tasks.add(
          loop.spawn(
              cx -> {
                while (left[0] > 0) {
                  Poll<Barrier.Role> poll = party.pollAwait(cx);
                  if (poll.isPending()) {
                    return Poll.pending();
                  }
                  left[0]--;
                  count(poll.value(), leaders, followers);
                }
                return Poll.ready();
              }));
    }
    hammer(
        2,
        generations,
        random -> {
          Barrier.Role role;
          do { // leaves now and then, and comes again
            role = barrier.blockingAwait(Duration.ofNanos(random.nextInt(200_000)));
          } while (role == null);
          count(role, leaders, followers);
        });
    awaitThreads();
    for (JoinHandle<Complete> task : tasks) {
      resultOf(task);
    }
    assertThat(leaders).hasValue(generations);
    assertThat(followers).hasValue(3 * generations);
    assertThat(barrier.arrived()).isZero();
  }

  private static void count(Barrier.Role role, AtomicInteger leaders, AtomicInteger followers) {
    (role == Barrier.Role.LEADER ? leaders : followers).getAndIncrement();
  }

  @Test
  void everyReceiverGetsEveryValueInOrderOrIsToldHowManyItMissed() throws Exception {
    Broadcast<Integer> broadcast = new Broadcast<>(64);
    List<FutureTask<Integer>> receivers = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      Broadcast.Receiver<Integer> receiver = broadcast.subscribe();
      receivers.add(rig.start("receiver", () -> receiveAll(receiver)));
    }
    List<JoinHandle<Integer>> tasks = new ArrayList<>();
    for (RunnableDispatcher loop : loops) {
      tasks.add(loop.spawn(new Reader(broadcast.subscribe())));
    }
    int values = 10 * STEPS;
    for (int i = 0; i < values; i++) {
      broadcast.send(i);
    }
    broadcast.close();

    for (FutureTask<Integer> receiver : receivers) {
      assertThat(Rig.await(receiver)).isEqualTo(values);
    }
    for (JoinHandle<Integer> task : tasks) {
      assertThat(resultOf(task)).isEqualTo(values);
    }
    assertThat(broadcast.retained()).isZero();
  }

  private static int receiveAll(Broadcast.Receiver<Integer> receiver) throws Exception {
    int next = 0;
    for (; ; ) {
      try {
        Integer value = receiver.blockingReceive();
        if (value == null) {
          return next;
        }
        assertThat(value).isEqualTo(next++);
      } catch (LaggedException e) {
        next += (int) e.missed();
      }
    }
  }

  private static final class Reader implements Pollable<Integer> {
    private final Broadcast.Receiver<Integer> receiver;
    private int next;

    Reader(Broadcast.Receiver<Integer> receiver) {
      this.receiver = receiver;
    }

    @Override
    public Poll<Integer> poll(Context cx) {
      for (; ; ) {
        try {
          Poll<Integer> poll = receiver.pollReceive(cx);
          if (poll.isPending()) {
            return Poll.pending();
          }
          if (poll.value() == null) {
            return Poll.ready(next);
          }
          if (poll.value() != next++) {
            throw new AssertionError("out of order: " + poll.value());
          }
        } catch (LaggedException e) {
          next += (int) e.missed();
        }
      }
    }
  }

  @Test
  void aWatchIsSeenInOrderAndToItsLastChange() throws Exception {
    Watch<Integer> watch = new Watch<>(0);
    List<JoinHandle<Integer>> tasks = new ArrayList<>();
    for (RunnableDispatcher loop : loops) {
      Watch.Receiver<Integer> receiver = watch.subscribe();
      int[] last = {0};
      tasks.add(
          loop.spawn(
              cx -> {
                for (; ; ) {
                  Poll<Integer> poll = receiver.pollChanged(cx);
                  if (poll.isPending()) {
                    return Poll.pending();
                  }
                  if (poll.value() == null) {
                    return Poll.ready(last[0]);
                  }
                  if (poll.value() <= last[0]) {
                    throw new AssertionError(poll.value() + " after " + last[0]);
                  }
                  last[0] = poll.value();
                }
              }));
    }
    hammer(THREADS, STEPS, random -> watch.update(i -> i + 1));
    awaitThreads();
    watch.close();
    for (JoinHandle<Integer> task : tasks) {
      assertThat(resultOf(task)).isEqualTo(THREADS * STEPS);
    }
  }
}
