package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Waiting for the end of a task, and bringing it about. */
final class JoinHandleTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  /** A source that a test completes. */
  private static final class Gate implements Pollable<String> {
    private final WakerSlot slot = new WakerSlot();
    private volatile @Nullable String value;
    int cancels;

    @Override
    public Poll<String> poll(Context cx) {
      slot.register(cx, "the gate");
      String v = value;
      return v == null ? Poll.pending() : Poll.ready(v);
    }

    @Override
    public void cancel() {
      cancels++;
    }

    void open(String v) {
      value = v;
      slot.wake();
    }
  }

  @Test
  void joinIsReadyWithTheResult() throws Exception {
    JoinHandle<String> handle = loop.spawn(cx -> Poll.ready("done"));

    assertThat(loop.runUntil(handle.join()).value()).isEqualTo("done");
    assertThat(handle.isDone()).isTrue();
  }

  @Test
  void joinAfterTheEndIsReadyAtOnceAndAsOftenAsOneLikes() throws Exception {
    JoinHandle<String> handle = loop.spawn(cx -> Poll.ready("done"));
    loop.runUntilStalled();

    assertThat(loop.runUntil(handle.join()).value()).isEqualTo("done");
    assertThat(loop.runUntil(handle.join()).value()).isEqualTo("done");
  }

  @Test
  void theEndWakesEveryoneWhoJoined() {
    Gate gate = new Gate();
    JoinHandle<String> handle = loop.spawn(gate);
    List<String> got = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Pollable<String> join = handle.join();
      loop.spawn(cx -> join.poll(cx).map(got::add));
    }
    loop.runUntilStalled();
    assertThat(got).isEmpty();

    gate.open("value");
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(got).containsExactly("value", "value", "value");
  }

  @Test
  void aResultMayBeNull() throws Exception {
    JoinHandle<@Nullable String> handle = loop.spawn(cx -> Poll.<@Nullable String>ready(null));

    assertThat(loop.runUntil(handle.join()).value()).isNull();
    assertThat(handle.toCompletableFuture()).isCompletedWithValue(null);
  }

  @Test
  void aJoinPolledAfterItsEndThrowsByName() {
    JoinHandle<String> handle = loop.spawn(cx -> Poll.ready("done"));
    loop.runUntilStalled();
    Pollable<String> join = handle.join();
    loop.spawn(
        cx -> {
          join.poll(cx);
          return join.poll(cx);
        });

    loop.runUntilStalled();

    assertThat(rig.takeUncaught())
        .singleElement()
        .satisfies(
            u ->
                assertThat(u.failure())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("join"));
  }

  // ------------------------------------------------------------------ failures

  @Test
  void joinThrowsWhatTheTaskThrewAsItIs() {
    IOException failure = new IOException("gone");
    JoinHandle<String> handle =
        loop.spawn(
            cx -> {
              throw failure;
            });

    handle.toCompletableFuture(); // somebody has joined, so the handler is not told

    assertThatThrownBy(() -> loop.runUntil(handle.join())).isSameAs(failure);
  }

  @Test
  void anErrorIsThrownAsItIs() {
    AssertionError failure = new AssertionError("error");
    JoinHandle<String> handle =
        loop.spawn(
            cx -> {
              throw failure;
            });
    CompletableFuture<String> future = handle.toCompletableFuture();
    loop.runUntilStalled();

    assertThatThrownBy(() -> loop.runUntil(handle.join())).isSameAs(failure);
    assertThat(future).failsWithin(Duration.ZERO).withThrowableThat().withCause(failure);
  }

  /** Java hides them well, but Kotlin throws them without a word. */
  @Test
  void aThrowableThatIsNeitherErrorNorExceptionIsThrownAsItIs() {
    Throwable failure = new Throwable("neither");
    JoinHandle<String> handle =
        loop.spawn(
            cx -> {
              throw JoinHandleTest.<RuntimeException>sneaky(failure);
            });
    CompletableFuture<String> future = handle.toCompletableFuture();
    loop.runUntilStalled();

    assertThat(future).failsWithin(Duration.ZERO).withThrowableThat().withCause(failure);
    assertThatThrownBy(() -> loop.runUntil(handle.join())).isSameAs(failure);
  }

  @SuppressWarnings("unchecked") // the point of it: an unchecked throw of anything
  private static <T extends Throwable> T sneaky(Throwable t) throws T {
    throw (T) t;
  }

  @Test
  void aFailureThatSomebodyWaitsForIsNotUncaught() {
    Gate gate = new Gate();
    IOException failure = new IOException("gone");
    JoinHandle<String> handle =
        loop.spawn(
            cx -> {
              if (gate.poll(cx).isReady()) {
                throw failure;
              }
              return Poll.pending();
            });
    JoinHandle<String> joiner = loop.spawn(handle.join());
    CompletableFuture<String> future = joiner.toCompletableFuture();
    loop.runUntilStalled();
    gate.open("go");

    loop.runUntilStalled();

    assertThat(rig.takeUncaught()).isEmpty();
    assertThat(future).failsWithin(Duration.ZERO).withThrowableThat().withCause(failure);
  }

  @Test
  void aLateJoinerStillGetsAFailureThatWasUncaught() {
    IOException failure = new IOException("gone");
    JoinHandle<String> handle =
        loop.spawn(
            "early",
            cx -> {
              throw failure;
            });
    loop.runUntilStalled();
    assertThat(rig.takeUncaught()).containsExactly(new Rig.Uncaught(loop, "early", failure));

    assertThatThrownBy(() -> loop.runUntil(handle.join())).isSameAs(failure);
    assertThat(handle.toCompletableFuture())
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .withCause(failure);
    assertThat(rig.takeUncaught()).isEmpty();
  }

  @Test
  void aJoinThatWasAbandonedDetachesAndTheFailureIsUncaught() {
    Gate gate = new Gate();
    IOException failure = new IOException("gone");
    JoinHandle<String> handle =
        loop.spawn(
            "detached",
            cx -> {
              if (gate.poll(cx).isReady()) {
                throw failure;
              }
              return Poll.pending();
            });
    JoinHandle<String> joiner = loop.spawn(handle.join());
    loop.runUntilStalled();
    joiner.cancel();
    loop.runUntilStalled();
    assertThat(handle.isDone()).isFalse();

    gate.open("go");
    loop.runUntilStalled();

    assertThat(rig.takeUncaught()).containsExactly(new Rig.Uncaught(loop, "detached", failure));
  }

  // ------------------------------------------------------------------ cancel

  @Test
  void cancelEndsTheTaskAndJoinThrows() {
    Gate gate = new Gate();
    JoinHandle<String> handle = loop.spawn("long one", gate);
    loop.runUntilStalled();

    assertThat(handle.cancel()).isTrue();
    assertThat(handle.cancel()).isFalse();
    assertThat(handle.isDone()).isFalse();
    loop.runUntilStalled();

    assertThat(gate.cancels).isEqualTo(1);
    assertThat(handle.isDone()).isTrue();
    assertThatThrownBy(() -> loop.runUntil(handle.join()))
        .isInstanceOf(CancellationException.class)
        .hasMessageContaining("'long one'");
  }

  @Test
  void cancelAfterTheEndDoesNothing() {
    JoinHandle<String> handle = loop.spawn(cx -> Poll.ready("done"));
    loop.runUntilStalled();

    assertThat(handle.cancel()).isFalse();
    assertThat(handle.toCompletableFuture()).isCompletedWithValue("done");
  }

  @Test
  void cancelFromAnyThreadWakesTheLoop() throws Exception {
    RunnableDispatcher real = rig.onSystemClock();
    JoinHandle<String> handle = real.spawn(new Gate());
    Driving driving = rig.drive(real, RunnableDispatcher::runToCompletion).awaitAsleep();

    assertThat(handle.cancel()).isTrue();

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  void cancellingTheFutureCancelsTheTask() {
    Gate gate = new Gate();
    JoinHandle<String> handle = loop.spawn(gate);
    CompletableFuture<String> future = handle.toCompletableFuture();
    loop.runUntilStalled();

    assertThat(future.cancel(true)).isTrue();
    loop.runUntilStalled();

    assertThat(gate.cancels).isEqualTo(1);
    assertThat(handle.isDone()).isTrue();
  }

  /** Rounds of a race between completion and cancel: one of them wins, and all see the same. */
  @Test
  void completionAndCancelAgreeWhoWon() throws Exception {
    RunnableDispatcher real = rig.onSystemClock();
    WorkGuard guard = real.workGuard();
    rig.drive(real, RunnableDispatcher::runToCompletion);
    for (int round = 0; round < 2_000; round++) {
      Gate gate = new Gate();
      JoinHandle<String> handle = real.spawn(gate);
      CompletableFuture<String> future = handle.toCompletableFuture();
      gate.open("value");
      for (int spin = round % 300; spin > 0; spin--) {
        Thread.onSpinWait();
      }
      boolean asked = handle.cancel();
      Rig.awaitState("the task has ended", future::isDone);
      if (future.isCancelled()) {
        assertThat(asked).isTrue();
      } else {
        assertThat(future).isCompletedWithValue("value");
      }
    }
    guard.close();
  }

  // ------------------------------------------------------------------ across loops and threads

  @Test
  void aJoinMayBePolledOnTheLoopOfAnotherDispatcher() throws Exception {
    RunnableDispatcher mine = rig.onSystemClock();
    RunnableDispatcher theirs = rig.onSystemClock();
    Gate gate = new Gate();
    int[] plain = {0};
    JoinHandle<String> handle =
        theirs.spawn(
            cx -> {
              Poll<String> poll = gate.poll(cx);
              plain[0]++;
              return poll;
            });
    rig.drive(theirs, RunnableDispatcher::run).awaitAsleep();
    FutureTask<Poll<Integer>> waiter =
        rig.start(
            "waiter",
            () -> {
              Pollable<String> join = handle.join();
              return mine.runUntil(cx -> join.poll(cx).map(value -> plain[0]));
            });
    Rig.awaitState("it waits", () -> mine.snapshot().asleep());

    gate.open("over");

    assertThat(Rig.await(waiter).value()).isEqualTo(2);
    theirs.stop();
  }

  /** Rounds of a race between the end of a task and a join that registers. */
  @Test
  void aJoinThatRegistersJustThenMissesNothing() throws Exception {
    RunnableDispatcher mine = rig.onSystemClock();
    RunnableDispatcher theirs = rig.onSystemClock();
    WorkGuard guard = theirs.workGuard();
    rig.drive(theirs, RunnableDispatcher::runToCompletion);
    for (int round = 0; round < 2_000; round++) {
      int number = round;
      JoinHandle<Integer> handle = theirs.spawn(cx -> Poll.ready(number));
      assertThat(mine.runUntil(handle.join()).value()).isEqualTo(number);
    }
    guard.close();
  }

  @Test
  void theFutureIsCompletedOnTheLoop() {
    Gate gate = new Gate();
    List<Boolean> onLoop = new ArrayList<>();
    loop.spawn(gate).toCompletableFuture().thenRun(() -> onLoop.add(loop.onLoop()));
    loop.runUntilStalled();
    gate.open("value");

    loop.runUntilStalled();

    assertThat(onLoop).containsExactly(true);
  }

  @Test
  void itsTextTellsTheNameAndTheState() {
    JoinHandle<String> running = loop.spawn("one", new Gate());
    JoinHandle<String> done = loop.spawn("two", cx -> Poll.ready("x"));
    JoinHandle<String> unnamed = loop.spawn(cx -> Poll.ready("x"));
    loop.runUntilStalled();

    assertThat(running.name()).isEqualTo("one");
    assertThat(running.toString()).contains("one").contains("running");
    assertThat(done.toString()).contains("two").contains("completed");
    assertThat(unnamed.name()).contains("JoinHandleTest");
  }
}
