package dev.reveille.samples.compat.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.reveille.DispatcherOptions;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.callbacks.netty.NettyDispatcher;
import dev.reveille.callbacks.netty.NettyFutures;
import dev.reveille.combine.Pollables;
import dev.reveille.contract.Rig;
import dev.reveille.spi.HostedDispatcher;
import dev.reveille.sync.PollStream;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.BlockingOperationException;
import io.netty.util.concurrent.Future;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tasks on Netty's own thread, between the handlers and the listeners of its channels. */
class NettyLoopTest {
  private static final int ROUNDS = 300;

  private final Queue<Throwable> uncaught = new ConcurrentLinkedQueue<>();
  private final EventLoops netty = new EventLoops();
  private final HostedDispatcher loop =
      NettyDispatcher.on(
          netty.loop(),
          DispatcherOptions.defaults()
              .withName("netty")
              .withUncaughtHandler((dispatcher, task, failure) -> uncaught.add(failure)));

  @AfterEach
  void close() throws Exception {
    loop.close();
    netty.close();
    assertThat(uncaught).isEmpty();
  }

  private static <T> T resultOf(JoinHandle<T> handle) throws Exception {
    return handle.toCompletableFuture().get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void anEchoIsServedByTasksOnTheThreadOfItsChannels() throws Exception {
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    try (EchoServer server =
            new EchoServer(
                netty,
                loop,
                buffer -> {
                  threads.add(Thread.currentThread());
                  return Pollables.ready(buffer);
                });
        EchoClient client = new EchoClient(netty, server.address())) {
      List<Future<Long>> answers = new ArrayList<>();
      for (long n = 0; n < ROUNDS; n++) {
        answers.add(client.echo(n));
      }
      for (int n = 0; n < ROUNDS; n++) {
        assertThat(answers.get(n).get(20, TimeUnit.SECONDS)).isEqualTo((long) n);
      }
      Channel channel = server.sessions.get(0).channel();
      assertThat(threads).hasSize(1).allMatch(channel.eventLoop()::inEventLoop);

      client.close();
      Rig.awaitState("the end of the session", server.sessions.get(0).task()::isDone);
      Rig.awaitState("every buffer is released", () -> server.held() == 0);
    }
  }

  /** Listeners, a task, and runnables of the loop and of Netty; no lock guards what they share. */
  @Test
  void theOldCallerTheNewOneAndRunnablesShareAClientAndAThread() throws Exception {
    List<String> turns = new ArrayList<>();
    Set<Thread> threads = new HashSet<>();
    CountDownLatch legacyDone = new CountDownLatch(1);
    CountDownLatch runnablesDone = new CountDownLatch(2);
    try (EchoServer server = new EchoServer(netty, loop);
        EchoClient client = new EchoClient(netty, server.address())) {
      oldCaller(client, 0, turns, threads, legacyDone);
      JoinHandle<Long> sum =
          loop.spawn(
              "new caller",
              PollStream.from(() -> LongStream.range(0, ROUNDS).iterator())
                  .mapAsync(2, n -> NettyFutures.<Long>pollable("echo", () -> client.echo(n)))
                  .onEach(
                      n -> {
                        threads.add(Thread.currentThread());
                        turns.add("task");
                      })
                  .fold(0L, Long::sum));
      runnables(loop::post, "runnable", ROUNDS, turns, threads, runnablesDone);
      runnables(netty.loop()::execute, "netty", ROUNDS, turns, threads, runnablesDone);

      assertThat(resultOf(sum)).isEqualTo(ROUNDS * (ROUNDS - 1L) / 2);
      Rig.await(legacyDone);
      Rig.await(runnablesDone);

      assertThat(threads).hasSize(1);
      assertThat(turns).hasSize(4 * ROUNDS).doesNotContain("wrong");
    }
  }

  private static void oldCaller(
      EchoClient client,
      long number,
      List<String> turns,
      Set<Thread> threads,
      CountDownLatch done) {
    if (number == ROUNDS) {
      done.countDown();
      return;
    }
    client
        .echo(-number)
        .addListener(
            (Future<Long> answer) -> {
              threads.add(Thread.currentThread());
              turns.add(answer.isSuccess() && answer.getNow() == -number ? "legacy" : "wrong");
              oldCaller(client, number + 1, turns, threads, done);
            });
  }

  private static void runnables(
      Executor executor,
      String name,
      int left,
      List<String> turns,
      Set<Thread> threads,
      CountDownLatch done) {
    executor.execute(
        () -> {
          threads.add(Thread.currentThread());
          turns.add(name);
          if (left == 1) {
            done.countDown();
          } else {
            runnables(executor, name, left - 1, turns, threads, done);
          }
        });
  }

  /** What would be a deadlock is refused by Netty in a task, as it is in a handler. */
  @Test
  void blockingOnAFutureInATaskIsRefused() throws Exception {
    Channel listener =
        netty
            .server(new ChannelInboundHandlerAdapter())
            .bind(EventLoops.ANY)
            .syncUninterruptibly()
            .channel();
    JoinHandle<Throwable> refusal =
        loop.spawn(
            "blocked", cx -> Poll.ready(catchThrowable(() -> listener.closeFuture().sync())));

    assertThat(resultOf(refusal)).isInstanceOf(BlockingOperationException.class);
  }

  @Test
  void tenThousandFuturesInARowNeedNoStackThere() throws Exception {
    Future<String> completed = netty.loop().newSucceededFuture("done");

    JoinHandle<Long> count =
        loop.spawn(
            PollStream.generate(() -> NettyFutures.<String>pollable("completed", () -> completed))
                .take(10_000)
                .count());

    assertThat(resultOf(count)).isEqualTo(10_000);
  }
}
