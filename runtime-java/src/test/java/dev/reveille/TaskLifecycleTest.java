package dev.reveille;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.contract.Rig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** From post to end and back: init, polls, cleanup, and the next stay. */
final class TaskLifecycleTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  // ------------------------------------------------------------------ one stay

  @Test
  void initComesOnceBeforeTheFirstPollAndCleanupOnceAfterTheLast() {
    RecordingTask task = new RecordingTask(log);
    loop.post(task);
    assertThat(log).isEmpty();
    assertThat(task.isPosted()).isTrue();
    loop.runUntilStalled();
    task.wake();
    loop.runUntilStalled();
    task.answer = Poll.ready();
    task.wake();

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(log).containsExactly("init", "poll", "poll", "poll", "cleanup");
    assertThat(task.isPosted()).isFalse();
  }

  @Test
  void aTaskThatFailsIsCleanedUpOnce() {
    RecordingTask task = new RecordingTask(log);
    task.failure = new IOException("gone");
    loop.post(task);

    loop.runUntilStalled();

    assertThat(log).containsExactly("init", "poll", "cleanup");
    assertThat(rig.takeUncaught()).hasSize(1);
  }

  @Test
  void aTaskWhoseInitFailsIsNotPolledButCleanedUp() {
    RecordingTask task = new RecordingTask(log);
    task.initFailure = new IOException("not today");
    JoinHandle<Complete> handle = loop.spawn(task);

    loop.runUntilStalled();

    assertThat(log).containsExactly("init", "cleanup");
    assertThat(rig.takeUncaught())
        .containsExactly(new Rig.Uncaught(loop, "recorder", requireNonNull(task.initFailure)));
    assertThat(handle.isDone()).isTrue();
  }

  @Test
  void aTaskCancelledBeforeItsFirstPollIsNotPolledButCleanedUp() {
    RecordingTask task = new RecordingTask(log);
    JoinHandle<Complete> handle = loop.spawn(task);
    assertThat(handle.cancel()).isTrue();

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(log).containsExactly("cleanup");
    assertThat(handle.toCompletableFuture()).isCancelled();
    assertThat(task.isPosted()).isFalse();
  }

  @Test
  void aSpawnedPollableCancelledBeforeItsFirstPollIsCancelled() {
    Pollable<String> pollable =
        new Pollable<>() {
          @Override
          public Poll<String> poll(Context cx) {
            log.add("poll");
            return cx.park();
          }

          @Override
          public void cancel() {
            log.add("cancel");
          }
        };
    loop.spawn(pollable).cancel();

    loop.runUntilStalled();

    assertThat(log).containsExactly("cancel");
  }

  @Test
  void aPollableIsCancelledIfItIsUnfinishedAndNotIfItCompleted() {
    class Named implements Pollable<String> {
      final String name;
      Poll<String> answer;

      Named(String name, Poll<String> answer) {
        this.name = name;
        this.answer = answer;
      }

      @Override
      public Poll<String> poll(Context cx) {
        cx.waker("cancel");
        return answer;
      }

      @Override
      public void cancel() {
        log.add("cancel of " + name);
      }
    }

    JoinHandle<String> completed = loop.spawn(new Named("completed", Poll.ready("done")));
    JoinHandle<String> pending = loop.spawn(new Named("pending", Poll.pending()));
    loop.runUntilStalled();
    completed.cancel();
    pending.cancel();
    loop.runUntilStalled();

    assertThat(log).containsExactly("cancel of pending");
  }

  // ------------------------------------------------------------------ the order at an end

  @Test
  void atTheEndStateAndWakersGoFirstThenCleanupThenThoseWhoJoined() {
    List<JoinHandle<Complete>> handles = new ArrayList<>();
    RecordingTask task =
        new RecordingTask(log) {
          @Override
          protected void cleanup() {
            wake(); // its wakers are empty by now: no poll comes of it
            log.add("cleanup, joined: " + handles.get(0).isDone() + ", posted: " + isPosted());
          }
        };
    JoinHandle<Complete> handle = loop.spawn(task);
    handles.add(handle);
    Pollable<Complete> join = handle.join();
    loop.spawn(
        "joiner",
        cx -> {
          Poll<Complete> poll = join.poll(cx);
          if (poll.isReady()) {
            log.add("joined, posted: " + task.isPosted());
          }
          return poll;
        });
    loop.runUntilStalled();
    task.answer = Poll.ready();
    task.wake();

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(log)
        .containsExactly(
            "init",
            "poll",
            "poll",
            "cleanup, joined: false, posted: true",
            "joined, posted: false");
  }

  @Test
  void whatATaskPollsIsCancelledBeforeThoseWhoJoinedAreWoken() {
    List<JoinHandle<String>> handles = new ArrayList<>();
    JoinHandle<String> handle =
        loop.spawn(
            new Pollable<>() {
              @Override
              public Poll<String> poll(Context cx) {
                return cx.park();
              }

              @Override
              public void cancel() {
                log.add("cancel, joined: " + handles.get(0).isDone());
              }
            });
    handles.add(handle);
    handle.toCompletableFuture().whenComplete((value, failure) -> log.add("joined"));
    loop.runUntilStalled();
    handle.cancel();

    loop.runUntilStalled();

    assertThat(log).containsExactly("cancel, joined: false", "joined");
  }

  // ------------------------------------------------------------------ the next stay

  @Test
  void aTaskPostedAgainAfterItsEndHasANewStayWithInitAndCleanup() {
    RecordingTask task = new RecordingTask(log);
    task.answer = Poll.ready();
    loop.post(task);
    loop.runUntilStalled();
    loop.post(task);
    loop.runUntilStalled();

    assertThat(log).containsExactly("init", "poll", "cleanup", "init", "poll", "cleanup");
  }

  @Test
  void aLateWakeOfAnOldPostingDoesNotTouchTheNext() {
    RecordingTask task = new RecordingTask(log);
    loop.post(task);
    loop.runUntilStalled();
    Waker old = requireNonNull(task.waker);
    task.answer = Poll.ready();
    task.wake();
    loop.runUntilStalled();
    task.answer = Poll.pending();
    loop.post(task);
    loop.runUntilStalled();
    log.clear();

    old.wake();
    rig.elsewhere(old::wake);
    loop.post(old::wake);
    loop.runUntilStalled();

    assertThat(log).isEmpty();
    assertThat(task.waker).isNotSameAs(old);
  }

  @Test
  void aWakeInTheInboxWhenThePostingEndsDoesNotTouchTheNext() {
    RecordingTask task = new RecordingTask(log);
    loop.post(task);
    loop.runUntilStalled();
    Waker old = requireNonNull(task.waker);
    loop.post(
        () -> {
          task.answer = Poll.ready();
          old.wake(); // local: the task ends in this turn
          rig.elsewhere(old::wake); // foreign: its posting is linked in the inbox when it ends
          loop.post(
              () -> {
                task.answer = Poll.pending();
                loop.post(task);
                log.clear();
              });
        });

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);

    assertThat(log).containsExactly("init", "poll");
  }

  @Test
  void aLateCancelOfAnOldPostingDoesNotTouchTheNext() {
    RecordingTask task = new RecordingTask(log);
    task.answer = Poll.ready();
    JoinHandle<Complete> old = loop.spawn(task);
    loop.runUntilStalled();
    task.answer = Poll.pending();
    JoinHandle<Complete> next = loop.spawn(task);
    loop.runUntilStalled();

    assertThat(old.cancel()).isFalse();
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);

    assertThat(next.isDone()).isFalse();
    assertThat(requireNonNull(task.token).isStopped()).isFalse();
  }

  @Test
  void aTaskPostedFromItsOwnCleanupThrows() {
    Task task =
        new Task("again and again") {
          @Override
          protected Poll<Complete> doPoll(Context cx) {
            return Poll.ready();
          }

          @Override
          protected void cleanup() {
            loop.post(this);
          }
        };
    loop.post(task);

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(rig.takeUncaught())
        .singleElement()
        .satisfies(
            u ->
                assertThat(u.failure())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("'again and again'")
                    .hasMessageContaining("cleanup"));
  }

  @Test
  void aTaskMayBePostedAgainByWhoJoinedIt() {
    RecordingTask task = new RecordingTask(log);
    task.answer = Poll.ready();
    loop.spawn(task).toCompletableFuture().thenRun(() -> loop.post(task));

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(log).containsExactly("init", "poll", "cleanup", "init", "poll", "cleanup");
  }

  // ------------------------------------------------------------------ names

  @Test
  void aTaskWithoutANameIsNamedAfterItsClass() {
    final class Unnamed extends Task {
      @Override
      protected Poll<Complete> doPoll(Context cx) {
        return Poll.ready();
      }
    }

    assertThat(new Unnamed().name()).isEqualTo("Unnamed");
    assertThat(new Unnamed()).hasToString("Unnamed");
    assertThat(new RecordingTask(log).name()).isEqualTo("recorder");
  }
}
