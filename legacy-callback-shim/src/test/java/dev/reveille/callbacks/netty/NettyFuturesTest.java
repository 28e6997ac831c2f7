package dev.reveille.callbacks.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callback.LostCallbackException;
import dev.reveille.contract.Rig;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Netty's futures as pollables. The loop that waits is not Netty's, and driven by the test. */
class NettyFuturesTest {
  private static final String NAME = "netty futures";

  private final DefaultEventLoop netty = new DefaultEventLoop(EventLoops.named(NAME));
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher dispatcher = rig.dispatcher();

  @AfterEach
  void end() throws Exception {
    rig.close();
    EventLoops.end(netty, NAME);
  }

  /** Nobody drives yet: the one who joins is there before the task begins. */
  private <T> CompletableFuture<T> spawn(Pollable<T> pollable) {
    return dispatcher.spawn(pollable).toCompletableFuture();
  }

  /** Drives until the task has ended, since what it waits for may come from another thread. */
  private <T> T await(CompletableFuture<T> task) throws Exception {
    Rig.awaitState(
        "the task has ended",
        () -> {
          dispatcher.runUntilStalled();
          return task.isDone();
        });
    try {
      return task.get();
    } catch (ExecutionException e) {
      throw (Exception) e.getCause();
    }
  }

  private void onNetty(Runnable action) {
    netty.submit(action).syncUninterruptibly();
  }

  private void settle() {
    onNetty(() -> {}); // its listeners have run
    dispatcher.runUntilStalled();
  }

