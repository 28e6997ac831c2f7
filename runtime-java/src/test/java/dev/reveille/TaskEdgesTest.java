package dev.reveille;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.contract.Rig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tasks, children and joins at their edges; each of these was a defect once. */
final class TaskEdgesTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  // ------------------------------------------------------------------ Posting.polls is an int

  /** The poll after 2^32 of them (half a minute of self-wakes) finds polls == 0: init() again. */
  @Test
  void aTaskThatIsPolledFourBillionTimesIsNotBegunAgain() {
    RecordingTask task = new RecordingTask(log);
    loop.post(task);
    loop.runUntilStalled();
    ((Posting) requireNonNull(task.waker)).polls = -1; // as after 2^32 - 1 of them
    task.wake();
    loop.runUntilStalled();
    task.wake();
    loop.runUntilStalled();

    assertThat(log).containsExactly("init", "poll", "poll", "poll");
  }

  /** And a close at that moment hands it back as never begun, without its cleanup. */
  @Test
  void aTaskThatIsPolledFourBillionTimesIsNotHandedBackAsNeverBegun() {
    RecordingTask task = new RecordingTask(log);
    loop.post(task);
    loop.runUntilStalled();
    ((Posting) requireNonNull(task.waker)).polls = -1;
    task.wake();
    loop.runUntilStalled();

    assertThat(loop.shutdownNow().tasks()).isEmpty();
    assertThat(log).containsExactly("init", "poll", "poll", "cleanup");
  }

  // ------------------------------------------------------------------ pollChild

  /** As a task that returns null does (Misuse.nullPoll); here it is a bare NullPointerException. */
  @Test
  void aChildThatReturnsNoPollFailsByName() {
    loop.spawn("parent", cx -> cx.pollChild(c -> null));

    loop.runUntilStalled();

    assertThat(rig.takeUncaught())
        .singleElement()
        .satisfies(u -> assertThat(u.failure()).hasMessageContaining("returned null"));
  }

  // ------------------------------------------------------------------ a task as a child

  /** DESIGN 3.4: loop-only calls take the role if nobody drives. This one only asserts. */
  @Test
  void aBegunChildMayBeGivenUpByAnyThreadWhileNobodyDrives() {
    RecordingTask child = new RecordingTask(log);
    loop.spawn("parent", cx -> child.poll(cx));
    loop.runUntilStalled();

    child.cancel();

    assertThat(log).containsExactly("init", "poll", "cleanup");
  }

  /** The end of the poll cleans up a second time, where the loop of the child is null by then. */
  @Test
  void aChildThatIsGivenUpInItsOwnPollIsCleanedUpOnce() {
    RecordingTask child =
        new RecordingTask(log) {
          @Override
          protected Poll<Complete> doPoll(Context cx) {
            cancel();
            return Poll.ready();
          }
        };
    loop.spawn("parent", cx -> child.poll(cx));

    loop.runUntilStalled();

    assertThat(rig.takeUncaught()).isEmpty();
    assertThat(log).containsExactly("init", "cleanup");
  }

  /** The child remembers the loop of its first poll, and is cleaned up on another. */
  @Test
  void aChildGoesWithItsParentToAnotherDispatcher() {
    RunnableDispatcher other = rig.dispatcher(options -> options.withName("other"));
    RecordingTask child = new RecordingTask(log);
    Task parent =
        new Task("parent") {
          @Override
          protected Poll<Complete> doPoll(Context cx) throws Exception {
            return child.poll(cx);
          }
        };
    loop.post(parent);
    loop.runUntilStalled();
    parent.cancel();
    loop.runUntilStalled();
    child.answer = Poll.ready();
    other.post(parent);
    other.runUntilStalled();

    assertThat(rig.takeUncaught()).isEmpty();
    assertThat(log).containsExactly("init", "poll", "poll", "cleanup");
  }

  /** Task.poll lets the posting's own context through: a StackOverflowError, not a message. */
  @Test
  void aPostedTaskThatPollsItselfIsTold() {
    loop.post(
        new Task("narcissus") {
          @Override
          protected Poll<Complete> doPoll(Context cx) throws Exception {
            return poll(cx);
          }
        });

    loop.runUntilStalled();

    assertThat(rig.takeUncaught())
        .singleElement()
        .satisfies(
            u ->
                assertThat(u.failure())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("'narcissus'"));
  }

  // ------------------------------------------------------------------ failures that nobody hears

  /** A future that has its end already (orTimeout) still counts as one who joined. */
  @Test
  void aFailureWhoseOnlyFutureHasEndedBeforeIsUncaught() {
    RecordingTask task = new RecordingTask(log);
    CompletableFuture<Complete> future = loop.spawn(task).toCompletableFuture();
    loop.runUntilStalled();
    future.completeExceptionally(new IOException("timed out"));
    task.failure = new IOException("nobody hears it");
    task.wake();

    loop.runUntilStalled();

    assertThat(rig.takeUncaught()).hasSize(1);
  }

  /** The same by a cancel of the future, where the task then fails in the poll that runs. */
  @Test
  void aFailureWhoseOnlyFutureWasCancelledIsUncaught() {
    List<CompletableFuture<Object>> futures = new ArrayList<>();
    futures.add(
        loop.spawn(
                cx -> {
                  futures.get(0).cancel(false);
                  throw new IOException("nobody hears it");
                })
            .toCompletableFuture());

    loop.runUntilStalled();

    assertThat(rig.takeUncaught()).hasSize(1);
  }

  /** Debatable: the joiner ended without giving its join up (a lambda that forwards no cancel). */
  @Test
  void aFailureWhoseOnlyJoinerHasEndedIsUncaught() {
    Waker[] waker = new Waker[1];
    boolean[] fail = {false};
    JoinHandle<Object> handle =
        loop.spawn(
            "joined",
            cx -> {
              waker[0] = cx.waker("the test");
              if (fail[0]) {
                throw new IOException("nobody is there any more");
              }
              return Poll.pending();
            });
    Pollable<Object> join = handle.join();
    JoinHandle<Object> joiner = loop.spawn("joiner", cx -> join.poll(cx));
    loop.runUntilStalled();
    joiner.cancel();
    loop.runUntilStalled();
    fail[0] = true;
    waker[0].wake();

    loop.runUntilStalled();

    assertThat(rig.takeUncaught()).hasSize(1);
  }

  // ------------------------------------------------------------------ snapshots

  /** The outer of two polls on the stack is told to be asleep. */
  @Test
  void aTaskIsRunningWhileAnotherIsDispatchedInItsPoll() {
    List<TaskSnapshot.State> states = new ArrayList<>();
    loop.spawn(
        "outer",
        cx -> {
          loop.dispatch(
              new Task("inner") {
                @Override
                protected Poll<Complete> doPoll(Context c) {
                  loop.snapshot().tasks().forEach(t -> states.add(t.state()));
                  return Poll.ready();
                }
              });
          return Poll.ready();
        });

    loop.runUntilStalled();

    assertThat(states).containsExactly(TaskSnapshot.State.RUNNING, TaskSnapshot.State.RUNNING);
  }

  /** DESIGN 3.3: "a wake clears it". Debatable: a foreign wake is seen by the drain only. */
  @Test
  void theReasonOfAWaitIsClearedByAForeignWake() {
    Waker[] waker = new Waker[1];
    loop.spawn(
        cx -> {
          waker[0] = cx.waker("why");
          return Poll.pending();
        });
    loop.runUntilStalled();
    rig.elsewhere(waker[0]::wake);

    assertThat(loop.snapshot().tasks().get(0).waitReason()).isNull();
  }
}
