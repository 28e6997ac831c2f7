package dev.reveille.callbacks.executors;

import static dev.reveille.callbacks.executors.CallbackTasks.millis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Poll;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The contract of {@code pw_async}, of post, time and cancel, on the one loop. */
final class CallbackDispatcherTest {
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

  private List<String> advance(long millis) {
    rig.time().advance(millis(millis));
    return tasks.take();
  }

  // ------------------------------------------------------------------ post

  @Test
  void aTaskThatIsNotPostedIsNotCalled() {
    CallbackTask task = tasks.task("a");

    assertThat(run()).isEmpty();
    assertThat(task.isPosted()).isFalse();
  }

  @Test
  void aPostedTaskIsCalledOnceAndNotWithinThePost() {
    CallbackTask task = tasks.task("a");
    callbacks.post(task);

    assertThat(tasks.log).isEmpty();
    assertThat(task.isPosted()).isTrue();
    assertThat(run()).containsExactly("a OK");
    assertThat(task.isPosted()).isFalse();
    assertThat(run()).isEmpty();
  }

  @Test
  void tasksAreCalledInTheOrderOfTheirPosts() {
    List.of("a", "b", "c").forEach(name -> callbacks.post(tasks.task(name)));

    assertThat(run()).containsExactly("a OK", "b OK", "c OK");
  }

  @Test
  void aPostOfATaskThatIsQueuedKeepsItsPlace() {
    CallbackTask a = tasks.task("a");
    callbacks.post(a);
    callbacks.post(tasks.task("b"));
    callbacks.post(a);

    assertThat(run()).containsExactly("a OK", "b OK");
  }

  @Test
  void aTaskIsPostedAgainAfterItsCall() {
    CallbackTask a = tasks.task("a");
    callbacks.post(a);
    assertThat(run()).containsExactly("a OK");
    callbacks.post(a);
    assertThat(run()).containsExactly("a OK");
  }

  @Test
  void aTaskMayPostItselfFromItsFunctionAndThenComesAfterTheOthers() {
    int[] left = {2};
    CallbackTask again =
        tasks.task(
            "again",
            (context, status) -> {
              assertThat(context.task().isPosted()).isFalse();
              if (left[0]-- > 0) {
                context.dispatcher().post(context.task());
              }
            });
    callbacks.post(again);
    callbacks.post(tasks.task("b"));

    assertThat(run()).containsExactly("again OK", "b OK", "again OK", "again OK");
  }

  @Test
  void aFunctionMayBePostedForOneCall() {
    List<CallbackContext> contexts = new ArrayList<>();
    CallbackTask once = callbacks.post((context, status) -> contexts.add(context));
    callbacks.postAfter((context, status) -> contexts.add(context), millis(5));
    CallbackTask never = callbacks.post((context, status) -> contexts.add(context));
    callbacks.cancel(never);

    advance(5);

    assertThat(contexts).hasSize(2);
    assertThat(contexts.get(0).task()).isSameAs(once);
    assertThat(contexts.get(0).dispatcher()).isSameAs(callbacks);
    assertThat(once.name()).isEqualTo("lambda in CallbackDispatcherTest");
  }

  // ------------------------------------------------------------------ time

  @Test
  void aDelayedTaskIsCalledAtItsTimeAndNotBefore() {
    callbacks.postAfter(tasks.task("a"), millis(10));

    assertThat(run()).isEmpty();
    assertThat(advance(9)).isEmpty();
    assertThat(advance(1)).containsExactly("a OK");
    assertThat(callbacks.now()).isEqualTo(millis(10).toNanos());
  }

  @Test
  void delayedTasksAreCalledInTheOrderOfTheirTimes() {
    callbacks.postAfter(tasks.task("fifty"), millis(50));
    callbacks.postAfter(tasks.task("twenty"), millis(20));
    callbacks.postAfter(tasks.task("hundred"), millis(100));

    assertThat(advance(125)).containsExactly("twenty OK", "fifty OK", "hundred OK");
  }

  @Test
  void equalTimesAreCalledInTheOrderOfTheirPosts() {
    CallbackTask a = tasks.task("a");
    callbacks.postAt(a, 5);
    callbacks.postAt(tasks.task("b"), 5);
    callbacks.postAt(tasks.task("c"), 5);
    callbacks.postAt(a, 5); // posted anew, so it is the last

    assertThat(advance(1)).containsExactly("b OK", "c OK", "a OK");
  }

