package dev.reveille.peers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Task;
import dev.reveille.Waker;
import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Results that peers lost, swallowed, or told too early. */
final class JoinBugsTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final List<Object> got = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  /** Sleeps, and ends as it is told. */
  private static final class Told implements Pollable<String> {
    @Nullable Waker waker;
    @Nullable String value;
    @Nullable Exception failure;

    @Override
    public Poll<String> poll(Context cx) throws Exception {
      waker = cx.waker("to be told");
      if (failure != null) {
        throw failure;
      }
      return value == null ? Poll.pending() : Poll.ready(value);
    }

    void complete(String v) {
      value = v;
      wake();
    }

    void fail(Exception e) {
      failure = e;
      wake();
    }

    private void wake() {
      Waker w = waker;
      assertThat(w).isNotNull();
      w.wake();
    }
  }

  /**
   * tokio: to await a handle by reference is cancel-safe; the output is not lost with the await.
   */
  @Test
  void aJoinThatWasGivenUpTakesNothingFromTheNext() throws Exception {
    Told told = new Told();
    JoinHandle<String> handle = loop.spawn(told);
    Pollable<String> first = handle.join();
    loop.spawn(
        cx -> {
          first.poll(cx);
          first.cancel();
          return Poll.ready();
        });
    loop.runUntilStalled();
    told.complete("value");
    loop.runUntilStalled();

    assertThat(loop.runUntil(handle.join()).value()).isEqualTo("value");
  }

  /** tokio: is_finished() is false until the destructor has run, and what it wrote is visible. */
  @Test
  void whoSeesThatATaskIsDoneSeesWhatItsCleanupWrote() throws Exception {
    Driving driving = rig.drive(loop, RunnableDispatcher::run);
    final class Writing extends Task {
      /** Plain: published by the end. */
      int written;

      @Override
      protected Poll<Complete> doPoll(Context cx) {
        return Poll.ready();
      }

      @Override
      protected void cleanup() {
        written = 42;
      }
    }
    for (int i = 0; i < 2_000; i++) {
      Writing task = new Writing();
      JoinHandle<Complete> handle = loop.spawn(task);
      while (!handle.isDone()) {
        Thread.onSpinWait();
      }
      assertThat(task.written).isEqualTo(42);
      assertThat(task.isPosted()).isFalse();
    }
    loop.stop();
    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.STOPPED);
  }

  /** tokio swallows the panic of a task whose handle was dropped; nothing is lost silently here. */
  @Test
  void theFailureOfATaskWhoseHandleWasDroppedIsHeardOf() {
    loop.spawn(
        "dropped",
        cx -> {
          throw new IOException("heard of");
        });

    loop.runUntilStalled();

    assertThat(rig.takeUncaught())
        .singleElement()
        .satisfies(
            u -> {
              assertThat(u.name()).isEqualTo("dropped");
              assertThat(u.failure()).hasMessage("heard of");
            });
  }

  @Test
  void oneFailureGoesToAllWhoJoinedAsItIsAndToNobodyElse() {
    Told told = new Told();
    JoinHandle<String> handle = loop.spawn(told);
    List<CompletableFuture<String>> futures = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      Pollable<String> join = handle.join();
      loop.spawn(
          cx -> {
            try {
              return join.poll(cx);
            } catch (IOException e) {
              got.add(e);
              return Poll.ready("caught");
            }
          });
      futures.add(handle.toCompletableFuture());
    }
    loop.runUntilStalled();
    IOException failure = new IOException("as it is");

    told.fail(failure);
    loop.runUntilStalled();

    assertThat(got).hasSize(5).allMatch(e -> e == failure);
    for (CompletableFuture<String> future : futures) {
      var unused =
          future.handle(
              (value, thrown) -> {
                assertThat(thrown).isSameAs(failure);
                got.clear();
                return got;
              });
    }
    assertThat(got).isEmpty();
  }

  /** Netty: a listener that throws stops the ones after it (#1913 and kin). */
  @Test
  void whatAnActionOfAFutureThrowsHarmsNeitherTheOthersNorTheLoop() {
    Told told = new Told();
    JoinHandle<String> handle = loop.spawn(told);
    var failing =
        handle
            .toCompletableFuture()
            .thenAccept(
                value -> {
                  throw new AssertionError("an action that fails");
                });
    var next = handle.toCompletableFuture().thenAccept(got::add);
    loop.runUntilStalled();
    told.complete("value");

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(failing).isCompletedExceptionally();
    assertThat(next).isCompleted();
    assertThat(got).containsExactly("value");
  }

  /** Tasks that join each other across loops: a result crosses over and the answer comes back. */
  @Test
  void aChainOfJoinsGoesAcrossLoopsAndBack() throws Exception {
    RunnableDispatcher other = rig.dispatcher(options -> options.withName("other"));
    Driving driving = rig.drive(other, RunnableDispatcher::run);
    for (int i = 0; i < 200; i++) {
      int number = i;
      JoinHandle<Integer> here = loop.spawn(cx -> Poll.ready(number));
      Pollable<Integer> join = here.join();
      JoinHandle<Integer> there = other.spawn(cx -> join.poll(cx).map(n -> n + 1));
      assertThat(loop.runUntil(there.join()).value()).isEqualTo(number + 1);
    }
    other.stop();
    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.STOPPED);
  }

  /** A task cannot wait for itself; the program hangs where it stands, and the dump says where. */
  @Test
  void aTaskThatJoinsItselfIsFoundAsleepByTheDump() {
    List<JoinHandle<Object>> handles = new ArrayList<>();
    List<Pollable<Object>> joins = new ArrayList<>();
    handles.add(
        loop.spawn(
            "narcissus",
            cx -> {
              if (joins.isEmpty()) {
                joins.add(handles.get(0).join());
              }
              return joins.get(0).poll(cx);
            }));

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);

    assertThat(loop.snapshot().tasks())
        .singleElement()
        .satisfies(
            t -> {
              assertThat(t.name()).isEqualTo("narcissus");
              assertThat(t.waitReason()).isEqualTo("the end of a spawned task");
            });
    handles.get(0).cancel();
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
  }
}
