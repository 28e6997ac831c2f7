package dev.reveille.callbacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.combine.Pollables;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Threads that can only block, and the loop. */
final class BlockingPortalTest {
  private static final Duration SOON = Duration.ofMillis(20);

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.onSystemClock();
  private final BlockingPortal portal = BlockingPortal.of(loop);
  private final IOException gone = new IOException("gone");

  /** Of one operation that never is ready. */
  private final CountDownLatch polled = new CountDownLatch(1);

  private final CountDownLatch givenUp = new CountDownLatch(1);

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private void drive() {
    loop.workGuard();
    rig.drive(loop, RunnableDispatcher::run);
  }

  private final class ForEver extends Operation<String> {
    ForEver() {
      super("for ever");
    }

    @Override
    protected Poll<String> doPoll(Context cx) {
      polled.countDown();
      return cx.park();
    }

    @Override
    protected void doCancel() {
      givenUp.countDown();
    }
  }

  // ------------------------------------------------------------------ calls

  @Test
  void aCallRunsOnTheLoopAndReturnsWhatItReturns() throws Exception {
    drive();

    assertThat(portal.call(loop::onLoop)).isTrue();
    assertThat(portal.call(() -> "in time", Rig.PATIENCE)).isEqualTo("in time");
    @Nullable String nothing = portal.<@Nullable String>call(() -> null);
    assertThat(nothing).isNull();
  }

  @Test
  void anOperationIsMadeOnTheLoopAndWaitedFor() throws Exception {
    drive();
    AtomicReference<Boolean> madeOnTheLoop = new AtomicReference<>();

    String value =
        portal.await(
            () -> {
              madeOnTheLoop.set(loop.onLoop());
              return Callbacks.call("x", c -> rig.start("legacy", () -> c.complete("value")));
            });

    assertThat(value).isEqualTo("value");
    assertThat(madeOnTheLoop).hasValue(true);
    assertThat(portal.<String>await(() -> Pollables.ready("in time"), Rig.PATIENCE))
        .isEqualTo("in time");
  }

  @Test
  void whatIsThrownReachesTheCallerAsItIsWithTheStackOfTheLoop() {
    drive();

    assertThatThrownBy(
            () ->
                portal.call(
                    () -> {
                      throw gone;
                    }))
        .isSameAs(gone);
    assertThatThrownBy(() -> portal.await(() -> Pollables.failed(gone))).isSameAs(gone);
    AssertionError error = new AssertionError("of the source");
    assertThatThrownBy(
            () ->
                portal.await(
                    () -> {
                      throw error;
                    }))
        .isSameAs(error);
    assertThatThrownBy(() -> portal.call(BlockingPortalTest::madeOnTheLoop))
        .hasNoSuppressedExceptions()
        .satisfies(
            e ->
                assertThat(e.getStackTrace())
                    .extracting(StackTraceElement::getMethodName)
                    .contains("madeOnTheLoop", "run"));
    CancellationException own = new CancellationException("of the operation");
    assertThatThrownBy(() -> portal.await(() -> Pollables.failed(own))).isSameAs(own);
    assertThatThrownBy(() -> portal.await(() -> null)).isInstanceOf(NullPointerException.class);
  }

  private static String madeOnTheLoop() throws IOException {
    throw new IOException("made here");
  }

  @Test
  void manyThreadsGetEachItsOwnAnswer() throws Exception {
    drive();
    AtomicInteger wrong = new AtomicInteger();
    FutureTask<?>[] threads = new FutureTask<?>[4];
    for (int t = 0; t < threads.length; t++) {
      int first = t * 1_000;
      threads[t] =
          rig.start(
              "legacy",
              () -> {
                for (int i = first; i < first + 500; i++) {
                  int number = i;
                  int answer =
                      i % 2 == 0
                          ? portal.call(() -> number)
                          : portal.<Integer>await(() -> Pollables.ready(number));
                  if (answer != number) {
                    wrong.incrementAndGet();
                  }
                }
                return true;
              });
    }
    for (FutureTask<?> each : threads) {
      Rig.await(each);
    }
    portal.close();

    assertThat(wrong).hasValue(0);
  }

  // ------------------------------------------------------------------ giving up

  @Test
  void aTimeOutCancelsTheOperation() throws Exception {
    drive();

    assertThatThrownBy(() -> portal.await(ForEver::new, SOON))
        .isInstanceOf(TimeoutException.class)
        .hasMessageContaining("portal call of");
    Rig.await(givenUp);
  }

