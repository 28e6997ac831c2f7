package dev.reveille;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.contract.Rig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** From post to end and back: init, polls, cancel, cleanup, and the next stay. */
final class TaskLifecycleTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  /** Writes down what happens to it, and does as it is told. */
  private class Recorder extends Task {
    Poll<Complete> answer = Poll.pending();
    @Nullable Exception failure;
    @Nullable Exception initFailure;
    @Nullable Waker waker;
    @Nullable StopToken token;

    Recorder() {
      super("recorder");
    }

    @Override
    protected void init() throws Exception {
      log.add("init");
      if (initFailure != null) {
        throw initFailure;
      }
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) throws Exception {
      log.add("poll");
      waker = cx.waker("the test");
      token = cx.stopToken();
      if (failure != null) {
        throw failure;
      }
      return answer;
    }

    @Override
    protected void cleanup() throws Exception {
      log.add("cleanup");
    }

    void wake() {
      requireNonNull(waker).wake();
    }
  }

  // ------------------------------------------------------------------ one stay

  @Test
  void initComesOnceBeforeTheFirstPollAndCleanupOnceAfterTheLast() {
    Recorder task = new Recorder();
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
    Recorder task = new Recorder();
    task.failure = new IOException("gone");
    loop.post(task);

    loop.runUntilStalled();

    assertThat(log).containsExactly("init", "poll", "cleanup");
    assertThat(rig.takeUncaught()).hasSize(1);
  }

  @Test
  void aTaskWhoseInitFailsIsNotPolledButCleanedUp() {
    Recorder task = new Recorder();
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
    Recorder task = new Recorder();
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
    Recorder task =
        new Recorder() {
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
    Recorder task = new Recorder();
    task.answer = Poll.ready();
    loop.post(task);
    loop.runUntilStalled();
    loop.post(task);
    loop.runUntilStalled();

    assertThat(log).containsExactly("init", "poll", "cleanup", "init", "poll", "cleanup");
  }

  @Test
  void aLateWakeOfAnOldPostingDoesNotTouchTheNext() {
    Recorder task = new Recorder();
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
    Recorder task = new Recorder();
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
    Recorder task = new Recorder();
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
    Recorder task = new Recorder();
    task.answer = Poll.ready();
    loop.spawn(task).toCompletableFuture().thenRun(() -> loop.post(task));

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(log).containsExactly("init", "poll", "cleanup", "init", "poll", "cleanup");
  }

  // ------------------------------------------------------------------ cancel, three kinds

  @Test
  void aStopIsPoliteAndTheTaskDecides() {
    StopSource source = new StopSource();
    List<Poll<?>> polls = new ArrayList<>();
    JoinHandle<String> handle =
        loop.spawn(
            "polite",
            cx -> {
              Poll<Complete> stopped = source.token().pollStopped(cx);
              polls.add(stopped);
              return stopped.map(complete -> "went in peace");
            });
    loop.runUntilStalled();

    source.stop();
    loop.runUntilStalled();

    assertThat(polls).hasSize(2);
    assertThat(handle.toCompletableFuture()).isCompletedWithValue("went in peace");
  }

  @Test
  void aCancelIsARequestThatTheLoopCarriesOutInATurnOfItsOwn() {
    Recorder task = new Recorder();
    JoinHandle<Complete> handle = loop.spawn(task);
    loop.runUntilStalled();
    log.clear();
    loop.post(
        () -> {
          log.add("cancel asked: " + handle.cancel());
          log.add("stop at once: " + requireNonNull(task.token).isStopped());
        });
    loop.post(() -> log.add("next"));

    loop.runUntilStalled();

    assertThat(log).containsExactly("cancel asked: true", "stop at once: true", "next", "cleanup");
    assertThat(handle.cancel()).isFalse();
  }

  @Test
  void cancelOfAPostedTaskIsTheSameRequest() {
    Recorder task = new Recorder();
    JoinHandle<Complete> handle = loop.spawn(task);
    loop.runUntilStalled();

    rig.elsewhere(task::cancel);
    assertThat(task.isPosted()).isTrue();
    loop.runUntilStalled();

    assertThat(log).containsExactly("init", "poll", "cleanup");
    assertThat(handle.toCompletableFuture()).isCancelled();
  }

  @Test
  void aResultThatIsThereFirstWinsOverACancel() {
    List<JoinHandle<String>> handles = new ArrayList<>();
    handles.add(
        loop.spawn(
            "cancelled while it runs",
            cx -> {
              assertThat(handles.get(0).cancel()).isTrue();
              assertThat(cx.stopToken().isStopped()).isTrue();
              return Poll.ready("result");
            }));

    loop.runUntilStalled();

    assertThat(handles.get(0).toCompletableFuture()).isCompletedWithValue("result");
  }

  @Test
  void aTaskCancelledWhileItRunsEndsAtItsNextTurnIfItIsPending() {
    List<JoinHandle<String>> handles = new ArrayList<>();
    int[] polls = {0};
    handles.add(
        loop.spawn(
            "cancelled while it runs",
            cx -> {
              polls[0]++;
              handles.get(0).cancel();
              return Poll.pending(); // without a waker: the cancel is the wake
            }));

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(polls[0]).isEqualTo(1);
    assertThat(handles.get(0).toCompletableFuture()).isCancelled();
  }

  /** The handle comes to the loop before the posting itself, which is still in the inbox. */
  @Test
  void aTaskSpawnedElsewhereMayBeCancelledOnTheLoopBeforeTheLoopHasTakenIt() {
    Recorder task = new Recorder();
    List<JoinHandle<Complete>> handles = new ArrayList<>();
    loop.post(
        () -> {
          rig.elsewhere(() -> handles.add(loop.spawn(task)));
          handles.get(0).cancel();
        });
    loop.post(() -> log.add("next"));

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(log).containsExactlyInAnyOrder("next", "cleanup");
    assertThat(handles.get(0).toCompletableFuture()).isCancelled();
    assertThat(task.isPosted()).isFalse();
    assertThat(loop.snapshot().tasks()).isEmpty();
  }

  @Test
  void aTaskPostedElsewhereMayBeCancelledOnTheLoopBeforeTheLoopHasTakenIt() {
    Recorder task = new Recorder();
    loop.post(
        () -> {
          rig.elsewhere(() -> loop.post(task));
          task.cancel();
        });

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(log).containsExactly("cleanup");
    assertThat(task.isPosted()).isFalse();
  }

  // ------------------------------------------------------------------ as a child

  @Test
  void aTaskMayBePolledByAParent() {
    Recorder child = new Recorder();
    JoinHandle<String> parent =
        loop.spawn("parent", cx -> child.poll(cx).map(complete -> "child done"));
    loop.runUntilStalled();
    assertThat(child.isPosted()).isFalse();
    child.answer = Poll.ready();
    child.wake();

    loop.runUntilStalled();

    assertThat(log).containsExactly("init", "poll", "poll", "cleanup");
    assertThat(parent.toCompletableFuture()).isCompletedWithValue("child done");
  }

  @Test
  void aChildThatAParentGivesUpIsCleanedUpAtOnceAndOnce() {
    Recorder child = new Recorder();
    JoinHandle<Complete> parent =
        loop.spawn("parent", Pollable.owning(List.of(child), cx -> child.poll(cx)));
    loop.runUntilStalled();

    parent.cancel();
    loop.runUntilStalled();
    child.cancel();

    assertThat(log).containsExactly("init", "poll", "cleanup");
  }

  @Test
  void aChildThatFailsIsCleanedUpAndItsParentGetsTheFailure() {
    Recorder child = new Recorder();
    child.failure = new IOException("gone");
    loop.spawn("parent", cx -> child.poll(cx));

    loop.runUntilStalled();

    assertThat(log).containsExactly("init", "poll", "cleanup");
    assertThat(rig.takeUncaught())
        .containsExactly(new Rig.Uncaught(loop, "parent", requireNonNull(child.failure)));
  }

  @Test
  void aChildPolledAfterItsEndThrowsByName() {
    Recorder child = new Recorder();
    child.answer = Poll.ready();
    loop.spawn(
        "parent",
        cx -> {
          child.poll(cx);
          return child.poll(cx);
        });

    loop.runUntilStalled();

    assertThat(log).containsExactly("init", "poll", "cleanup");
    assertThat(rig.takeUncaught())
        .singleElement()
        .satisfies(u -> assertThat(u.failure()).hasMessageContaining("'recorder'"));
  }

  @Test
  void aTaskThatAParentPollsCanNotBePostedAsWell() {
    Recorder child = new Recorder();
    loop.spawn("parent", cx -> child.poll(cx));
    loop.runUntilStalled();

    assertThatThrownBy(() -> loop.post(child))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'recorder'");

    child.answer = Poll.ready();
    child.wake();
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
    assertThat(log).containsExactly("init", "poll", "poll", "cleanup");
  }

  @Test
  void aTaskThatEndedAsAChildMayBePosted() {
    Recorder child = new Recorder();
    child.answer = Poll.ready();
    loop.spawn("parent", cx -> child.poll(cx));
    loop.runUntilStalled();

    loop.post(child);
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(log).containsExactly("init", "poll", "cleanup", "init", "poll", "cleanup");
  }

  @Test
  void cancelOfATaskThatIsNowhereDoesNothing() {
    Recorder task = new Recorder();

    task.cancel();

    assertThat(log).isEmpty();
  }

  @Test
  void whatACleanupDispatchesIsQueuedAlsoOfAChild() {
    Recorder child =
        new Recorder() {
          @Override
          protected void cleanup() {
            loop.dispatch(() -> log.add("dispatched"));
            log.add("cleanup");
          }
        };
    child.answer = Poll.ready();
    loop.spawn("parent", cx -> child.poll(cx));

    loop.runUntilStalled();

    assertThat(log).containsExactly("init", "poll", "cleanup", "dispatched");
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
    assertThat(new Recorder().name()).isEqualTo("recorder");
  }
}
