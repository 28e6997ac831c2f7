package dev.reveille.callbacks.executors;

import static dev.reveille.callbacks.executors.CallbackTasks.millis;
import static dev.reveille.callbacks.executors.CallbackTasks.onLoop;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Task;
import dev.reveille.WorkGuard;
import dev.reveille.contract.Rig;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How a {@link CallbackDispatcher} ends: by a stop, with its loop, or while its loop drains. */
final class CallbackStopTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final CallbackDispatcher callbacks = CallbackDispatcher.of(loop);
  private final CallbackTasks tasks = new CallbackTasks();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private List<String> run() {
    loop.runUntilStalled();
    return tasks.take();
  }

  // ------------------------------------------------------------------ requestStop

  @Test
  void aStopCallsEachPostedFunctionOnceWithCancelledFirstWhatIsQueuedThenByTime() {
    callbacks.postAfter(tasks.task("later"), millis(20));
    callbacks.postAfter(tasks.task("soon"), millis(10));
    callbacks.post(tasks.task("queued"));
    callbacks.postAfter(tasks.task("as soon"), millis(10));
    callbacks.postAt(tasks.task("never"), Long.MAX_VALUE);
    callbacks.requestStop();
    callbacks.requestStop();

    assertThat(tasks.log).as("not within the call").isEmpty();
    assertThat(callbacks.isStopRequested()).isTrue();
    assertThat(run())
        .containsExactly(
            "queued CANCELLED",
            "soon CANCELLED",
            "as soon CANCELLED",
            "later CANCELLED",
            "never CANCELLED");
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
    rig.time().advance(millis(100));
    assertThat(tasks.take()).isEmpty();
  }

  @Test
  void theLoopGoesOnAndTheCallsAreTurnsAmongOthers() {
    callbacks.postAfter(tasks.task("a"), millis(10));
    callbacks.postAfter(tasks.task("b"), millis(20));
    callbacks.requestStop();
    loop.post(
        () -> {
          tasks.log.add("a runnable");
          loop.post(() -> tasks.log.add("another"));
        });

    assertThat(run()).containsExactly("a CANCELLED", "a runnable", "b CANCELLED", "another");
  }

  @Test
  void aStopByAFunctionCancelsTheOthersAndNotItself() {
    callbacks.post(tasks.task("stopper", (context, status) -> context.dispatcher().requestStop()));
    callbacks.post(tasks.task("other"));

    assertThat(run()).containsExactly("stopper OK", "other CANCELLED");
  }

  @Test
  void aStopByAnotherThreadIsToldOnTheLoop() {
    List<Boolean> onLoop = new ArrayList<>();
    callbacks.postAfter((context, status) -> onLoop.add(loop.onLoop()), millis(10));

    rig.elsewhere(callbacks::requestStop);
    assertThat(onLoop).isEmpty();
    loop.runUntilStalled();

    assertThat(onLoop).containsExactly(true);
  }

  @Test
  void whatIsPostedAfterTheStopIsCalledWithCancelledWhateverItsTime() {
    callbacks.requestStop();
    callbacks.post(tasks.task("a"));
    callbacks.postAfter(tasks.task("b"), millis(50));
    onLoop(loop, () -> callbacks.postAfter(tasks.task("c"), millis(50)));

    assertThat(tasks.take()).containsExactly("a CANCELLED", "b CANCELLED", "c CANCELLED");
  }

  @Test
  void aPostAfterTheStopChangesNothingForATaskThatIsPosted() {
    CallbackTask a = tasks.task("a");
    callbacks.postAfter(a, millis(10));
    callbacks.requestStop();
    callbacks.post(a);
    callbacks.postAfter(a, millis(5));

    assertThat(run()).containsExactly("a CANCELLED");
  }

  @Test
  void aCancelAfterTheStopStillKeepsTheFunctionFromBeingCalled() {
    CallbackTask queued = tasks.task("queued");
    CallbackTask waiting = tasks.task("waiting");
    CallbackTask last = tasks.task("last");
    callbacks.post(queued);
    callbacks.postAfter(waiting, millis(10));
    callbacks.postAfter(last, millis(20));
    callbacks.requestStop();
    callbacks.cancel(queued);
    loop.post(() -> callbacks.cancel(last)); // the stop has disarmed it already

    assertThat(run()).containsExactly("waiting CANCELLED");
  }

  @Test
  void aTaskThatPostsItselfWhateverItIsToldDoesNotGoOnForEver() {
    callbacks.post(
        tasks.task("stubborn", (context, status) -> context.dispatcher().post(context.task())));
    callbacks.requestStop();

    assertThat(run()).containsExactly("stubborn CANCELLED");
    assertThat(rig.takeUncaught())
        .singleElement()
        .satisfies(
            uncaught ->
                assertThat(uncaught.failure())
                    .isInstanceOf(RejectedExecutionException.class)
                    .hasMessage(
                        "task 'stubborn' was refused by callback dispatcher 'loop': it was told"
                            + " that it is cancelled, and to tell it again would not end"));
  }

  @Test
  void twoTasksThatPostEachOtherDoNotGoOnForEver() {
    CallbackTask[] pair = new CallbackTask[2];
    pair[0] = tasks.task("ping", (context, status) -> callbacks.post(pair[1]));
    pair[1] = tasks.task("pong", (context, status) -> callbacks.post(pair[0]));
    callbacks.post(pair[0]);
    callbacks.requestStop();

    assertThat(run()).containsExactly("ping CANCELLED", "pong CANCELLED");
    assertThat(rig.takeUncaught()).hasSize(1);
  }

  @Test
  void aTaskThatWasToldMayGoToAnotherDispatcher() {
    CallbackDispatcher next = CallbackDispatcher.of(loop, "next");
    callbacks.post(
        tasks.task(
            "nomad",
            (context, status) -> {
              if (status == CallbackStatus.CANCELLED) {
                next.post(context.task());
              }
            }));
    callbacks.requestStop();

    assertThat(run()).containsExactly("nomad CANCELLED", "nomad OK");
  }

  @Test
  void aFunctionThatThrowsDoesNotKeepTheOthersFromBeingTold() {
    RuntimeException failure = new IllegalStateException("no disk");
    for (String name : List.of("a", "b")) {
      callbacks.postAfter(
          tasks.task(
              name,
              (context, status) -> {
                throw failure;
              }),
          millis(10));
    }
    callbacks.requestStop();

    assertThat(run()).containsExactly("a CANCELLED", "b CANCELLED");
    assertThat(rig.takeUncaught()).hasSize(2);
  }

  // ------------------------------------------------------------------ the close of the loop

  @Test
  void theCloseOfTheLoopCallsEachPostedFunctionWithCancelledOnTheThreadThatCloses() {
    List<Thread> threads = new ArrayList<>();
    CallbackFunction note =
        (context, status) -> {
          threads.add(Thread.currentThread());
          tasks.log.add(context.task() + " may touch the loop: " + loop.onLoop());
        };
    callbacks.postAfter(new CallbackTask("later", note), millis(20));
    callbacks.postAfter(new CallbackTask("soon", note), millis(10));
    callbacks.post(new CallbackTask("queued", note));

    loop.close();

    assertThat(tasks.take())
        .containsExactly(
            "queued may touch the loop: true",
            "soon may touch the loop: true",
            "later may touch the loop: true");
    assertThat(threads).containsOnly(Thread.currentThread());
    assertThat(callbacks.isStopRequested()).isTrue();
  }

  @Test
  void theCloseComesAfterAStopThatWasNotHeardYet() {
    callbacks.post(tasks.task("queued"));
    callbacks.postAfter(tasks.task("later"), millis(20));
    callbacks.postAfter(tasks.task("soon"), millis(10));
    callbacks.requestStop();
    loop.post(loop::stop);
    loop.run(); // queued and the stop were heard, one that waited is told at most

    loop.close();

    assertThat(tasks.take())
        .containsExactly("queued CANCELLED", "soon CANCELLED", "later CANCELLED");
  }

  @Test
  void afterTheCloseEverythingIsRefusedAlsoInAFunctionThatIsToldOfIt() {
    List<Throwable> refused = new ArrayList<>();
    CallbackTask other = tasks.task("other");
    callbacks.post(
        tasks.task(
            "a",
            (context, status) -> {
              try {
                callbacks.post(other);
              } catch (RejectedExecutionException e) {
                refused.add(e);
              }
            }));

    loop.close();

    assertThat(tasks.take()).containsExactly("a CANCELLED");
    assertThat(refused).hasSize(1);
    assertThatThrownBy(() -> callbacks.post(other))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessage("task 'other' was refused by callback dispatcher 'loop': its loop is closed");
    assertThatThrownBy(() -> callbacks.postAfter(other, millis(1)))
        .isInstanceOf(RejectedExecutionException.class);
    assertThat(other.isPosted()).isFalse();
    assertThat(callbacks.cancel(other)).isFalse();
    callbacks.requestStop();
  }

  @Test
  void oneOfAClosedLoopRefusesEverything() {
    loop.close();
    CallbackDispatcher late = CallbackDispatcher.of(loop);

    assertThat(late.isStopRequested()).isTrue();
    assertThatThrownBy(() -> late.post(tasks.task("a")))
        .isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void whatThrowsAtTheCloseIsUncaughtAndTheOthersAreTold() {
    RuntimeException failure = new IllegalStateException("no disk");
    callbacks.post(
        tasks.task(
            "a",
            (context, status) -> {
              throw failure;
            }));
    callbacks.postAfter(tasks.task("b"), millis(1));

    loop.close();

    assertThat(tasks.take()).containsExactly("a CANCELLED", "b CANCELLED");
    assertThat(rig.takeUncaught()).singleElement().extracting("failure").isEqualTo(failure);
  }

  @Test
  void aTaskThatACleanupPostsIntoTheCloseIsTold() throws Exception {
    CallbackTask a = tasks.task("a");
    loop.post(
        new Task("sleeper") {
          @Override
          protected Poll<Complete> doPoll(Context cx) {
            cx.park();
            return Poll.pending();
          }

          @Override
          protected void cleanup() {
            callbacks.post(a);
            callbacks.postAfter(tasks.task("b"), millis(5));
          }
        });
    loop.runUntilStalled();

    loop.close();

    assertThat(tasks.take()).containsExactly("a CANCELLED", "b CANCELLED");
  }

  // ------------------------------------------------------------------ while the loop drains

  @Test
  void whileTheLoopDrainsItRefusesFromOutsideAndAcceptsFromTheLoop() {
    WorkGuard guard = loop.workGuard();
    callbacks.postAfter(
        tasks.task("first", (context, status) -> callbacks.postAfter(tasks.task("b"), millis(5))),
        millis(5));
    loop.shutdown();

    assertThatThrownBy(() -> callbacks.post(tasks.task("c")))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("its loop is shutting down and takes tasks only from the work");
    rig.time().advance(millis(10));
    guard.close();

    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.CLOSED);
    assertThat(tasks.take()).containsExactly("first OK", "b OK");
  }

  @Test
  void aStopIsHeardWhileTheLoopDrains() {
    callbacks.postAt(tasks.task("never"), Long.MAX_VALUE);
    loop.shutdown();
    rig.elsewhere(callbacks::requestStop);

    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.CLOSED);
    assertThat(tasks.take()).containsExactly("never CANCELLED");
  }
}
