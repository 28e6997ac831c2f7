package dev.reveille.callbacks.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.ListenableFuture;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.DispatcherOptions;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Timer;
import dev.reveille.Waker;
import dev.reveille.callbacks.guava.GuavaFutures;
import dev.reveille.contract.Rig;
import dev.reveille.spi.HostedDispatcher;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.BlockingOperationException;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A dispatcher at home on an event loop; what it has from its host is in the contract tests. */
class NettyDispatcherTest {
  private static final String NAME = "netty dispatcher";

  /** Counts what it is asked for. */
  private static final class CountingLoop extends DefaultEventLoop {
    final AtomicInteger executes = new AtomicInteger();
    final List<ScheduledFuture<?>> scheduled = new ArrayList<>(); // on the loop

    CountingLoop() {
      super(EventLoops.named(NAME));
    }

    @Override
    public void execute(Runnable task) {
      executes.incrementAndGet();
      super.execute(task);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
      ScheduledFuture<?> future = super.schedule(command, delay, unit);
      scheduled.add(future);
      return future;
    }
  }

  private final CountingLoop loop = new CountingLoop();
  private final ConcurrentLinkedQueue<String> uncaught = new ConcurrentLinkedQueue<>();
  private final HostedDispatcher dispatcher =
      NettyDispatcher.on(
          loop,
          DispatcherOptions.defaults()
              .withName("on netty")
              .withUncaughtHandler((d, name, failure) -> uncaught.add(name + ": " + failure)));

  @AfterEach
  void end() throws Exception {
    dispatcher.close();
    EventLoops.end(loop, NAME);
    assertThat(uncaught).isEmpty();
  }

