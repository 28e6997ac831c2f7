package dev.reveille;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.contract.Rig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A task that a parent polls. */
final class ChildTaskTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  @Test
  void aTaskMayBePolledByAParent() {
    RecordingTask child = new RecordingTask(log);
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
    RecordingTask child = new RecordingTask(log);
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
    RecordingTask child = new RecordingTask(log);
    child.failure = new IOException("gone");
    loop.spawn("parent", cx -> child.poll(cx));

    loop.runUntilStalled();

    assertThat(log).containsExactly("init", "poll", "cleanup");
    assertThat(rig.takeUncaught())
        .containsExactly(new Rig.Uncaught(loop, "parent", requireNonNull(child.failure)));
  }

  @Test
  void aChildPolledAfterItsEndThrowsByName() {
    RecordingTask child = new RecordingTask(log);
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
    RecordingTask child = new RecordingTask(log);
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
    RecordingTask child = new RecordingTask(log);
    child.answer = Poll.ready();
    loop.spawn("parent", cx -> child.poll(cx));
    loop.runUntilStalled();

    loop.post(child);
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(log).containsExactly("init", "poll", "cleanup", "init", "poll", "cleanup");
  }

  @Test
  void cancelOfATaskThatIsNowhereDoesNothing() {
    RecordingTask task = new RecordingTask(log);

    task.cancel();

    assertThat(log).isEmpty();
  }

  @Test
  void whatACleanupDispatchesIsQueuedAlsoOfAChild() {
    RecordingTask child =
        new RecordingTask(log) {
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
}
