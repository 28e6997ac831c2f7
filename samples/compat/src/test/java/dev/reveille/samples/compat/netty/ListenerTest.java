package dev.reveille.samples.compat.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callback.CallOptions;
import dev.reveille.callback.CancelMode;
import dev.reveille.callbacks.Callbacks;
import dev.reveille.combine.Pollables;
import dev.reveille.contract.Rig;
import dev.reveille.sync.PollStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Listeners that Netty calls on its own thread, with tasks on another that wait for them. */
class ListenerTest {
  private static final EventLoops NETTY = new EventLoops();

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.onSystemClock();

  @AfterAll
  static void endNetty() throws InterruptedException {
    NETTY.close();
  }

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  private <T> T result(Pollable<T> call) throws Exception {
    return loop.runUntil(call).value();
  }

  /** {@code sync()} without a thread that blocks. */
  private static Pollable<Channel> channelOf(ChannelFuture future) {
    return Pollables.map(NettyCalls.await("channel", () -> future), done -> future.channel());
  }

  @Test
  void aListenerStoresOnNettysThreadAndTheTaskGoesOnOnItsOwn() throws Exception {
    Thread[] listener = new Thread[1];
    Thread[] task = new Thread[1];
    Channel server =
        result(
            Pollables.map(
                Callbacks.<Channel>call(
                    "bind",
                    completer ->
                        NETTY
                            .server(new ChannelInboundHandlerAdapter())
                            .bind(EventLoops.ANY)
                            .addListener(
                                (ChannelFuture bound) -> {
                                  listener[0] = Thread.currentThread();
                                  completer.complete(bound.channel());
                                })),
                channel -> {
                  task[0] = Thread.currentThread();
                  return channel;
                }));

    assertThat(server.isActive()).isTrue();
    assertThat(task[0]).isSameAs(Thread.currentThread()).isNotSameAs(listener[0]);
    assertThat(server.eventLoop().inEventLoop(listener[0])).isTrue();
    result(NettyCalls.await("close", server::close));
    assertThat(server.isOpen()).isFalse();
  }

  @Test
  void aFutureThatFailsIsThrownAsItIs() throws Exception {
    InetSocketAddress nobody;
    try (ServerSocket socket = new ServerSocket(0, 1, EventLoops.ANY.getAddress())) {
      nobody = (InetSocketAddress) socket.getLocalSocketAddress();
    }

    assertThatThrownBy(
            () ->
                result(channelOf(NETTY.client(new ChannelInboundHandlerAdapter()).connect(nobody))))
        .isInstanceOf(ConnectException.class);
  }

  @Test
  void aFutureThatIsCancelledByNettyIsACancellation() {
    Promise<String> promise = NETTY.loop().newPromise();
    NETTY.loop().execute(() -> promise.cancel(false));

    assertThatThrownBy(() -> result(NettyCalls.await("cancelled", () -> promise)))
        .isInstanceOf(CancellationException.class)
        .hasMessageContaining("cancelled");
  }

  @Test
  void aTaskThatIsCancelledCancelsTheFuture() throws Exception {
    Promise<String> promise = NETTY.loop().newPromise();
    JoinHandle<String> waiting = loop.spawn(NettyCalls.await("an answer", () -> promise));
    loop.runUntilStalled();

    waiting.cancel();
    loop.runUntilStalled();

    assertThat(promise.isCancelled()).isTrue();
    assertThat(promise.trySuccess("late")).isFalse();
  }

  /** A promise that has begun what cannot be undone says so by not being cancelled. */
  @Test
  void aTaskThatIsCancelledDoesNotWaitForAFutureThatIsUncancellable() throws Exception {
    Promise<String> promise = NETTY.loop().newPromise();
    assertThat(promise.setUncancellable()).isTrue();
    JoinHandle<String> waiting = loop.spawn(NettyCalls.await("an answer", () -> promise));
    loop.runUntilStalled();

    waiting.cancel();
    loop.runUntilStalled();

    assertThat(waiting.isDone()).isTrue();
    assertThat(promise.isDone()).isFalse();
    assertThat(promise.trySuccess("late")).isTrue(); // and nobody is troubled by it
    NETTY.loop().submit(() -> {}).sync(); // its listener has run
  }

