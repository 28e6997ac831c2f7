package dev.reveille;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.contract.Rig;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Stop, cancel, give up: three kinds, each with one meaning. */
final class TaskCancelTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

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
    RecordingTask task = new RecordingTask(log);
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
    RecordingTask task = new RecordingTask(log);
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
    RecordingTask task = new RecordingTask(log);
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
    RecordingTask task = new RecordingTask(log);
    loop.post(
        () -> {
          rig.elsewhere(() -> loop.post(task));
          task.cancel();
        });

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(log).containsExactly("cleanup");
    assertThat(task.isPosted()).isFalse();
  }
}
