package dev.reveille.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

/** {@code dispatch}, {@code defer} and the view as an Executor. */
public interface DispatchContract extends ContractGroup {

  @Test
  default void dispatchInATurnRunsAtOnce() {
    Dispatcher loop = rig().loop();
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

    rig().settle(loop);

    assertThat(log)
        .containsExactly("before", "inline", "after", "inline in a poll", "after, waker of task");
  }

  @Test
  default void dispatchOfATaskMakesItsFirstPollAtOnce() {
    Dispatcher loop = rig().loop();
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

    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.ASLEEP);
    assertThat(log).containsExactly("polls: 1", "inline", "after, waker of task");

    sleeper.wakeToEnd();
    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.IDLE);
    assertThat(sleeper.polls).isEqualTo(2);
  }

  @Test
  default void dispatchNestsSixteenDeepAndQueuesTheRest() {
    Dispatcher loop = rig().loop();
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

    rig().settle(loop);

    assertThat(runs[0]).isEqualTo(1_000);
    assertThat(deepest[0]).isEqualTo(1 + 16);
  }

  @Test
  default void dispatchOffTheLoopQueues() {
    Dispatcher loop = rig().loop();
    List<String> log = new ArrayList<>();
    loop.dispatch(() -> log.add("callback"));
    loop.dispatch(Tasks.logging(log, "task"));
    rig().elsewhere(() -> loop.dispatch(() -> log.add("from elsewhere")));
    assertThat(log).isEmpty();

    rig().settle(loop);

    assertThat(log).containsExactly("callback", "task", "from elsewhere");
  }

  @Test
  default void dispatchWithinACleanupQueues() {
    Dispatcher loop = rig().loop();
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

    rig().settle(loop);

    assertThat(log).containsExactly("cleaned", "dispatched");
  }

  @Test
  default void dispatchWithinACancelQueues() {
    Dispatcher loop = rig().loop();
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
    rig().settle(loop);
    handle.cancel();

    rig().settle(loop);

    assertThat(log).containsExactly("cancelled", "dispatched");
  }

  @Test
  default void dispatchWhileDrainingQueues() {
    Dispatcher loop = rig().loop();
    List<String> log = new ArrayList<>();
    loop.post(
        () -> {
          loop.shutdown();
          loop.dispatch(() -> log.add("dispatched"));
          log.add("after");
        });

    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.CLOSED);

    assertThat(log).containsExactly("after", "dispatched");
  }

  @Test
  default void whatInlineCodeThrowsGoesToTheHandlerAndNotThroughTheCaller() {
    Dispatcher loop = rig().loop();
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

    rig().settle(loop);

    assertThat(log).containsExactly("caller goes on");
    assertThat(rig().takeUncaught())
        .hasSize(2)
        .allSatisfy(u -> assertThat(u.failure()).isSameAs(failure));
  }

  @Test
  default void postAlwaysQueues() {
    Dispatcher loop = rig().loop();
    List<String> log = new ArrayList<>();
    loop.post(
        () -> {
          loop.post(() -> log.add("posted"));
          loop.defer(() -> log.add("deferred"));
          loop.asExecutor().execute(() -> log.add("executed"));
          log.add("after");
        });

    rig().settle(loop);

    assertThat(log).containsExactly("after", "posted", "deferred", "executed");
  }

  /**
   * That it wakes nobody is counted by a platform that counts: see HandmadeDispatcherContractTest.
   */
  @Test
  default void whatWasDeferredFromOutsideRunsBeforeAPostThatFollows() throws Exception {
    Dispatcher loop = rig().loopOnSystemClock();
    List<String> log = new ArrayList<>();
    CountDownLatch done = new CountDownLatch(1);
    rig().drive(loop).awaitAsleep();

    loop.defer(() -> log.add("deferred"));
    loop.post(
        () -> {
          log.add("posted");
          done.countDown();
        });

    Rig.await(done);
    assertThat(log).containsExactly("deferred", "posted");
  }

  @Test
  default void aDeferredCallbackIsFoundWhenTheLoopWakesForATimer() throws Exception {
    Dispatcher loop = rig().loopOnSystemClock();
    Runnable[] tick = new Runnable[1];
    tick[0] = () -> loop.postAfter(Duration.ofMillis(2), tick[0]);
    loop.post(tick[0]);
    CountDownLatch ran = new CountDownLatch(1);
    rig().drive(loop).awaitAsleep();

    loop.defer(ran::countDown);

    Rig.await(ran);
  }

  @Test
  default void executorViewsOfOneDispatcherAreEqual() {
    Dispatcher loop = rig().loop();
    Dispatcher other = rig().loop();

    assertThat(loop.asExecutor()).isEqualTo(loop.asExecutor()).hasSameHashCodeAs(loop.asExecutor());
    assertThat(loop.asExecutor()).isNotEqualTo(other.asExecutor());
  }

  @Test
  default void aDispatcherItselfIsNoExecutor() {
    assertThat(rig().loop()).isNotInstanceOf(Executor.class);
  }
}
