package dev.reveille.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

/** {@code dispatch}, {@code defer} and the view as an Executor. */
public interface DispatchContract extends ContractGroup {

  @Test
  default void dispatchInATurnRunsAtOnce() {
    RunnableDispatcher loop = rig().dispatcher();
    List<String> log = new ArrayList<>();
    loop.post(
        () -> {
          log.add("before");
          loop.dispatch(() -> log.add("inline"));
          log.add("after");
        });
    loop.post(
        Tasks.of(
            "task",
            cx -> {
              loop.dispatch(() -> log.add("inline in a poll"));
              log.add("after, waker of " + cx.taskName());
              cx.waker("the context is still mine");
              return Poll.ready();
            }));

    loop.runUntilStalled();

    assertThat(log)
        .containsExactly("before", "inline", "after", "inline in a poll", "after, waker of task");
  }

  @Test
  default void dispatchOfATaskMakesItsFirstPollAtOnce() {
    RunnableDispatcher loop = rig().dispatcher();
    List<String> log = new ArrayList<>();
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(
        Tasks.of(
            "task",
            cx -> {
              loop.dispatch(sleeper);
              log.add("polls: " + sleeper.polls);
              loop.dispatch(Tasks.logging(log, "inline"));
              log.add("after, waker of " + cx.taskName());
              cx.waker("the context is still mine");
              return Poll.ready();
            }));

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    assertThat(log).containsExactly("polls: 1", "inline", "after, waker of task");

    sleeper.wakeToEnd();
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
    assertThat(sleeper.polls).isEqualTo(2);
  }

  @Test
  default void dispatchNestsSixteenDeepAndQueuesTheRest() {
    RunnableDispatcher loop = rig().dispatcher();
    int[] depth = {0};
    int[] deepest = {0};
    int[] runs = {0};
    Runnable[] again = new Runnable[1];
    again[0] =
        () -> {
          runs[0]++;
          deepest[0] = Math.max(deepest[0], ++depth[0]);
          if (runs[0] < 1_000) {
            loop.dispatch(again[0]);
          }
          depth[0]--;
        };
    loop.post(again[0]);

    loop.runUntilStalled();

    assertThat(runs[0]).isEqualTo(1_000);
    assertThat(deepest[0]).isEqualTo(1 + 16);
  }

  @Test
  default void dispatchOffTheLoopQueues() {
    RunnableDispatcher loop = rig().dispatcher();
    List<String> log = new ArrayList<>();
    loop.dispatch(() -> log.add("callback"));
    loop.dispatch(Tasks.logging(log, "task"));
    rig().elsewhere(() -> loop.dispatch(() -> log.add("from elsewhere")));
    assertThat(log).isEmpty();

    loop.runUntilStalled();

    assertThat(log).containsExactly("callback", "task", "from elsewhere");
  }

  @Test
  default void dispatchWithinACleanupQueues() {
    RunnableDispatcher loop = rig().dispatcher();
    List<String> log = new ArrayList<>();
    loop.post(
        new Task("cleans") {
          @Override
          protected Poll<Complete> doPoll(Context cx) {
            return Poll.ready();
          }

          @Override
          protected void cleanup() {
            loop.dispatch(() -> log.add("dispatched"));
            log.add("cleaned");
          }
        });

    loop.runUntilStalled();

    assertThat(log).containsExactly("cleaned", "dispatched");
  }

  @Test
  default void dispatchWithinACancelQueues() {
    RunnableDispatcher loop = rig().dispatcher();
    List<String> log = new ArrayList<>();
    var handle =
        loop.spawn(
            new Pollable<Object>() {
              @Override
              public Poll<Object> poll(Context cx) {
                return cx.park();
              }

              @Override
              public void cancel() {
                loop.dispatch(() -> log.add("dispatched"));
                log.add("cancelled");
              }
            });
    loop.runUntilStalled();
    handle.cancel();

    loop.runUntilStalled();

    assertThat(log).containsExactly("cancelled", "dispatched");
  }

  @Test
  default void dispatchWhileDrainingQueues() {
    RunnableDispatcher loop = rig().dispatcher();
    List<String> log = new ArrayList<>();
    loop.post(
        () -> {
          loop.shutdown();
          loop.dispatch(() -> log.add("dispatched"));
          log.add("after");
        });

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.CLOSED);

    assertThat(log).containsExactly("after", "dispatched");
  }

  @Test
  default void whatInlineCodeThrowsGoesToTheHandlerAndNotThroughTheCaller() {
    RunnableDispatcher loop = rig().dispatcher();
    IllegalStateException failure = new IllegalStateException("inline");
    List<String> log = new ArrayList<>();
    loop.post(
        Tasks.of(
            "caller",
            cx -> {
              loop.dispatch(
                  () -> {
                    throw failure;
                  });
              loop.dispatch(
                  Tasks.of(
                      "callee",
                      inner -> {
                        throw failure;
                      }));
              log.add("caller goes on");
              return Poll.ready();
            }));

    loop.runUntilStalled();

    assertThat(log).containsExactly("caller goes on");
    assertThat(rig().takeUncaught())
        .hasSize(2)
        .allSatisfy(u -> assertThat(u.failure()).isSameAs(failure));
  }

  @Test
  default void postAlwaysQueues() {
    RunnableDispatcher loop = rig().dispatcher();
    List<String> log = new ArrayList<>();
    loop.post(
        () -> {
          loop.post(() -> log.add("posted"));
          loop.defer(() -> log.add("deferred"));
          loop.asExecutor().execute(() -> log.add("executed"));
          log.add("after");
        });

    loop.runUntilStalled();

    assertThat(log).containsExactly("after", "posted", "deferred", "executed");
  }

  /**
   * That it wakes nobody is counted by a platform that counts: see HandmadeDispatcherContractTest.
   */
  @Test
  default void whatWasDeferredFromOutsideRunsBeforeAPostThatFollows() throws Exception {
    RunnableDispatcher loop = rig().onSystemClock();
    List<String> log = new ArrayList<>();
    Driving driving = rig().drive(loop, RunnableDispatcher::run).awaitAsleep();

    loop.defer(() -> log.add("deferred"));
    loop.post(
        () -> {
          log.add("posted");
          loop.stop();
        });

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.STOPPED);
    assertThat(log).containsExactly("deferred", "posted");
  }

  @Test
  default void aDeferredCallbackIsFoundWhenTheLoopWakesForATimer() throws Exception {
    RunnableDispatcher loop = rig().onSystemClock();
    Runnable[] tick = new Runnable[1];
    tick[0] = () -> loop.postAfter(Duration.ofMillis(2), tick[0]);
    loop.post(tick[0]);
    Driving driving = rig().drive(loop, RunnableDispatcher::run).awaitAsleep();

    loop.defer(loop::stop);

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.STOPPED);
  }

  @Test
  default void executorViewsOfOneDispatcherAreEqual() {
    RunnableDispatcher loop = rig().dispatcher();
    RunnableDispatcher other = rig().dispatcher();

    assertThat(loop.asExecutor()).isEqualTo(loop.asExecutor()).hasSameHashCodeAs(loop.asExecutor());
    assertThat(loop.asExecutor()).isNotEqualTo(other.asExecutor());
  }

  @Test
  default void aDispatcherItselfIsNoExecutor() {
    assertThat(rig().dispatcher()).isNotInstanceOf(Executor.class);
  }
}