  private static <T> T await(JoinHandle<T> handle) throws Exception {
    return handle.toCompletableFuture().get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private void onLoop(Runnable action) {
    loop.submit(action).syncUninterruptibly();
  }

  @Test
  void tasksAndCallbacksRunOnTheThreadOfTheEventLoop() throws Exception {
    AtomicReference<Thread> callback = new AtomicReference<>();
    dispatcher.post(() -> callback.set(Thread.currentThread()));
    Thread task = await(dispatcher.spawn("where", cx -> Poll.ready(Thread.currentThread())));
    onLoop(() -> assertThat(task).isSameAs(callback.get()).isSameAs(Thread.currentThread()));
  }

  @Test
  void aBurstOfWakesCostsOneExecute() throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    List<Waker> wakers = new ArrayList<>();
    List<JoinHandle<Complete>> tasks = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      tasks.add(
          dispatcher.spawn(
              "two polls",
              new Pollable<>() {
                private boolean again;

                @Override
                public Poll<Complete> poll(Context cx) {
                  if (again) {
                    return Poll.ready();
                  }
                  again = true;
                  wakers.add(cx.waker("the test"));
                  return Poll.pending();
                }
              }));
    }
    Rig.awaitState("all wait", () -> dispatcher.snapshot().asleep());
    loop.submit(
        () -> {
          held.countDown();
          Rig.await(release);
          return true;
        });
    Rig.await(held);
    int before = loop.executes.get();
    wakers.forEach(Waker::wake);
    int after = loop.executes.get();
    release.countDown();
    for (JoinHandle<Complete> task : tasks) {
      await(task);
    }
    assertThat(after - before).isEqualTo(1);
  }

  @Test
  void aTimerFiresOnTheEventLoopAndNeverEarly() throws Exception {
    Duration delay = Duration.ofMillis(20);
    Timer timer = new Timer(dispatcher);
    long[] began = new long[1];
    JoinHandle<Long> slept =
        dispatcher.spawn(
            "sleep",
            cx -> {
              if (began[0] == 0) {
                began[0] = System.nanoTime();
                timer.reset(delay);
              }
              assertThat(loop.inEventLoop()).isTrue();
              return timer.poll(cx).map(fired -> System.nanoTime() - began[0]);
            });
    assertThat(await(slept)).isGreaterThanOrEqualTo(delay.toNanos());
  }

  @Test
  void aWakeUpThatWasSupersededIsCancelled() throws Exception {
    CountDownLatch armed = new CountDownLatch(2);
    dispatcher.postAfter(Duration.ofHours(2), () -> {});
    dispatcher.post(armed::countDown);
    Rig.awaitState("the first is armed", () -> dispatcher.snapshot().asleep());
    dispatcher.postAfter(Duration.ofHours(1), () -> {});
    dispatcher.post(armed::countDown);
    Rig.await(armed);
    Rig.awaitState("both are armed", () -> dispatcher.snapshot().asleep());
    onLoop(
        () -> {
          assertThat(loop.scheduled).hasSize(2);
          assertThat(loop.scheduled.get(0).isCancelled()).isTrue();
          assertThat(loop.scheduled.get(1).isCancelled()).isFalse();
        });
    dispatcher.close();
  }

  @Test
  void nettyRefusesToBlockInATask() {
    Promise<String> never = loop.newPromise();
    assertThatThrownBy(
            () -> dispatcher.blockingAwait(cx -> Poll.ready(never.sync().getNow()), Rig.PATIENCE))
        .isInstanceOf(BlockingOperationException.class);
    never.cancel(false);
  }

  @Test
  void theDispatcherRefusesToBlockTheEventLoopInATaskAndInAHandler() {
    assertThatThrownBy(
            () ->
                dispatcher.blockingAwait(
                    cx -> Poll.ready(dispatcher.blockingAwait(inner -> inner.park())),
                    Rig.PATIENCE))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("on netty");
    onLoop(
        () ->
            assertThatThrownBy(() -> dispatcher.blockingAwait(inner -> inner.park()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("on netty"));
  }

  @Test
  void aFutureOfGuavaRefusesToBlockTheEventLoopInAHandler() {
    onLoop(
        () -> {
          ListenableFuture<String> future =
              GuavaFutures.listenable(dispatcher, "task", cx -> Poll.ready("done"));
          assertThatThrownBy(() -> future.get(1, TimeUnit.SECONDS))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("task 'task'");
        });
  }

  @Test
  void twoDispatchersOnOneEventLoopAreNeighbours() throws Exception {
    try (HostedDispatcher other =
        NettyDispatcher.on(loop, DispatcherOptions.defaults().withName("other"))) {
      assertThat(other).isNotSameAs(dispatcher);
      Thread here = await(dispatcher.spawn("here", cx -> Poll.ready(Thread.currentThread())));
      Thread there = await(other.spawn("there", cx -> Poll.ready(Thread.currentThread())));
      assertThat(here).isSameAs(there);
      JoinHandle<String> first = other.spawn("first", cx -> Poll.ready("joined"));
      assertThat(await(dispatcher.spawn("second", first.join()))).isEqualTo("joined");
    }
    String end = await(dispatcher.spawn("last", cx -> Poll.ready("goes on")));
    assertThat(end).isEqualTo("goes on");
  }

  @Test
  void theDispatcherCanBeClosedByAHandlerOfTheEventLoop() {
    JoinHandle<Complete> task = dispatcher.spawn("waits", cx -> cx.park());
    onLoop(dispatcher::close);
    assertThat(dispatcher.isClosed()).isTrue();
    assertThat(task.isDone()).isTrue();
  }

  @Test
  void theEventLoopOfAnEmbeddedChannelIsDrivenByTheTest() {
    EmbeddedChannel channel = new EmbeddedChannel();
    List<String> log = new ArrayList<>();
    HostedDispatcher embedded = NettyDispatcher.on(channel.eventLoop());
    assertThat(embedded.name()).isEqualTo("netty");
    embedded.spawn("a task", cx -> Poll.ready(log.add("polled")));
    assertThat(log).isEmpty();
    channel.runPendingTasks();
    assertThat(log).containsExactly("polled");
    embedded.close();
    channel.finish();
  }
}
