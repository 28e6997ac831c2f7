package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The run queue knows tasks by number, and numbers are used again: never for the wrong one. */
final class SlotReuseTest {
  private final BasicDispatcher dispatcher = new BasicDispatcher();
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void close() {
    dispatcher.close();
  }

  private Task task(String name, Runnable inCleanup) {
    return new Task(name) {
      @Override
      protected Poll<Complete> doPoll(Context cx) {
        log.add(name);
        return Poll.ready();
      }

      @Override
      protected void cleanup() {
        inCleanup.run();
      }
    };
  }

  /** Completes although it is queued once more. */
  private Task wokenInItsLastPoll(Runnable inCleanup) {
    return new Task("ending") {
      @Override
      protected Poll<Complete> doPoll(Context cx) {
        log.add("ending");
        cx.waker("nothing").wake();
        return Poll.ready();
      }

      @Override
      protected void cleanup() {
        inCleanup.run();
      }
    };
  }

  @Test
  void whoComesAfterOneThatEndedWhileQueuedDoesNotGetItsTurn() {
    dispatcher.post(
        wokenInItsLastPoll(
            () -> {
              dispatcher.post(() -> log.add("callback"));
              dispatcher.post(task("next", () -> {}));
            }));
    dispatcher.runToCompletion();

    assertThat(log).containsExactly("ending", "callback", "next");
    assertThat(dispatcher.snapshot().tasks()).isEmpty();
  }

  @Test
  void aSlotIsFreeAgainWhenTheStaleTurnIsOver() {
    for (int i = 0; i < 1_000; i++) {
      dispatcher.post(wokenInItsLastPoll(() -> {}));
      dispatcher.runToCompletion();
    }
    dispatcher.spawn("last", cx -> cx.park());
    dispatcher.runUntilStalled();
    assertThat(dispatcher.loop.registry.toList())
        .singleElement()
        .satisfies(posting -> assertThat(posting.slot).isLessThan(2));
  }

  /** What a cleanup posts may get the very slot: it is not what is running. */
  @Test
  void whatACleanupPostsIsNotTakenForTheTaskThatRuns() {
    List<TaskSnapshot.State> states = new ArrayList<>();
    Task ending =
        task(
            "ending",
            () -> {
              dispatcher.post(task("next", () -> {}));
              dispatcher.snapshot().tasks().forEach(each -> states.add(each.state()));
            });
    dispatcher.post(ending);
    dispatcher.runToCompletion();

    assertThat(states).containsExactly(TaskSnapshot.State.QUEUED);
    assertThat(log).containsExactly("ending", "next");
  }
}