  @Test
  void anEarlierTimeReplacesALaterOne() {
    CallbackTask a = tasks.task("a");
    callbacks.postAfter(a, millis(100));
    callbacks.postAfter(a, millis(50));

    assertThat(advance(60)).containsExactly("a OK");
    assertThat(advance(100)).isEmpty();
  }

  @Test
  void aLaterTimeReplacesAnEarlierOne() {
    CallbackTask a = tasks.task("a");
    callbacks.postAfter(a, millis(50));
    callbacks.postAfter(a, millis(100));

    assertThat(advance(60)).isEmpty();
    assertThat(advance(40)).containsExactly("a OK");
  }

  @Test
  void aTimeDefersATaskThatIsQueued() {
    CallbackTask a = tasks.task("a");
    callbacks.post(a);
    callbacks.postAfter(a, millis(50));

    assertThat(run()).isEmpty();
    assertThat(advance(50)).containsExactly("a OK");
  }

  @Test
  void aPostMovesATaskThatWaitsToTheEndOfTheQueueNow() {
    CallbackTask a = tasks.task("a");
    callbacks.postAfter(a, millis(50));
    callbacks.post(tasks.task("b"));
    callbacks.post(a);
    callbacks.post(tasks.task("c"));

    assertThat(run()).containsExactly("b OK", "a OK", "c OK");
    assertThat(advance(50)).isEmpty();
  }

  @Test
  void aPostOfATaskWhoseTimeHasComeKeepsItsPlace() {
    CallbackTask due = tasks.task("due");
    callbacks.postAfter(
        tasks.task(
            "first",
            (context, status) -> {
              callbacks.post(tasks.task("posted"));
              callbacks.post(due);
            }),
        millis(5));
    callbacks.postAfter(due, millis(5));

    assertThat(advance(5)).containsExactly("first OK", "due OK", "posted OK");
  }

  @Test
  void aTimeThatIsPastMeansSoonButAfterWhatIsQueued() {
    rig.time().advance(millis(10));
    callbacks.postAfter(tasks.task("past"), millis(-5));
    callbacks.postAt(tasks.task("long past"), Long.MIN_VALUE);
    callbacks.post(tasks.task("a"));

    assertThat(run()).containsExactly("a OK", "long past OK", "past OK");
  }