  @Test
  void aCallThatDoesNotBeginInTimeIsNotRunAnyMore() throws Exception {
    AtomicInteger runs = new AtomicInteger();

    assertThatThrownBy(() -> portal.call(runs::incrementAndGet, SOON)) // nobody drives
        .isInstanceOf(TimeoutException.class);
    loop.runUntilStalled();

    assertThat(runs).hasValue(0);
  }

  @Test
  void anInterruptCancelsTheOperation() throws Exception {
    drive();
    AtomicReference<Thread> thread = new AtomicReference<>();
    FutureTask<String> call =
        rig.start(
            "legacy",
            () -> {
              thread.set(Thread.currentThread());
              return portal.await(ForEver::new);
            });
    Rig.await(polled);

    thread.get().interrupt();

    assertThatThrownBy(() -> Rig.await(call)).isInstanceOf(InterruptedException.class);
    Rig.await(givenUp);
    portal.close(); // nothing is left of it
  }

  // ------------------------------------------------------------------ loops

  @Test
  void onALoopNothingBlocks() throws Exception {
    drive();
    RunnableDispatcher other = rig.dispatcher();
    Pollable<String> untouched =
        cx -> {
          throw new AssertionError("it was polled");
        };

    for (RunnableDispatcher here : new RunnableDispatcher[] {loop, other}) {
      if (here == other) {
        other.workGuard();
        rig.drive(other, RunnableDispatcher::run);
      }
      BlockingPortal toHere = BlockingPortal.of(here);
      assertThatThrownBy(() -> toHere.call(() -> portal.call(() -> "blocked")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("'" + here.name() + "'");
      assertThatThrownBy(() -> toHere.call(() -> portal.await(() -> untouched)))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> toHere.call(() -> portal.call(() -> "blocked", SOON)))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void onALoopCallsCanBeStartedWithoutWaiting() throws Exception {
    drive();

    CompletableFuture<Integer> future = portal.call(() -> portal.start(() -> 42));

    assertThat(future).succeedsWithin(Rig.PATIENCE).isEqualTo(42);
  }

  // ------------------------------------------------------------------ futures

  @Test
  void aStartedCallIsAFuture() {
    drive();

    assertThat(portal.start(loop::onLoop)).succeedsWithin(Rig.PATIENCE).isEqualTo(true);
    assertThat(portal.<String>spawn(() -> Pollables.ready("value")))
        .succeedsWithin(Rig.PATIENCE)
        .isEqualTo("value");
    assertThat(portal.spawn(() -> Pollables.failed(gone)))
        .failsWithin(Rig.PATIENCE)
        .withThrowableThat()
        .havingCause()
        .isSameAs(gone);
  }

  @Test
  void toCancelTheFutureCancelsTheOperation() throws Exception {
    drive();
    CompletableFuture<String> future = portal.spawn(ForEver::new);
    Rig.await(polled);

    future.cancel(true);

    Rig.await(givenUp);
    portal.close();
  }

  // ------------------------------------------------------------------ callbacks that have to
  // answer

  private interface Veto {
    boolean mayEnter(String guest);
  }

  @Test
  void aCallbackThatHasToAnswerHasItsAnswerFromATask() throws Exception {
    drive();
    Veto veto =
        guest -> {
          try {
            return portal.await(() -> isOnTheList(guest), Rig.PATIENCE);
          } catch (Exception e) {
            return false;
          }
        };

    boolean alice = rig.callElsewhere(() -> veto.mayEnter("alice"));
    boolean mallory = rig.callElsewhere(() -> veto.mayEnter("mallory"));
    boolean onTheLoop = portal.call(() -> veto.mayEnter("alice"));

    assertThat(alice).isTrue();
    assertThat(mallory).isFalse();
    assertThat(onTheLoop).as("there it can not wait, and says no").isFalse();
  }

  private Pollable<Boolean> isOnTheList(String guest) {
    return Pollables.map(
        Callbacks.<String>call("the list", c -> rig.start("list", () -> c.complete("alice, bob"))),
        list -> list.contains(guest));
  }

  @Test
  void whatIsMissingIsSaidAtOnce() {
    assertThatThrownBy(() -> BlockingPortal.of(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> portal.call(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> portal.call(() -> "", null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> portal.await(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> portal.start(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> portal.spawn(null)).isInstanceOf(NullPointerException.class);
    assertThat(portal).hasToString("BlockingPortal[loop]");
  }
}
