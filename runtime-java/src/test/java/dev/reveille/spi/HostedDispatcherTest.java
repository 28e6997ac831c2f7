package dev.reveille.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Complete;
import dev.reveille.DispatcherOptions;
import dev.reveille.JoinHandle;
import dev.reveille.MockTime;
import dev.reveille.Poll;
import dev.reveille.Timer;
import dev.reveille.Waker;
import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What is particular to a dispatcher on somebody else's loop; the rest is in its contract tests.
 */
class HostedDispatcherTest {

  private final ScheduledExecutorService pool = Executors.newScheduledThreadPool(3);
  private final ConcurrentLinkedQueue<String> uncaught = new ConcurrentLinkedQueue<>();
  private final MockTime time = new MockTime();

  @AfterEach
  void shutDown() {
    pool.shutdownNow();
  }

  private DispatcherOptions options() {
    return DispatcherOptions.defaults()
        .withName("hosted")
        .withUncaughtHandler((d, name, failure) -> uncaught.add(name + ": " + failure));
  }

  /** Keeps what it is asked for. */
  private static class ManualHost implements Host {
    final ConcurrentLinkedQueue<Runnable> drains = new ConcurrentLinkedQueue<>();
    final List<Long> wakeups = new ArrayList<>();
    volatile boolean rejects;
    volatile Thread thread = Thread.currentThread();
    Runnable wakeup = () -> {};

    @Override
    public void execute(Runnable drain) {
      if (rejects) {
        throw new RejectedExecutionException("no more");
      }
      drains.add(drain);
    }

    @Override
    public void wakeAfter(long nanos, Runnable drain) {
      if (rejects) {
        throw new RejectedExecutionException("no more");
      }
      wakeups.add(nanos);
      wakeup = drain;
    }

    @Override
    public boolean inHost() {
      return Thread.currentThread() == thread;
    }

    int run() {
      int n = 0;
      for (Runnable drain = drains.poll(); drain != null; drain = drains.poll()) {
        drain.run();
        n++;
      }
      return n;
    }
  }

  @Test
  void oneDrainIsAskedForInABurstOfWakes() {
    ManualHost host = new ManualHost();
    try (var dispatcher = HostedDispatcher.on(host, options())) {
      host.run();
      dispatcher.post(() -> {});
      dispatcher.post(() -> {});
      dispatcher.spawn("a task", cx -> Poll.ready());

      assertThat(host.drains).hasSize(1);
      assertThat(host.run()).isEqualTo(1);
      assertThat(dispatcher.snapshot().tasks()).isEmpty();
    }
  }

  @Test
  void aDrainLeavesTheHostToOthersAfterSoManyEntries() {
    ManualHost host = new ManualHost();
    try (var dispatcher = HostedDispatcher.on(host, options())) {
      host.run();
      AtomicInteger ran = new AtomicInteger();
      for (int i = 0; i < 600; i++) {
        dispatcher.post(ran::incrementAndGet);
      }
      Runnable first = host.drains.remove();
      first.run();

      assertThat(ran).hasValue(256);
      assertThat(host.drains).hasSize(1);
      assertThat(host.run()).isEqualTo(2);
      assertThat(ran).hasValue(600);
    }
  }

