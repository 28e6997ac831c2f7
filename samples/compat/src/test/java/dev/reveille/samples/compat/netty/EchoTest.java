package dev.reveille.samples.compat.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.RunnableDispatcher;
import dev.reveille.combine.Pollables;
import dev.reveille.contract.Rig;
import dev.reveille.sync.PollStream;
import dev.reveille.sync.Semaphore;
import io.netty.util.concurrent.Future;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.channels.ClosedChannelException;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An echo server whose handlers hand over to tasks. */
class EchoTest {
  private static final int ROUNDS = 200;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.onSystemClock();
  private final EventLoops netty = new EventLoops();

  @AfterEach
  void close() throws Exception {
    rig.close();
    netty.close();
  }

  private static <V> V resultOf(Future<V> future) throws Exception {
    return future.get(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void whatIsSentComesBackAndEveryBufferIsReleased() throws Exception {
    rig.drive(loop);
    try (EchoServer server = new EchoServer(netty, loop)) {
      byte[] sent = new byte[1 << 20];
      new Random(7).nextBytes(sent);
      try (Socket socket = new Socket(server.address().getAddress(), server.address().getPort())) {
        FutureTask<Boolean> writing =
            rig.start(
                "writer",
                () -> {
                  OutputStream out = socket.getOutputStream();
                  out.write(sent);
                  return true;
                });
        byte[] received = socket.getInputStream().readNBytes(sent.length);
        assertThat(Rig.await(writing)).isTrue();
        assertThat(received).isEqualTo(sent);
      }
      Rig.awaitState("the end of the session", server.sessions.get(0).task()::isDone);
      Rig.awaitState("every buffer is released", () -> server.held() == 0);
      assertThat(server.sessions.get(0).task().toCompletableFuture()).isCompleted();
      assertThat(server.sessions.get(0).channel().isOpen()).isFalse();
    }
  }

  /** The task does not take, the reads pause, the socket fills, and the sender has to wait. */
  @Test
  void aSlowTaskStopsTheSender() throws Exception {
    Semaphore steps = new Semaphore(0);
    rig.drive(loop);
    try (EchoServer server =
            new EchoServer(
                netty, loop, buffer -> Pollables.map(steps.acquire(), permit -> buffer));
        Socket socket = new Socket()) {
      socket.setSendBufferSize(64 << 10);
      socket.setReceiveBufferSize(64 << 10);
      socket.connect(server.address());
      int total = 8 << 20;
      AtomicLong written = new AtomicLong();
      FutureTask<Boolean> writing =
          rig.start(
              "writer",
              () -> {
                OutputStream out = socket.getOutputStream();
                byte[] chunk = new byte[1 << 10];
                while (written.get() < total) {
                  out.write(chunk);
                  written.addAndGet(chunk.length);
                }
                return true;
              });
      Rig.awaitState("a session", () -> !server.sessions.isEmpty());
      Reads reads = server.sessions.get(0).reads();
      Rig.awaitState("a pause", () -> reads.pauses.get() == 1);
      assertThat(reads.resumes).hasValue(0);
      assertThat(writing).isNotDone();
      assertThat(written.get()).isLessThan(total);

      steps.release(Integer.MAX_VALUE / 2);

      InputStream in = socket.getInputStream();
      assertThat(in.readNBytes(total)).hasSize(total);
      assertThat(Rig.await(writing)).isTrue();
      assertThat(reads.resumes).hasPositiveValue();
    }
  }

  @Test
  void aSessionThatIsCancelledClosesItsChannelAndReleasesWhatItHas() throws Exception {
    Semaphore never = new Semaphore(0);
    rig.drive(loop);
    try (EchoServer server =
            new EchoServer(
                netty,
                loop,
                buffer ->
                    Pollables.withCleanup(
                        Pollables.map(never.acquire(), permit -> buffer), buffer::release));
        EchoClient client = new EchoClient(netty, server.address())) {
      Future<Long> answer = client.echo(1);
      Rig.awaitState("a session", () -> !server.sessions.isEmpty());
      Rig.awaitState("something is held", () -> never.waiting() == 1);
      for (int i = 0; i < 5; i++) {
        client.echo(i);
      }

      server.sessions.get(0).task().cancel();

      assertThatThrownBy(() -> resultOf(answer))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(ClosedChannelException.class);
      Rig.awaitState("every buffer is released", () -> server.held() == 0);
    }
  }

  @Test
  void aHundredConnectionsAreServedByOneLoop() throws Exception {
    rig.drive(loop);
    try (EchoServer server = new EchoServer(netty, loop)) {
      EchoClient[] clients = new EchoClient[100];
      for (int i = 0; i < clients.length; i++) {
        clients[i] = new EchoClient(netty, server.address());
      }
      Future<?>[] answers = new Future<?>[clients.length];
      for (int i = 0; i < clients.length; i++) {
        answers[i] = clients[i].echo(i);
      }
      for (int i = 0; i < clients.length; i++) {
        assertThat(resultOf(answers[i])).isEqualTo((long) i);
        clients[i].close();
      }
      Rig.awaitState(
          "the end of the sessions",
          () -> server.sessions.stream().allMatch(session -> session.task().isDone()));
      Rig.awaitState("every buffer is released", () -> server.held() == 0);
    }
  }

  /** The old caller lives on Netty's thread, the new one on the loop; the client is the same. */
  @Test
  void theOldCallerAndTheNewOneShareAClient() throws Exception {
    rig.drive(loop);
    AtomicInteger wrong = new AtomicInteger();
    Set<Thread> oldThreads = new HashSet<>();
    Set<Thread> newThreads = new HashSet<>();
    Set<Thread> runnableThreads = new HashSet<>();
    try (EchoServer server = new EchoServer(netty, loop);
        EchoClient client = new EchoClient(netty, server.address())) {
      CountDownLatch oldDone = new CountDownLatch(1);
      CountDownLatch runnablesDone = new CountDownLatch(1);
      oldCaller(client, 0, wrong, oldThreads, oldDone);
      JoinHandle<Long> sum =
          loop.spawn(
              "new caller",
              PollStream.from(() -> LongStream.range(0, ROUNDS).iterator())
                  .mapAsync(3, n -> NettyCalls.await("echo", () -> client.echo(n)))
                  .onEach(n -> newThreads.add(Thread.currentThread()))
                  .fold(0L, Long::sum));
      runnables(ROUNDS, runnableThreads, runnablesDone);

      Rig.await(oldDone);
      Rig.await(runnablesDone);
      assertThat(sum.toCompletableFuture().get(20, TimeUnit.SECONDS))
          .isEqualTo(ROUNDS * (ROUNDS - 1L) / 2);
      assertThat(wrong).hasValue(0);
      assertThat(newThreads).hasSize(1).isEqualTo(runnableThreads);
      assertThat(oldThreads).hasSize(1).doesNotContainAnyElementsOf(newThreads);
    }
  }

  private static void oldCaller(
      EchoClient client,
      long number,
      AtomicInteger wrong,
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
              if (!answer.isSuccess() || answer.getNow() != -number) {
                wrong.incrementAndGet();
              }
              oldCaller(client, number + 1, wrong, threads, done);
            });
  }

  private void runnables(int left, Set<Thread> threads, CountDownLatch done) {
    loop.post(
        () -> {
          threads.add(Thread.currentThread());
          if (left == 1) {
            done.countDown();
          } else {
            runnables(left - 1, threads, done);
          }
        });
  }
}
