package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Many threads, many events, none lost; and a shutdown in the middle of it that accounts for each
 * task.
 *
 * <p>The short form is for each build. The long one, 10 million events a thread in 20 rounds, is
 * asked for with {@code -Dreveille.hammer.events=10000000 -Dreveille.hammer.rounds=20}, and is
 * worth another run with {@code -Xint}. {@code -Dreveille.hammer.shutdowns} says how many shutdowns
 * are tried.
 */
@Timeout(value = 2, unit = TimeUnit.HOURS) // of the long form; each wait within has its own limit
final class HammerTest {
  private static final int EVENTS = Integer.getInteger("reveille.hammer.events", 200_000);
  private static final int ROUNDS = Integer.getInteger("reveille.hammer.rounds", 3);
  private static final int SHUTDOWNS = Integer.getInteger("reveille.hammer.shutdowns", 300);
  private static final int THREADS = 3;

  /**
   * After at most so many events a thread waits until the loop has seen them: so each last wake
   * counts.
   */
  private static final int BURST = 24;

  /** Longs to a cache line, so that threads that count side by side do not share one. */
  private static final int LINE = 8;

  private static final long LIMIT_SECONDS = 20 + (long) EVENTS * ROUNDS / 20_000;

  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final ExecutorService wakers = Executors.newSingleThreadExecutor();

