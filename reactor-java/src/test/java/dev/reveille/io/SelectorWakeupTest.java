package dev.reveille.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Complete;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Waker;
import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.Pipe;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the selector is asked, and how often. */
final class SelectorWakeupTest {
  private TestSelector selector;
  private final Rig rig =
      new Rig(options -> new SelectorDispatcher(options, () -> selector = new TestSelector()));
  private final SelectorDispatcher loop = (SelectorDispatcher) rig.onSystemClock();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  @Test
  void thereIsOneWakeUpForASleepAndNoneWhileAwake() throws Exception {
    Waker[] waker = {Waker.none()};
    loop.spawn(
        "woken",
        cx -> {
          waker[0] = cx.waker("wakes");
          return Poll.pending();
        });
    loop.runUntilStalled();
    CountDownLatch wakes = new CountDownLatch(1);
    selector.returns = wakes;
    Driving driving = rig.drive(loop, RunnableDispatcher::run);
    Rig.awaitState("the loop sleeps", () -> selector.selects.get() == 1);

    AtomicInteger ran = new AtomicInteger();
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch left = new CountDownLatch(1);
    wakeAndPost(waker[0], ran);
    loop.spawn(
        "keeps the loop awake",
        cx -> {
          entered.countDown();
          Rig.await(left);
          return Poll.ready();
        });
    assertThat(selector.wakeups.get()).isEqualTo(1);
    wakes.countDown();

    Rig.await(entered);
    wakeAndPost(waker[0], ran);
    assertThat(selector.wakeups.get()).isEqualTo(1);
    left.countDown();
    Rig.awaitState("all has run", () -> ran.get() == 6_000);
    loop.stop();
    driving.awaitOutcome();
  }

  /** By three threads at once. */
  private void wakeAndPost(Waker waker, AtomicInteger ran) throws Exception {
    List<FutureTask<Boolean>> threads = new ArrayList<>();
    for (int t = 0; t < 3; t++) {
      threads.add(
          rig.start(
              "waker " + t,
              () -> {
                for (int i = 0; i < 1_000; i++) {
                  waker.wake();
                  loop.post(ran::incrementAndGet);
                }
                return true;
              }));
    }
    for (FutureTask<Boolean> thread : threads) {
      Rig.await(thread);
    }
  }

  @Test
  void whatTheLoopDoesItselfNeedsNoWakeUp() throws Exception {
    Ends ends = Ends.tcp(loop);
    int before = selector.wakeups.get();
    JoinHandle<Integer> read = loop.spawn("reader", ends.server.read(ByteBuffer.allocate(64)));
    loop.spawn("writer", ends.client.write(ByteBuffer.allocate(64)));
    loop.post(() -> loop.post(() -> {}));
    loop.runUntil(read.join());
    JoinHandle<Integer> end = loop.spawn("reader", ends.server.read(ByteBuffer.allocate(64)));
    loop.post(ends.client::close);
    assertThat(loop.runUntil(end.join()).value()).isEqualTo(-1);
    assertThat(selector.wakeups.get()).isLessThanOrEqualTo(before + 3); // the spawns from outside
    loop.runUntil(
        cx -> {
          assertThat(selector.wakeups.get()).isLessThanOrEqualTo(before + 3);
          return Poll.ready();
        });
  }

  @Test
  void theInterestOfAConversationIsRegisteredOnce() throws Exception {
    Ends ends = Ends.tcp(loop);
    int before = selector.registrations.get();
    ByteBuffer buffer = ByteBuffer.allocateDirect(64);
    for (int i = 0; i < 100; i++) {
      JoinHandle<Integer> read = loop.spawn("reader", ends.server.read(buffer.clear()));
      loop.runUntilStalled(); // it waits
      loop.runUntil(ends.client.write(ByteBuffer.allocate(64)));
      assertThat(loop.runUntil(read.join()).value()).isEqualTo(64);
    }
    assertThat(selector.registrations.get() - before).isEqualTo(1);
  }

  /** "a closed channel wakes its waiters with an error", also one closed by another reference. */
  @Test
  void aChannelThatIsClosedBehindOurBackWakesItsWaiterWhenTheLoopLooksNext() throws Exception {
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    dev.reveille.WakerSlot slot = new dev.reveille.WakerSlot();
    Registration registration =
        new Registration(loop, pipe.source(), 0) {
          @Override
          void wake(int operations) {
            slot.wake();
          }
        };
    JoinHandle<Complete> waiter =
        loop.spawn(
            "waiter",
            cx -> {
              registration.checkOpen();
              registration.await(cx, slot, java.nio.channels.SelectionKey.OP_READ, "the pipe");
              return Poll.pending();
            });
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    pipe.source().close(); // the selector forgets it without a word
    assertThatThrownBy(() -> loop.runUntil(waiter.join()))
        .isInstanceOf(ClosedChannelException.class);
    assertThat(loop.registrations.size()).isZero();
    pipe.sink().close();
  }
}
