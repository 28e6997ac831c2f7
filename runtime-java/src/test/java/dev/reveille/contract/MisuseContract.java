package dev.reveille.contract;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.Task;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What programs do wrong is told at once, by name. */
public interface MisuseContract extends ContractGroup {

  @Test
  default void postingWhatIsPostedThrowsByName() {
    Dispatcher loop = rig().loop();
    Dispatcher other = rig().loop();
    Sleeper sleeper = new Sleeper("already there");
    loop.post(sleeper);

    assertThatThrownBy(() -> loop.post(sleeper))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'already there'");
    assertThatThrownBy(() -> other.post(sleeper)).hasMessageContaining("'already there'");
    assertThatThrownBy(() -> loop.spawn(sleeper)).hasMessageContaining("'already there'");
    rig().settle(loop);
    assertThatThrownBy(() -> loop.dispatch(sleeper)).hasMessageContaining("'already there'");

    sleeper.wakeToEnd();
    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.IDLE);
    assertThat(sleeper.polls).isEqualTo(2);
    assertThat(sleeper.cleanups).isEqualTo(1);
  }

  @Test
  default void pollingAnOperationAfterReadyThrowsByName() {
    Dispatcher loop = rig().loop();
    Operation<String> operation =
        new Operation<>("read of a page") {
          @Override
          protected Poll<String> doPoll(Context cx) {
            return Poll.ready("page");
          }
        };
    loop.spawn(
        "reads twice",
        cx -> {
          operation.poll(cx);
          return operation.poll(cx);
        });

    rig().settle(loop);

    assertThat(rig().takeUncaught())
        .singleElement()
        .satisfies(
            u ->
                assertThat(u.failure())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("'read of a page'"));
  }

  @Test
  default void pollingAPostedTaskFromElsewhereThrowsByName() {
    Dispatcher loop = rig().loop();
    Sleeper sleeper = new Sleeper("posted one");
    loop.post(sleeper);
    loop.spawn("thinks it owns it", cx -> sleeper.poll(cx));

    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.ASLEEP);

    assertThat(rig().takeUncaught())
        .singleElement()
        .satisfies(u -> assertThat(u.failure()).hasMessageContaining("'posted one'"));
    assertThat(sleeper.polls).isEqualTo(1);
  }

  @Test
  default void aContextUsedOutsideItsPollThrowsByName() {
    Dispatcher loop = rig().loop();
    Context[] kept = new Context[1];
    loop.post(
        Tasks.of(
            "keeper",
            cx -> {
              kept[0] = cx;
              return cx.park();
            }));
    rig().settle(loop);
    Context cx = requireNonNull(kept[0]);

    assertThatThrownBy(() -> cx.waker("too late"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'keeper'");
    assertThatThrownBy(cx::park).hasMessageContaining("'keeper'");
    assertThatThrownBy(cx::tryProceed).hasMessageContaining("'keeper'");
    assertThatThrownBy(cx::dispatcher).hasMessageContaining("'keeper'");
    assertThatThrownBy(cx::stopToken).hasMessageContaining("'keeper'");
  }

  @Test
  default void aPostAfterTheCloseIsRefusedByName() {
    Dispatcher loop = rig().loop();
    RecordingOwner owner = new RecordingOwner();
    Task task = new Sleeper("too late");
    loop.close();

    assertThatThrownBy(() -> loop.post(task))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("'too late'")
        .hasMessageContaining("'loop'");
    assertThat(task.isPosted()).isFalse();
    assertThatThrownBy(() -> loop.dispatch(task)).isInstanceOf(RejectedExecutionException.class);
    assertThat(task.isPosted()).isFalse();
    assertThatThrownBy(() -> loop.post(new Named("late callback")))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("late callback");
    assertThatThrownBy(() -> loop.dispatch(() -> {}))
        .isInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(() -> loop.defer(() -> {})).isInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(() -> loop.postAt(0, () -> {}))
        .isInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(() -> loop.post(owner, () -> {}))
        .isInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(() -> loop.postAt(0, owner, () -> {}))
        .isInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(() -> loop.asExecutor().execute(() -> {}))
        .isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  default void aRefusedTaskMayBePostedElsewhere() {
    Dispatcher loop = rig().loop();
    Dispatcher other = rig().loop();
    Sleeper sleeper = new Sleeper("refused");
    loop.close();
    assertThatThrownBy(() -> loop.post(sleeper)).isInstanceOf(RejectedExecutionException.class);

    other.post(sleeper);
    rig().settle(other);

    assertThat(sleeper.polls).isEqualTo(1);
    assertThat(sleeper.cleanups).isZero();
  }

  @Test
  default void aRefusedSpawnGivesACancelledHandleAndLeavesThePollableUntouched() {
    Dispatcher loop = rig().loop();
    loop.close();
    int[] calls = {0};
    Pollable<String> pollable =
        new Pollable<>() {
          @Override
          public Poll<String> poll(Context cx) {
            calls[0]++;
            return Poll.ready("never");
          }

          @Override
          public void cancel() {
            calls[0]++;
          }
        };
    Sleeper sleeper = new Sleeper("refused");

    JoinHandle<String> handle = loop.spawn(pollable);
    JoinHandle<?> handleOfATask = loop.spawn(sleeper);

    assertThat(handle.isDone()).isTrue();
    assertThat(handle.toCompletableFuture()).isCancelled();
    assertThat(handle.cancel()).isFalse();
    assertThat(calls[0]).isZero();
    assertThat(handleOfATask.isDone()).isTrue();
    assertThat(sleeper.isPosted()).isFalse();
    assertThat(sleeper.cleanups).isZero();
  }

  @Test
  default void aTaskThatReturnsNoPollFailsByName() {
    Dispatcher loop = rig().loop();
    loop.spawn("returns null", cx -> nothing());

    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.IDLE);

    assertThat(rig().takeUncaught())
        .singleElement()
        .satisfies(
            u ->
                assertThat(u.failure())
                    .isInstanceOf(NullPointerException.class)
                    .hasMessageContaining("'returns null'"));
  }

  @SuppressWarnings("NullAway") // the misuse itself
  private static Poll<Object> nothing() {
    @Nullable Poll<Object> none = null;
    return none;
  }

  /** A callback with a name. */
  record Named(String name) implements Runnable {
    @Override
    public void run() {}

    @Override
    public String toString() {
      return name;
    }
  }
}