  @Test
  void aTimeThatDoesNotFitMeansNever() {
    CallbackTask never = tasks.task("never");
    callbacks.postAfter(never, Duration.ofSeconds(Long.MAX_VALUE));

    assertThat(advance(Duration.ofDays(365 * 200).toMillis())).isEmpty();
    assertThat(callbacks.cancel(never)).isTrue();
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  void whatWaitsIsWorkOfTheLoop() {
    callbacks.postAfter(tasks.task("a"), millis(5));
    rig.time().autoAdvance();

    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
    assertThat(tasks.take()).containsExactly("a OK");
  }

  // ------------------------------------------------------------------ cancel

  @Test
  void aCancelledTaskIsNotCalledAtAll() {
    CallbackTask queued = tasks.task("queued");
    CallbackTask waiting = tasks.task("waiting");
    CallbackTask both = tasks.task("both");
    callbacks.post(queued);
    callbacks.postAfter(waiting, millis(50));
    callbacks.post(both);
    callbacks.postAfter(both, millis(50));

    assertThat(callbacks.cancel(queued)).isTrue();
    assertThat(callbacks.cancel(waiting)).isTrue();
    assertThat(callbacks.cancel(both)).isTrue();

    assertThat(queued.isPosted()).isFalse();
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
    assertThat(advance(60)).isEmpty();
  }

  @Test
  void aCancelOfWhatIsNotPostedReturnsFalse() {
    CallbackTask a = tasks.task("a");
    assertThat(callbacks.cancel(a)).isFalse();
    callbacks.post(a);
    assertThat(callbacks.cancel(a)).isTrue();
    assertThat(callbacks.cancel(a)).isFalse();
    callbacks.post(a);
    assertThat(run()).containsExactly("a OK");
    assertThat(callbacks.cancel(a)).isFalse();
  }

  @Test
  void aTaskThatIsPostedAfterItsCancelComesLast() {
    CallbackTask a = tasks.task("a");
    callbacks.post(a);
    callbacks.cancel(a);
    callbacks.post(tasks.task("b"));
    loop.post(() -> tasks.log.add("a runnable"));
    callbacks.post(a);

    assertThat(run()).containsExactly("b OK", "a runnable", "a OK");
  }

  @Test
  void aTaskThatIsPostedElsewhereInTheMeantimeIsNotTakenFromThere() {
    CallbackDispatcher other = CallbackDispatcher.of(loop, "other");
    CallbackTask a = tasks.task("a");
    callbacks.post(a);
    callbacks.cancel(a);
    other.post(a);

    assertThat(callbacks.cancel(a)).isFalse();
    assertThat(run()).containsExactly("a OK");
  }

  @Test
  void aTaskMayCancelAnotherOneButNotItself() {
    CallbackTask victim = tasks.task("victim");
    List<Boolean> cancelled = new ArrayList<>();
    callbacks.post(
        tasks.task(
            "canceller",
            (context, status) -> {
              cancelled.add(context.dispatcher().cancel(victim));
              cancelled.add(context.dispatcher().cancel(context.task()));
            }));
    callbacks.post(victim);

    assertThat(run()).containsExactly("canceller OK");
    assertThat(cancelled).containsExactly(true, false);
  }

  // ------------------------------------------------------------------ one FIFO, one owner

  @Test
  void functionsPollTasksAndRunnablesTakeTurnsInTheOrderOfAcceptance() {
    callbacks.post(tasks.task("first"));
    loop.post(() -> tasks.log.add("a runnable"));
    callbacks.post(
        tasks.task("second", (c, s) -> loop.post(() -> tasks.log.add("posted by second"))));
    loop.spawn(
        "a poll task",
        cx -> {
          tasks.log.add("a poll task");
          return Poll.ready();
        });
    CallbackDispatcher.of(loop).post(tasks.task("third, of another view"));

    assertThat(run())
        .containsExactly(
            "first OK",
            "a runnable",
            "second OK",
            "a poll task",
            "third, of another view OK",
            "posted by second");
  }

  @Test
  void aTaskThatIsPostedToOneDispatcherIsRefusedByAnother() {
    RunnableDispatcher second = rig.dispatcher(options -> options.withName("second loop"));
    CallbackDispatcher other = CallbackDispatcher.of(second);
    CallbackTask a = tasks.task("blink");
    callbacks.post(a);

    assertThatThrownBy(() -> other.post(a))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "task 'blink' is posted to callback dispatcher 'loop' and can not be posted to 'second"
                + " loop' at the same time; cancel it there first");
    assertThatThrownBy(() -> other.postAfter(a, millis(1)))
        .isInstanceOf(IllegalStateException.class);

    assertThat(run()).containsExactly("blink OK");
    other.post(a);
    second.runUntilStalled();
    assertThat(tasks.take()).containsExactly("blink OK");
  }

  @Test
  void whatAFunctionThrowsIsUncaughtUnderTheNameOfItsTaskAndTheLoopGoesOn() {
    RuntimeException failure = new IllegalStateException("no disk");
    CallbackTask failing =
        tasks.task(
            "the nightly flush",
            (context, status) -> {
              throw failure;
            });
    callbacks.post(failing);
    callbacks.post(tasks.task("b"));

    assertThat(run()).containsExactly("the nightly flush OK", "b OK");
    assertThat(rig.takeUncaught())
        .containsExactly(new Rig.Uncaught(loop, "the nightly flush", failure));
    callbacks.post(failing); // it may be posted again
    run();
    assertThat(rig.takeUncaught()).hasSize(1);
  }

  @Test
  void nullIsRefusedAtOnce() {
    assertThatThrownBy(() -> CallbackDispatcher.of(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> callbacks.post((CallbackTask) null))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> callbacks.post((CallbackFunction) null))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> callbacks.postAfter(tasks.task("a"), null))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> callbacks.cancel(null)).isInstanceOf(NullPointerException.class);
    assertThat(callbacks).hasToString("CallbackDispatcher[loop]");
    assertThat(callbacks.dispatcher()).isSameAs(loop);
  }
}