  @Test
  void aValueThatComesLaterIsTheResult() throws Exception {
    Promise<String> promise = netty.newPromise();
    CompletableFuture<String> task = spawn(NettyFutures.pollable(promise));
    assertThat(dispatcher.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    promise.setSuccess("late");
    assertThat(await(task)).isEqualTo("late");
  }

  @Test
  void aValueThatIsThereIsTheResult() throws Exception {
    Pollable<String> there = NettyFutures.pollable(netty.newSucceededFuture("there"));
    assertThat(await(spawn(there))).isEqualTo("there");
  }

  @Test
  void aValueThatIsThereNeedsNoExecutor() throws Exception {
    DefaultEventLoop gone = new DefaultEventLoop(EventLoops.named(NAME));
    EmbeddedChannel channel = new EmbeddedChannel();
    Promise<String> promise = gone.newPromise();
    promise.setSuccess("there");
    ChannelFuture made = new DefaultChannelPromise(channel, gone).setSuccess();
    gone.shutdownGracefully(0, 20, TimeUnit.SECONDS).syncUninterruptibly();

    assertThat(await(spawn(NettyFutures.pollable(promise)))).isEqualTo("there");
    assertThat(await(spawn(NettyFutures.join(promise)))).isEqualTo("there");
    assertThat(await(spawn(NettyFutures.channel("made", () -> made)))).isSameAs(channel);
    channel.close();
  }

  @Test
  void aValueMayBeNull() throws Exception {
    Promise<Void> promise = netty.newPromise();
    CompletableFuture<Void> task = spawn(NettyFutures.pollable(promise));
    promise.setSuccess(null);
    assertThat(await(task)).isNull();
  }

  @Test
  void aCauseIsThrownAsItIs() {
    IOException cause = new IOException("connection reset");
    CompletableFuture<String> task = spawn(NettyFutures.pollable(netty.newFailedFuture(cause)));
    assertThatThrownBy(() -> await(task)).isSameAs(cause);
  }

  @Test
  void aFutureThatIsCancelledCancels() {
    Promise<String> promise = netty.newPromise();
    CompletableFuture<String> task = spawn(NettyFutures.pollable(promise));
    dispatcher.runUntilStalled();
    promise.cancel(false);
    assertThatThrownBy(() -> await(task)).isInstanceOf(CancellationException.class);
  }

  @Test
  void theOperationBeginsInTheFirstPoll() throws Exception {
    AtomicInteger begun = new AtomicInteger();
    Pollable<Integer> lazy =
        NettyFutures.pollable("lazy", () -> netty.newSucceededFuture(begun.incrementAndGet()));
    assertThat(begun).hasValue(0);
    assertThat(await(spawn(lazy))).isEqualTo(1);
    Pollable<Integer> never = NettyFutures.pollable("never", () -> netty.<Integer>newPromise());
    never.cancel();
    assertThat(begun).hasValue(1);
  }

  @Test
  void whatTheStartThrowsFails() {
    Pollable<String> broken =
        NettyFutures.pollable(
            "broken",
            () -> {
              throw new IOException("cannot even begin");
            });
    CompletableFuture<String> task = spawn(broken);
    assertThatThrownBy(() -> await(task)).hasMessage("cannot even begin");
    CompletableFuture<String> nothing = spawn(NettyFutures.pollable("nothing", () -> null));
    assertThatThrownBy(() -> await(nothing)).hasMessageContaining("instead of a future");
  }

  // ------------------------------------------------------------------ giving up

  @Test
  void cancelCancelsTheFuture() {
    Promise<String> promise = netty.newPromise();
    CompletableFuture<String> task = spawn(NettyFutures.pollable(promise));
    dispatcher.runUntilStalled();
    task.cancel(false);
    dispatcher.runUntilStalled();
    assertThat(promise.isCancelled()).isTrue();
  }

  @Test
  void theCancelOfAJoinLeavesTheFutureAloneAndItsListenerGoes() throws Exception {
    Promise<String> promise = netty.newPromise();
    CompletableFuture<String> first = spawn(NettyFutures.join(promise));
    CompletableFuture<String> second = spawn(NettyFutures.join(promise));
    dispatcher.runUntilStalled();
    first.cancel(false);
    dispatcher.runUntilStalled();
    assertThat(promise.isCancelled()).isFalse();
    promise.setSuccess("for the other one");
    assertThat(await(second)).isEqualTo("for the other one");
    assertThat(first.isDone()).isTrue();
  }

  @Test
  void aFutureThatEverybodyElseHasDroppedIsFoundLost() {
    Logger reports = Logger.getLogger("dev.reveille.callback"); // held: loggers are weak
    reports.setLevel(Level.OFF);
    CompletableFuture<String> task = spawn(NettyFutures.join(netty.<String>newPromise()));
    dispatcher.runUntilStalled();
    assertThat(
            Rig.collectGarbageUntil(
                () -> {
                  dispatcher.runUntilStalled();
                  return task.isDone();
                }))
        .isTrue();
    assertThatThrownBy(() -> await(task)).isInstanceOf(LostCallbackException.class);
    reports.setLevel(null);
  }

  private Pollable<ByteBuf> receive(Promise<ByteBuf> promise) {
    return NettyFutures.pollable("receive", NettyFutures.releaseLateValues(), () -> promise);
  }

  @Test
  void aReferenceCountedValueThatComesTooLateIsReleased() {
    Promise<ByteBuf> promise = netty.newPromise();
    assertThat(promise.setUncancellable()).isTrue();
    CompletableFuture<ByteBuf> task = spawn(receive(promise));
    dispatcher.runUntilStalled();
    task.cancel(false);
    dispatcher.runUntilStalled();
    ByteBuf late = Unpooled.buffer();
    promise.setSuccess(late);
    settle();
    assertThat(late.refCnt()).isZero();
  }

  @Test
  void aReferenceCountedValueThatNobodyPolledForIsReleased() {
    Promise<ByteBuf> promise = netty.newPromise();
    CompletableFuture<ByteBuf> task = spawn(receive(promise));
    dispatcher.runUntilStalled();
    ByteBuf came = Unpooled.buffer();
    task.cancel(false); // carried out in the same turn as the wake
    promise.setSuccess(came);
    onNetty(() -> {});
    dispatcher.runUntilStalled();
    settle();
    assertThat(came.refCnt()).isZero();
  }

  @Test
  void aValueThatIsTakenIsNotReleased() throws Exception {
    Promise<ByteBuf> promise = netty.newPromise();
    CompletableFuture<ByteBuf> task = spawn(receive(promise));
    dispatcher.runUntilStalled();
    promise.setSuccess(Unpooled.buffer());
    ByteBuf taken = await(task);
    assertThat(taken.refCnt()).isEqualTo(1);
    taken.release();
  }

  /** Netty nests listeners up to 8 deep, then queues them; here none does more than wake. */
  @Test
  void manyFuturesThatAreDoneAtOnce() throws Exception {
    List<CompletableFuture<Integer>> tasks = new ArrayList<>();
    List<Promise<Integer>> promises = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      Promise<Integer> promise = netty.newPromise();
      promises.add(promise);
      tasks.add(spawn(NettyFutures.pollable(promise)));
    }
    dispatcher.runUntilStalled();
    netty.execute(
        () -> {
          for (int i = 0; i < promises.size(); i++) {
            promises.get(i).setSuccess(i);
          }
        });
    for (int i = 0; i < tasks.size(); i++) {
      assertThat(await(tasks.get(i))).isEqualTo(i);
    }
  }
}
