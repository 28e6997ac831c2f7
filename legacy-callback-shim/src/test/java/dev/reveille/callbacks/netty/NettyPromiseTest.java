package dev.reveille.callbacks.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tasks as Netty's futures. */
class NettyPromiseTest {
  private static final String NAME = "netty promises";

  private final DefaultEventLoop netty = new DefaultEventLoop(EventLoops.named(NAME));
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher dispatcher = rig.dispatcher();

  @AfterEach
  void end() throws Exception {
    rig.close();
    EventLoops.end(netty, NAME);
  }

  private void settle() {
    netty.submit(() -> {}).syncUninterruptibly();
    dispatcher.runUntilStalled();
  }

  @Test
  void theResultIsTheValueAndListenersAreCalledByTheExecutor() throws Exception {
    Future<String> future =
        NettyFutures.promise(dispatcher, "task", cx -> Poll.ready("done"), netty);
    CompletableFuture<Boolean> calledByNetty = new CompletableFuture<>();
    future.addListener(done -> calledByNetty.complete(netty.inEventLoop()));
    assertThat(future.isDone()).isFalse();
    dispatcher.runUntilStalled();
    assertThat(future.getNow()).isEqualTo("done");
    assertThat(calledByNetty.get(20, TimeUnit.SECONDS)).isEqualTo(true);
  }

  @Test
  void theFailureIsTheCauseAsItIs() {
    IOException failure = new IOException("broken");
    Future<String> future =
        NettyFutures.promise(
            dispatcher,
            "task",
            cx -> {
              throw failure;
            },
            netty);
    dispatcher.runUntilStalled();
    assertThat(future.cause()).isSameAs(failure);
    assertThat(rig.takeUncaught()).isEmpty();
  }

  @Test
  void cancellingTheFutureCancelsTheTask() {
    AtomicBoolean cancelled = new AtomicBoolean();
    Pollable<String> body =
        new Pollable<>() {
          @Override
          public Poll<String> poll(dev.reveille.Context cx) {
            return cx.park();
          }

          @Override
          public void cancel() {
            cancelled.set(true);
          }
        };
    Future<String> future = NettyFutures.promise(dispatcher, "task", body, netty);
    dispatcher.runUntilStalled();
    assertThat(future.cancel(false)).isTrue();
    settle();
    assertThat(cancelled).isTrue();
    assertThat(dispatcher.snapshot().tasks()).isEmpty();
  }

  @Test
  void aFailureAfterTheCancelGoesToTheUncaughtHandler() {
    AtomicBoolean go = new AtomicBoolean();
    Promise<String> promise = netty.newPromise();
    NettyFutures.complete(
        dispatcher,
        "task",
        cx -> {
          promise.cancel(false);
          netty.submit(() -> {}).await(); // the listener has asked for the cancel
          go.set(true);
          throw new IOException("while cancelled");
        },
        promise);
    dispatcher.runUntilStalled();
    assertThat(go).isTrue();
    assertThat(promise.isCancelled()).isTrue();
    assertThat(rig.takeUncaught()).singleElement().extracting(Rig.Uncaught::name).isEqualTo("task");
  }

  @Test
  void aClosedDispatcherCancelsTheFuture() {
    Future<String> waiting = NettyFutures.promise(dispatcher, "waits", cx -> cx.park(), netty);
    dispatcher.runUntilStalled();
    dispatcher.close();
    assertThat(waiting.isCancelled()).isTrue();
    Future<String> refused = NettyFutures.promise(dispatcher, "refused", cx -> cx.park(), netty);
    assertThat(refused.isCancelled()).isTrue();
  }

  @Test
  void anUncancellablePromiseIsFailedWithTheCancelOfItsTask() {
    Promise<String> promise = netty.newPromise();
    assertThat(promise.setUncancellable()).isTrue();
    NettyFutures.complete(dispatcher, "waits", cx -> cx.park(), promise);
    dispatcher.runUntilStalled();
    dispatcher.close();
    assertThat(promise.isDone()).isTrue();
    assertThat(promise.cause()).isInstanceOf(CancellationException.class);
  }

  /** What a handler does with the promise of a write. */
  @Test
  void aChannelPromiseIsCompletedByATask() {
    EmbeddedChannel channel = new EmbeddedChannel();
    ChannelPromise written = channel.newPromise();
    NettyFutures.complete(dispatcher, "write", cx -> Poll.ready(null), written);
    dispatcher.runUntilStalled();
    assertThat(written.isSuccess()).isTrue();
    assertThatThrownBy(
            () ->
                NettyFutures.complete(
                    dispatcher, "write", cx -> Poll.ready(null), channel.voidPromise()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("newPromise()");
    channel.finish();
  }
}