  /** The one who gave up is told at once; the one who waits for the last word is told later. */
  @Test
  void aTaskThatAwaitsTheCallbackIsThereUntilItComes() throws Exception {
    Promise<String> promise = NETTY.loop().newPromise();
    assertThat(promise.setUncancellable()).isTrue();
    CallOptions<String> lastWord =
        CallOptions.<String>defaults().withCancelMode(CancelMode.AWAIT_CALLBACK);
    JoinHandle<String> waiting =
        loop.spawn(
            Callbacks.call(
                "an answer",
                lastWord,
                completer -> {
                  completer.onCancel(() -> promise.cancel(false));
                  promise.addListener((Future<String> done) -> NettyCalls.end(completer, done));
                }));
    loop.runUntilStalled();

    waiting.cancel();
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP); // something is still to come

    NETTY.loop().execute(() -> promise.setSuccess("the last word"));
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  void aBufferThatComesTooLateIsReleased() throws Exception {
    Promise<ByteBuf> promise = NETTY.loop().newPromise();
    CallOptions<ByteBuf> releasing =
        CallOptions.<ByteBuf>defaults().onLateValue(ReferenceCountUtil::release);
    JoinHandle<ByteBuf> waiting =
        loop.spawn(
            Callbacks.call(
                "a buffer",
                releasing,
                completer ->
                    promise.addListener(
                        (Future<ByteBuf> done) -> NettyCalls.end(completer, done))));
    loop.runUntilStalled();
    waiting.cancel();
    loop.runUntilStalled();
    ByteBuf buffer = Unpooled.buffer();

    NETTY.loop().submit(() -> promise.setSuccess(buffer)).sync();
    loop.runUntilStalled();

    assertThat(buffer.refCnt()).isZero();
  }

  @Test
  void aListenerThatThrowsDoesNotHarmTheTaskBesideIt() throws Exception {
    Promise<String> promise = NETTY.loop().newPromise();
    CountDownLatch thrown = new CountDownLatch(1);
    promise.addListener(
        done -> {
          thrown.countDown();
          throw new IllegalStateException("on purpose");
        });
    NETTY.loop().execute(() -> promise.setSuccess("value"));

    assertThat(result(NettyCalls.await("value", () -> promise))).isEqualTo("value");
    assertThat(thrown.getCount()).isZero();
  }

  // ------------------------------------------------------------------ depth

  @Test
  void aTaskThatAwaitsTenThousandCompletedFuturesNeedsNoStack() throws Exception {
    Future<String> completed = ImmediateEventExecutor.INSTANCE.newSucceededFuture("done");

    long answers =
        result(
            PollStream.generate(() -> NettyCalls.await("completed", () -> completed))
                .take(10_000)
                .count());

    assertThat(answers).isEqualTo(10_000);
  }

  /** Netty nests eight listeners on one stack, and then queues; we add nothing to each of them. */
  @Test
  void listenersNestedTenThousandDeepCompleteTenThousandTasks() throws Exception {
    int depth = 10_000;
    List<Promise<Integer>> promises = new ArrayList<>();
    List<Integer> ended = new ArrayList<>();
    for (int i = 0; i < depth; i++) {
      Promise<Integer> promise = NETTY.loop().newPromise();
      promises.add(promise);
      loop.spawn(Pollables.map(NettyCalls.await("nested", () -> promise), ended::add));
    }
    loop.runUntilStalled();
    for (int i = 0; i < depth - 1; i++) {
      int next = i + 1; // added after that of the task, so called after it
      promises.get(i).addListener(done -> promises.get(next).setSuccess(next));
    }

    NETTY.loop().execute(() -> promises.get(0).setSuccess(0));
    loop.runToCompletion();

    assertThat(ended).hasSize(depth).isSorted();
  }

  /** Legacy code at its worst: each listener asks a completed future for the next one. */
  @Test
  void callsThatAreMadeInListenersOfCompletedFuturesNeedNoStack() throws Exception {
    Future<String> completed = NETTY.loop().newSucceededFuture("done");
    CountDownLatch bottom = new CountDownLatch(1);
    int[] levels = new int[1];
    NETTY.loop().execute(() -> nest(completed, 10_000, levels, bottom));

    JoinHandle<String> beside = loop.spawn(NettyCalls.await("completed", () -> completed));
    loop.runToCompletion();
    Rig.await(bottom);

    assertThat(beside.toCompletableFuture()).isCompletedWithValue("done");
    assertThat(levels[0]).isEqualTo(10_000);
  }

  private void nest(Future<String> completed, int left, int[] levels, CountDownLatch bottom) {
    if (left == 0) {
      bottom.countDown();
      return;
    }
    loop.spawn(
        Callbacks.<String>call(
            "level",
            completer ->
                completed.addListener((Future<String> done) -> NettyCalls.end(completer, done))));
    completed.addListener(
        done -> {
          levels[0]++;
          nest(completed, left - 1, levels, bottom);
        });
  }
}
