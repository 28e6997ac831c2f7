package dev.reveille.callbacks.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.DispatcherOptions;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Waker;
import dev.reveille.contract.Rig;
import dev.reveille.spi.HostedDispatcher;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.ManualIoEventLoop;
import io.netty.channel.local.LocalIoHandler;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of a dispatcher whose event loop ends before it. */
class NettyShutdownTest {
  private static final String NAME = "netty shutdown";

  private final DefaultEventLoop loop = new DefaultEventLoop(EventLoops.named(NAME));
  private final ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();

  @AfterEach
  void end() throws Exception {
    EventLoops.end(loop, NAME);
  }

  private HostedDispatcher on(EventLoop eventLoop) {
    return NettyDispatcher.on(
        eventLoop,
        DispatcherOptions.defaults()
            .withName("doomed")
            .withUncaughtHandler((d, name, failure) -> told.add(name + ": " + failure)));
  }

  private void shutDown() throws InterruptedException {
    loop.shutdownGracefully(0, 20, TimeUnit.SECONDS);
    assertThat(loop.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
  }

  /** Waits for ever, and tells which thread cancelled it. */
  private static final class Sleeper implements Pollable<Complete> {
    final CompletableFuture<Thread> cancelledBy = new CompletableFuture<>();
    final CountDownLatch polled = new CountDownLatch(1);
    final AtomicReference<Waker> waker = new AtomicReference<>(Waker.none());

    @Override
    public Poll<Complete> poll(Context cx) {
      waker.set(cx.waker("for ever"));
      polled.countDown();
      return Poll.pending();
    }

    @Override
    public void cancel() {
      cancelledBy.complete(Thread.currentThread());
    }

    String cancelledByThread() throws Exception {
      return cancelledBy.get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS).getName();
    }
  }

  @Test
  void aTaskThatSleepsIsCancelledOnTheEventLoopAndThatIsToldOnce() throws Exception {
    HostedDispatcher dispatcher = on(loop);
    Sleeper sleeper = new Sleeper();
    JoinHandle<Complete> task = dispatcher.spawn("sleeper", sleeper);
    Rig.await(sleeper.polled);
    shutDown();
    assertThat(sleeper.cancelledByThread()).startsWith(NAME);
    assertThat(dispatcher.isClosed()).isTrue();
    assertThat(task.isDone()).isTrue();
    assertThat(told)
        .singleElement()
        .asString()
        .contains("host of HostedDispatcher[doomed]")
        .contains("close the dispatcher first");
    sleeper.waker.get().wake(); // too late for everybody
    assertThatThrownBy(() -> dispatcher.post(() -> {}))
        .isInstanceOf(RejectedExecutionException.class);
    assertThat(told).hasSize(1);
  }

  @Test
  void aTimerThatNettyHasDroppedIsNotWaitedForInVain() throws Exception {
    HostedDispatcher dispatcher = on(loop);
    dispatcher.postAfter(Duration.ofHours(1), () -> {});
    shutDown();
    assertThat(dispatcher.awaitClosed(Rig.PATIENCE)).isTrue();
    assertThat(told).hasSize(1);
  }

  @Test
  void aDispatcherWithoutWorkIsClosedWithoutAWord() throws Exception {
    HostedDispatcher dispatcher = on(loop);
    shutDown();
    assertThat(dispatcher.awaitClosed(Rig.PATIENCE)).isTrue();
    assertThat(told).isEmpty();
  }

  /** Netty runs its queue until it is empty, and a drain queues the next one. */
  @Test
  void aTaskThatAlwaysWakesItselfDoesNotKeepTheEventLoopFromEnding() throws Exception {
    HostedDispatcher dispatcher = on(loop);
    AtomicReference<Thread> cancelledBy = new AtomicReference<>();
    CountDownLatch polled = new CountDownLatch(1000);
    dispatcher.spawn(
        "busy",
        new Pollable<Complete>() {
          @Override
          public Poll<Complete> poll(Context cx) {
            polled.countDown();
            cx.waker("itself").wake();
            return Poll.pending();
          }

          @Override
          public void cancel() {
            cancelledBy.set(Thread.currentThread());
          }
        });
    Rig.await(polled);
    shutDown();
    assertThat(dispatcher.awaitClosed(Rig.PATIENCE)).isTrue();
    assertThat(cancelledBy.get().getName()).startsWith(NAME);
    assertThat(told).hasSize(1);
  }

  /** One that has no shutdown hooks. */
  @Test
  void anEventLoopWithoutHooksIsMissedWhenItHasEnded() throws Exception {
    ManualIoEventLoop manual =
        new ManualIoEventLoop(Thread.currentThread(), LocalIoHandler.newFactory());
    HostedDispatcher dispatcher = on(manual);
    Sleeper sleeper = new Sleeper();
    dispatcher.spawn("sleeper", sleeper);
    while (sleeper.polled.getCount() > 0) {
      manual.runNow();
    }
    manual.shutdownGracefully(0, 20, TimeUnit.SECONDS);
    while (!manual.isTerminated()) {
      manual.runNow();
    }
    sleeper.cancelledBy.get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(dispatcher.awaitClosed(Rig.PATIENCE)).isTrue();
    Rig.awaitState("it is told", () -> !told.isEmpty());
    assertThat(told).hasSize(1);
  }

  @Test
  void noDispatcherIsMadeOnAnEventLoopThatWasShutDown() throws Exception {
    loop.execute(() -> {});
    shutDown();
    assertThatThrownBy(() -> on(loop)).isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void anEventLoopForgetsADispatcherThatWasClosed() {
    WeakReference<HostedDispatcher> closed = new WeakReference<>(closedDispatcher());
    assertThat(Rig.collectGarbageUntil(() -> closed.get() == null)).isTrue();
    assertThat(loop.isShuttingDown()).isFalse();
  }

  private HostedDispatcher closedDispatcher() {
    HostedDispatcher dispatcher = on(loop);
    dispatcher.post(() -> {});
    dispatcher.close();
    return dispatcher;
  }
}