  @AfterEach
  void stopThreads() {
    executor.shutdownNow();
    wakers.shutdownNow();
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.get(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  private Future<?> inParallel(CountDownLatch start, Callable<?> body) {
    return executor.submit(
        () -> {
          start.await();
          return body.call();
        });
  }

  // ------------------------------------------------------------------ wake

  /** Counts events in plain fields: what a wake publishes is all that orders them. */
  private static final class Counting implements Pollable<Complete> {
    private final int threads;
    private final boolean wakesItself;
    private final long[] happened;

    /**
     * By the poll, plain, and then published by {@link #polls}; the threads read in reverse order.
     */
    private final long[] seen;

    private volatile long polls;
    private volatile Waker waker = Waker.none();

    Counting(int threads, boolean wakesItself) {
      this.threads = threads;
      this.wakesItself = wakesItself;
      this.happened = new long[threads * LINE];
      this.seen = new long[threads * LINE];
    }

    @Override
    public Poll<Complete> poll(Context cx) {
      waker = cx.waker("events");
      boolean all = true;
      for (int thread = 0; thread < threads; thread++) {
        long count = happened[thread * LINE];
        seen[thread * LINE] = count;
        all &= count == EVENTS;
      }
      polls = polls + 1; // only the loop writes it
      if (!all && wakesItself && (polls & 3) != 0) {
        waker.wake();
      }
      return all ? Poll.ready() : Poll.pending();
    }

    /** One thread's events, in bursts that have to be seen to their last. */
    void hammer(int thread) {
      ThreadLocalRandom random = ThreadLocalRandom.current();
      int endOfBurst = 1;
      for (int event = 1; event <= EVENTS; event++) {
        happened[thread * LINE] = event;
        waker.wake();
        if (event == endOfBurst) {
          awaitSeen(thread, event);
          endOfBurst = event + 1 + random.nextInt(BURST);
        }
      }
    }

    private void awaitSeen(int thread, long event) {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
      for (int i = 1; polls == 0 || seen[thread * LINE] < event; i++) {
        if (i > 500) {
          Thread.yield();
        }
        if (i % 10_000 == 0 && System.nanoTime() > deadline) {
          throw new AssertionError("a wake was lost: event " + event + " of thread " + thread);
        }
      }
    }
  }

  /** With one thread, the loop goes to sleep after almost every burst. */
  @Test
  void noWakeIsLostOfALoopThatSleepsAllTheTime() throws Exception {
    hammer(1, 1, false);
  }

  /** A task for each thread, so that nobody else's wake makes good for one that was lost. */
  @Test
  void noWakeIsLostOfATaskForEachThread() throws Exception {
    hammer(THREADS, THREADS, false);
  }

  /** Wakes of many threads merge. */
  @Test
  void noWakeIsLostOfATaskThatAllThreadsWake() throws Exception {
    hammer(THREADS, 1, false);
  }

  /** The task wakes itself, too, so that it is in the run queue and in the inbox at once. */
  @Test
  void noWakeIsLostOfATaskThatAlsoWakesItself() throws Exception {
    hammer(THREADS, THREADS, true);
  }

  private void hammer(int threads, int tasks, boolean wakeThemselves) throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      try (BasicDispatcher dispatcher = new BasicDispatcher()) {
        List<Counting> countings = new ArrayList<>();
        List<JoinHandle<Complete>> handles = new ArrayList<>();
        for (int i = 0; i < tasks; i++) {
          countings.add(new Counting(threads / tasks, wakeThemselves));
          handles.add(dispatcher.spawn("counting " + i, countings.get(i)));
        }
        dispatcher.runUntilStalled(tasks); // so that their wakers are there
        CountDownLatch start = new CountDownLatch(1);
        List<Future<?>> running = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
          Counting task = countings.get(thread % tasks);
          int me = thread / tasks;
          running.add(
              inParallel(
                  start,
                  () -> {
                    task.hammer(me);
                    return null;
                  }));
        }
        Future<?> driver = inParallel(start, dispatcher::runToCompletion);
        start.countDown();
        for (Future<?> thread : running) {
          get(thread);
        }
        assertThat(get(driver)).isEqualTo(RunOutcome.IDLE);
        assertThat(handles).allMatch(JoinHandle::isDone);
      }
    }
  }

  // ------------------------------------------------------------------ post

  @Test
  void noPostIsLostAndEachThreadsPostsKeepTheirOrder() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      try (BasicDispatcher dispatcher = new BasicDispatcher()) {
        long[] ran = new long[THREADS];
        AtomicInteger outOfOrder = new AtomicInteger();
        CountDownLatch start = new CountDownLatch(1);
        List<Future<?>> threads = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
          int me = thread;
          WorkGuard guard = dispatcher.workGuard();
          threads.add(
              inParallel(
                  start,
                  () -> {
                    for (int i = 0; i < EVENTS; i++) {
                      int number = i;
                      dispatcher.post(
                          () -> {
                            if (ran[me]++ != number) {
                              outOfOrder.incrementAndGet();
                            }
                          });
                    }
                    guard.close();
                    return null;
                  }));
        }
        Future<?> driver = inParallel(start, dispatcher::runToCompletion);
        start.countDown();
        for (Future<?> thread : threads) {
          get(thread);
        }
        assertThat(get(driver)).isEqualTo(RunOutcome.IDLE);
        assertThat(ran).containsOnly(EVENTS);
        assertThat(outOfOrder).hasValue(0);
      }
    }
  }

  // ------------------------------------------------------------------ drivers that take turns

  @Test
  void driversThatTakeTurnsSeeWhatTheOthersWrote() throws Exception {
    int posts = Math.min(EVENTS, 100_000);
    try (BasicDispatcher dispatcher = new BasicDispatcher()) {
      long[] plain = new long[1];
      CountDownLatch start = new CountDownLatch(1);
      AtomicInteger posting = new AtomicInteger(1);
      List<Future<?>> drivers = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        drivers.add(
            inParallel(
                start,
                () -> {
                  while (posting.get() > 0) {
                    try {
                      dispatcher.runUntilStalled(10);
                    } catch (IllegalStateException e) {
                      assertThat(e).hasMessageContaining("driven by thread");
                    }
                  }
                  return null;
                }));
      }
      Future<?> poster =
          inParallel(
              start,
              () -> {
                for (int i = 0; i < posts; i++) {
                  dispatcher.post(() -> plain[0]++);
                }
                posting.decrementAndGet();
                return null;
              });
      start.countDown();
      get(poster);
      for (Future<?> driver : drivers) {
        get(driver);
      }
      dispatcher.runUntilStalled();
      assertThat(plain[0]).isEqualTo(posts);
    }
  }

  // ------------------------------------------------------------------ shutdown under load

  /**
   * What becomes of what a dispatcher was given. Each thing adds to one count when it comes to its
   * end.
   */
  private static final class Ledger {
    final AtomicInteger accepted = new AtomicInteger();
    final AtomicInteger completed = new AtomicInteger();
    final AtomicInteger failed = new AtomicInteger();
    final AtomicInteger cancelled = new AtomicInteger();
    final AtomicInteger returned = new AtomicInteger();

    int ended() {
      return completed.get() + failed.get() + cancelled.get() + returned.get();
    }

    @Override
    public String toString() {
      return "%s accepted; %s completed, %s failed, %s cancelled, %s returned"
          .formatted(accepted, completed, failed, cancelled, returned);
    }
  }

  /**
   * Goes on for a few polls, woken by itself, by a foreign thread or by nobody; then ends somehow.
   */
  private final class Errand extends Task {
    private final Ledger ledger;
    private final int kind;
    private int polls;
    private boolean ended;

    Errand(Ledger ledger, int kind) {
      this.ledger = ledger;
      this.kind = kind;
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      polls++;
      if (polls <= kind % 3) {
        Waker waker = cx.waker("its next step");
        switch (kind % 4) {
          case 0 -> waker.wake();
          case 1, 2 -> wakers.execute(waker::wake);
          default -> {} // sleeps until the close
        }
        return Poll.pending();
      }
      ended = true;
      if (kind % 5 == 0) {
        ledger.failed.incrementAndGet();
        throw new IllegalStateException("as it was told");
      }
      ledger.completed.incrementAndGet();
      return Poll.ready();
    }

    @Override
    protected void cleanup() {
      if (!ended) {
        ledger.cancelled.incrementAndGet();
      }
    }
  }

  private static final class Adapter extends BlockOwner {
    private final Ledger ledger;

    Adapter(Ledger ledger) {
      super("block");
      this.ledger = ledger;
    }

    @Override
    protected void giveBack(Runnable block) {
      ledger.returned.incrementAndGet();
    }
  }

  /** One thread's share of the load, until it is refused. */
  private void load(Dispatcher dispatcher, Adapter adapter, Ledger tasks, Ledger blocks) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    try {
      for (int i = 0; i < 2_000; i++) {
        int kind = random.nextInt(1_000);
        switch (random.nextInt(6)) {
          case 0, 1 -> {
            dispatcher.post(new Errand(tasks, kind));
            tasks.accepted.incrementAndGet();
          }
          case 2 -> {
            dispatcher.post(blocks.completed::incrementAndGet);
            blocks.accepted.incrementAndGet();
          }
          case 3 -> {
            dispatcher.post(adapter, blocks.completed::incrementAndGet);
            blocks.accepted.incrementAndGet();
          }
          case 4 -> {
            TimedPost timed =
                dispatcher.postAfter(
                    Duration.ofNanos(kind * 1_000L), blocks.completed::incrementAndGet);
            blocks.accepted.incrementAndGet();
            if (kind % 3 == 0 && timed.cancel()) {
              blocks.cancelled.incrementAndGet();
            }
          }
          default -> {
            JoinHandle<Complete> handle = dispatcher.spawn(new Errand(tasks, kind));
            if (wasRefused(handle)) {
              return;
            }
            tasks.accepted.incrementAndGet();
            if (kind % 2 == 0) {
              handle.cancel();
            }
          }
        }
      }
    } catch (RejectedExecutionException e) {
      assertThat(dispatcher.isShutdown()).isTrue();
    }
  }

  private static boolean wasRefused(JoinHandle<?> handle) {
    if (!handle.isDone()) {
      return false;
    }
    try {
      handle.outcome();
      return false;
    } catch (CancellationException e) {
      return String.valueOf(e.getMessage()).contains("refused");
    } catch (Exception e) {
      return false; // the errand failed, as it was told
    }
  }

  /** Who drives meanwhile, and what precedes the end. */
  private enum Setting {
    RUNNING,
    NOBODY_DRIVES,
    IN_SMALL_STEPS,
    DRAINING
  }

  @ParameterizedTest
  @EnumSource
  void shutdownNowUnderLoadAccountsForEachTaskAndBlock(Setting setting) throws Exception {
    for (int round = 0; round < SHUTDOWNS; round++) {
      shutDownUnderLoad(setting);
    }
  }

  private void shutDownUnderLoad(Setting setting) throws Exception {
    AtomicInteger uncaught = new AtomicInteger();
    BasicDispatcher dispatcher =
        new BasicDispatcher(
            DispatcherOptions.defaults()
                .withUncaughtHandler((d, task, failure) -> uncaught.incrementAndGet()));
    Ledger tasks = new Ledger();
    Ledger blocks = new Ledger();
    Adapter adapter = new Adapter(blocks);
    CountDownLatch start = new CountDownLatch(1);
    List<Future<?>> threads = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      threads.add(
          inParallel(
              start,
              () -> {
                load(dispatcher, adapter, tasks, blocks);
                return null;
              }));
    }
    if (setting != Setting.NOBODY_DRIVES) {
      threads.add(
          inParallel(
              start,
              () -> {
                while (!dispatcher.isClosed()) {
                  if (setting == Setting.IN_SMALL_STEPS) {
                    dispatcher.runUntilStalled(5);
                  } else {
                    dispatcher.run();
                  }
                }
                return null;
              }));
    }
    Future<Unstarted> closing =
        executor.submit(
            () -> {
              start.await();
              spin(ThreadLocalRandom.current().nextInt(500_000));
              if (setting == Setting.DRAINING) {
                dispatcher.shutdown();
                spin(ThreadLocalRandom.current().nextInt(50_000));
              }
              return dispatcher.shutdownNow();
            });
    start.countDown();
    Unstarted unstarted = get(closing);
    for (Future<?> thread : threads) {
      get(thread);
    }
    tasks.returned.addAndGet(unstarted.tasks().size());
    blocks.returned.addAndGet(unstarted.runnables().size());

    assertThat(tasks.ended()).as("tasks: %s", tasks).isEqualTo(tasks.accepted.get());
    assertThat(blocks.ended()).as("blocks: %s", blocks).isEqualTo(blocks.accepted.get());
    assertThat(uncaught).as("failures that reached the handler").hasValue(tasks.failed.get());
    assertThat(unstarted.tasks()).noneMatch(Task::isPosted);
    assertThat(dispatcher.isClosed()).isTrue();
  }

  private static void spin(int nanos) {
    long until = System.nanoTime() + nanos;
    while (System.nanoTime() < until) {
      Thread.onSpinWait();
    }
  }

  /**
   * The driver gives its role back just when somebody asks it for the close: see {@link Closing}.
   */
  @Test
  void aCloseThatMeetsALeavingDriverIsCarriedOut() throws Exception {
    for (int round = 0; round < SHUTDOWNS * 10; round++) {
      BasicDispatcher dispatcher = new BasicDispatcher();
      CountDownLatch start = new CountDownLatch(1);
      Future<?> driver =
          inParallel(
              start,
              () -> {
                for (int i = 0; i < 20; i++) {
                  dispatcher.runUntilStalled();
                }
                return null;
              });
      Future<?> closer =
          inParallel(
              start,
              () -> {
                spin(ThreadLocalRandom.current().nextInt(4_000));
                dispatcher.close();
                return null;
              });
      start.countDown();
      get(driver);
      get(closer);
      assertThat(dispatcher.isClosed()).isTrue();
    }
  }
}