  @Test
  void whatComesInWhileADrainRunsIsRunByItOrTheNext() throws Exception {
    try (var dispatcher = HostedDispatcher.on(ExecutorHost.of(pool), options())) {
      AtomicInteger ran = new AtomicInteger();
      int each = 20_000;
      CountDownLatch posted = new CountDownLatch(3);
      CountDownLatch done = new CountDownLatch(3 * each);
      for (int t = 0; t < 3; t++) {
        new Thread(
                () -> {
                  for (int i = 0; i < each; i++) {
                    dispatcher.post(
                        () -> {
                          ran.setPlain(ran.getPlain() + 1); // one at a time, each sees the last
                          done.countDown();
                        });
                    if (i % 64 == 0) {
                      Thread.yield(); // so that the loop falls asleep now and then
                    }
                  }
                  posted.countDown();
                })
            .start();
      }

      assertThat(posted.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(ran.getPlain()).isEqualTo(3 * each);
    }
  }

  @Test
  void theHostIsAskedToWakeItForTheEarliestTimer() {
    ManualHost host = new ManualHost();
    try (var dispatcher = HostedDispatcher.on(host, options())) {
      dispatcher.postAfter(Duration.ofHours(2), () -> {});
      dispatcher.postAfter(Duration.ofHours(1), () -> {});
      host.run();

      assertThat(host.wakeups).hasSize(1);
      assertThat(host.wakeups.get(0))
          .isBetween(Duration.ofMinutes(59).toNanos(), Duration.ofHours(1).toNanos());
    }
  }

  @Test
  void aTimerThatIsArmedInALoanIsToldToTheHost() {
    ManualHost host = new ManualHost();
    try (var dispatcher = HostedDispatcher.on(host, options())) {
      host.run();
      new Timer(dispatcher).reset(Duration.ofHours(1));

      assertThat(host.drains).isEmpty();
      assertThat(host.wakeups).hasSize(1);
    }
  }

  @Test
  void aWakeUpThatComesTooEarlyIsAskedForAgain() {
    ManualHost host = new ManualHost();
    try (var dispatcher = HostedDispatcher.on(host, options())) {
      dispatcher.postAfter(Duration.ofHours(1), () -> {});
      host.run();
      host.wakeup.run();

      assertThat(host.wakeups).hasSize(2);
    }
  }

  @Test
  void aTimerThatIsGoneIsNotWaitedForAnyMore() {
    ManualHost host = new ManualHost();
    try (var dispatcher = HostedDispatcher.on(host, options())) {
      Timer timer = new Timer(dispatcher);
      timer.reset(Duration.ofHours(1));
      timer.cancel();

      assertThat(host.wakeups).endsWith(Long.MAX_VALUE);
    }
  }

  @Test
  void timersFireOnAPool() throws Exception {
    try (var dispatcher = HostedDispatcher.on(ExecutorHost.of(pool), options())) {
      JoinHandle<Complete> slept =
          dispatcher.spawn(
              "sleeper",
              new dev.reveille.Pollable<>() {
                private final Timer timer = new Timer(dispatcher);
                private boolean armed;

                @Override
                public Poll<Complete> poll(dev.reveille.Context cx) {
                  if (!armed) {
                    armed = true;
                    timer.reset(Duration.ofMillis(5));
                  }
                  return timer.poll(cx);
                }
              });

      assertThat(slept.toCompletableFuture().get(20, TimeUnit.SECONDS))
          .isEqualTo(Complete.COMPLETE);
    }
  }

  @Test
  void aTaskMayMoveFromThreadToThreadAndSeesWhatItWrote() throws Exception {
    try (var dispatcher = HostedDispatcher.on(ExecutorHost.of(pool), options())) {
      int[] polls = {0};
      AtomicReference<Waker> waker = new AtomicReference<>();
      JoinHandle<Integer> task =
          dispatcher.spawn(
              "counter",
              cx -> {
                if (++polls[0] == 5_000) {
                  return Poll.ready(polls[0]);
                }
                waker.set(cx.waker("the next round"));
                return Poll.pending();
              });
      while (!task.isDone()) {
        Waker w = waker.getAndSet(null);
        if (w != null) {
          w.wake();
        } else {
          Thread.yield();
        }
      }

      assertThat(task.toCompletableFuture().get(20, TimeUnit.SECONDS)).isEqualTo(5_000);
    }
  }

  @Test
  void aHostThatRunsWhatItIsGivenAtOnceIsRefused() {
    ManualHost inline =
        new ManualHost() {
          @Override
          public void execute(Runnable drain) {
            drain.run();
          }
        };
    assertThatThrownBy(() -> HostedDispatcher.on(inline, options()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("before execute() returns");
  }

  @Test
  void aHostThatTakesNothingIsRefused() {
    ManualHost host = new ManualHost();
    host.rejects = true;
    assertThatThrownBy(() -> HostedDispatcher.on(host, options()))
        .isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void aHostThatRejectsMeansShutdownWhichIsToldOnce() throws Exception {
    ManualHost host = new ManualHost();
    var dispatcher = HostedDispatcher.on(host, options());
    JoinHandle<Complete> task = dispatcher.spawn("asleep", cx -> cx.park());
    host.run();
    host.rejects = true;
    dispatcher.post(() -> {});
    assertThat(dispatcher.awaitClosed(Rig.PATIENCE)).isTrue();

    assertThat(uncaught).hasSize(1);
    assertThat(uncaught.peek()).contains("host of", "no more");
    assertThatThrownBy(() -> task.toCompletableFuture().get(20, TimeUnit.SECONDS))
        .isInstanceOf(CancellationException.class);
    assertThatThrownBy(() -> dispatcher.post(() -> {}))
        .isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void aPoolThatIsShutDownWhileItIsNeededClosesTheDispatcher() throws Exception {
    var dispatcher = HostedDispatcher.on(ExecutorHost.of(pool), options());
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    JoinHandle<Complete> task =
        dispatcher.spawn(
            "busy",
            cx -> {
              running.countDown();
              goOn.await();
              cx.waker("more").wake();
              return Poll.pending();
            });
    assertThat(running.await(20, TimeUnit.SECONDS)).isTrue();
    pool.shutdown();
    goOn.countDown();

    assertThat(dispatcher.awaitClosed(Rig.PATIENCE)).isTrue();
    assertThat(task.isDone()).isTrue();
    assertThat(uncaught).hasSize(1);
  }

  @Test
  void closeIsCarriedOutOnTheHost() throws Exception {
    ManualHost host = new ManualHost();
    var dispatcher = HostedDispatcher.on(host, options());
    AtomicReference<Thread> cleanedUpOn = new AtomicReference<>();
    dispatcher.post(
        new dev.reveille.Task("resource") {
          @Override
          protected Poll<Complete> doPoll(dev.reveille.Context cx) {
            return cx.park();
          }

          @Override
          protected void cleanup() {
            cleanedUpOn.set(Thread.currentThread());
          }
        });
    host.run();
    Thread closer = new Thread(dispatcher::close, "closer");
    closer.start();
    while (closer.isAlive()) {
      host.run();
      Thread.yield();
    }

    assertThat(cleanedUpOn).hasValue(Thread.currentThread());
    assertThat(dispatcher.isClosed()).isTrue();
  }

  @Test
  void stopEndsTheDrainAndDropsNothing() {
    ManualHost host = new ManualHost();
    try (var dispatcher = HostedDispatcher.on(host, options())) {
      host.run();
      List<String> ran = new ArrayList<>();
      dispatcher.post(
          () -> {
            ran.add("first");
            dispatcher.stop();
          });
      dispatcher.post(() -> ran.add("second"));
      host.drains.remove().run();
      assertThat(ran).containsExactly("first");

      assertThat(host.run()).isEqualTo(1);
      assertThat(ran).containsExactly("first", "second");
    }
  }

  @Test
  void mockTimeMovesAHostedDispatcherByWayOfItsHost() {
    try (var dispatcher = HostedDispatcher.on(ExecutorHost.of(pool), options().withTicker(time))) {
      List<String> order = new ArrayList<>();
      AtomicReference<Thread> on = new AtomicReference<>();
      dispatcher.postAfter(Duration.ofHours(2), () -> order.add("second"));
      dispatcher.postAfter(
          Duration.ofHours(1),
          () -> {
            order.add("first");
            on.set(Thread.currentThread());
          });
      time.advance(Duration.ofHours(3));

      assertThat(order).containsExactly("first", "second");
      assertThat(on.get()).isNotEqualTo(Thread.currentThread());
    }
  }

  @Test
  void mockTimeThatMovesByItselfServesAHostedDispatcher() throws Exception {
    time.autoAdvance();
    try (var dispatcher = HostedDispatcher.on(ExecutorHost.of(pool), options().withTicker(time))) {
      CountDownLatch ran = new CountDownLatch(1);
      dispatcher.postAfter(Duration.ofDays(1), ran::countDown);

      assertThat(ran.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(time.read()).isEqualTo(Duration.ofDays(1).toNanos());
    }
  }

  @Test
  void theEventThreadOfSwingIsAHost() throws Exception {
    try (var dispatcher = HostedDispatcher.on(SwingHost.create(), options())) {
      CountDownLatch ran = new CountDownLatch(2);
      AtomicReference<Boolean> onEventThread = new AtomicReference<>();
      dispatcher.post(
          () -> {
            onEventThread.set(java.awt.EventQueue.isDispatchThread());
            ran.countDown();
          });
      dispatcher.postAfter(Duration.ofMillis(3), ran::countDown);

      assertThat(ran.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(onEventThread).hasValue(true);
    }
  }

  @Test
  void aHostedDispatcherThatDrainsClosesWhenItsWorkIsDone() throws Exception {
    var dispatcher = HostedDispatcher.on(ExecutorHost.of(pool), options());
    AtomicReference<Waker> waker = new AtomicReference<>();
    boolean[] done = {false};
    JoinHandle<Complete> task =
        dispatcher.spawn(
            "last",
            cx -> {
              if (done[0]) {
                return Poll.ready();
              }
              waker.set(cx.waker("the word"));
              return Poll.pending();
            });
    Rig.awaitState("the task waits", () -> waker.get() != null);
    dispatcher.shutdown();
    assertThat(dispatcher.isClosed()).isFalse();
    done[0] = true;
    waker.get().wake();

    assertThat(dispatcher.awaitClosed(Rig.PATIENCE)).isTrue();
    assertThat(task.isDone()).isTrue();
    assertThat(uncaught).isEmpty();
  }
}
