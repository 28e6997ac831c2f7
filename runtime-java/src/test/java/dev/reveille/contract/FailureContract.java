package dev.reveille.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.Task;
import dev.reveille.Timer;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A failure ends what failed, reaches whom it concerns, and nobody else. */
public interface FailureContract extends ContractGroup {

  @Test
  default void aFailureOfATaskThatNobodyJoinedGoesToTheHandlerWithItsName() {
    Dispatcher loop = rig().loop();
    IOException failure = new IOException("gone");
    loop.post(
        Tasks.of(
            "reader",
            cx -> {
              throw failure;
            }));
    loop.spawn(
        "spawned reader",
        cx -> {
          throw failure;
        });

    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.IDLE);

    assertThat(rig().takeUncaught())
        .containsExactly(
            new Rig.Uncaught(loop, "reader", failure),
            new Rig.Uncaught(loop, "spawned reader", failure));
  }

  @Test
  default void aFailureOfATaskThatSomebodyJoinedGoesThereOnly() {
    Dispatcher loop = rig().loop();
    IOException failure = new IOException("gone");
    JoinHandle<Object> handle =
        loop.spawn(
            "reader",
            cx -> {
              throw failure;
            });
    var future = handle.toCompletableFuture();

    rig().settle(loop);

    assertThat(rig().takeUncaught()).isEmpty();
    assertThat(future).failsWithin(Duration.ZERO).withThrowableThat().withCause(failure);
  }

  @Test
  default void aFailureOfACallbackGoesToTheHandlerWithItsName() {
    Dispatcher loop = rig().loop();
    IllegalStateException failure = new IllegalStateException("callback");
    loop.post(
        new Runnable() {
          @Override
          public void run() {
            throw failure;
          }

          @Override
          public String toString() {
            return "old callback";
          }
        });
    loop.postAfter(
        Duration.ZERO,
        () -> {
          throw failure;
        });
    loop.post(
        new RecordingOwner(),
        () -> {
          throw failure;
        });

    rig().settle(loop);

    List<Rig.Uncaught> failures = rig().takeUncaught();
    assertThat(failures).hasSize(3);
    assertThat(failures).allSatisfy(u -> assertThat(u.failure()).isSameAs(failure));
    assertThat(failures).extracting(Rig.Uncaught::name).contains("old callback");
    assertThat(failures)
        .extracting(Rig.Uncaught::name)
        .anySatisfy(name -> assertThat(name).contains("FailureContract"));
  }

  @Test
  default void aFailureOfACleanupGoesToTheHandlerAndTheTaskHasItsResultAllTheSame() {
    Dispatcher loop = rig().loop();
    IllegalStateException failure = new IllegalStateException("cleanup");
    JoinHandle<?> handle =
        loop.spawn(
            new Task("messy") {
              @Override
              protected Poll<Complete> doPoll(Context cx) {
                return Poll.ready();
              }

              @Override
              protected void cleanup() {
                throw failure;
              }
            });

    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.IDLE);

    assertThat(rig().takeUncaught())
        .singleElement()
        .satisfies(
            u -> {
              assertThat(u.name()).contains("messy");
              assertThat(u.failure()).isSameAs(failure);
            });
    assertThat(handle.toCompletableFuture()).isCompleted();
  }

  @Test
  default void aFailureOfACancelGoesToTheHandler() {
    Dispatcher loop = rig().loop();
    IllegalStateException failure = new IllegalStateException("cancel");
    JoinHandle<Object> handle =
        loop.spawn(
            "sticky",
            new Pollable<>() {
              @Override
              public Poll<Object> poll(Context cx) {
                return cx.park();
              }

              @Override
              public void cancel() {
                throw failure;
              }
            });
    rig().settle(loop);
    handle.cancel();

    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.IDLE);

    assertThat(rig().takeUncaught())
        .singleElement()
        .satisfies(
            u -> {
              assertThat(u.name()).contains("sticky");
              assertThat(u.failure()).isSameAs(failure);
            });
    assertThat(handle.toCompletableFuture()).isCancelled();
  }

  @Test
  default void theLoopSurvivesEveryThrowable() {
    Dispatcher loop = rig().loop();
    List<Throwable> failures =
        List.of(
            new RuntimeException("unchecked"),
            new Exception("checked"),
            new OutOfMemoryError("as if"),
            new NoClassDefFoundError("as if"),
            new AssertionError("error"),
            new Throwable("neither exception nor error"));
    for (Throwable failure : failures) {
      loop.post(
          Tasks.of(
              "task",
              cx -> {
                throw FailureContract.<RuntimeException>sneaky(failure);
              }));
      loop.post(
          () -> {
            throw FailureContract.<RuntimeException>sneaky(failure);
          });
    }
    boolean[] ran = {false};
    loop.post(() -> ran[0] = true);

    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.IDLE);

    assertThat(rig().takeUncaught()).hasSize(2 * failures.size());
    assertThat(ran[0]).isTrue();
  }

  @Test
  default void theLoopSurvivesAnOverflowOfTheStack() {
    Dispatcher loop = rig().loop();
    loop.post(() -> overflow(0));
    loop.spawn("deep", cx -> Poll.ready(overflow(0)));
    boolean[] ran = {false};
    loop.post(() -> ran[0] = true);

    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.IDLE);

    assertThat(rig().takeUncaught())
        .hasSize(2)
        .allSatisfy(u -> assertThat(u.failure()).isInstanceOf(StackOverflowError.class));
    assertThat(ran[0]).isTrue();
  }

  /** Its messages go to the log, since there is nobody else. */
  @Test
  default void theLoopSurvivesAHandlerThatThrows() {
    Dispatcher loop =
        rig()
            .loop(
                options ->
                    options.withUncaughtHandler(
                        (d, name, t) -> {
                          throw new Expected("the handler failed");
                        }));
    loop.post(
        () -> {
          throw new Expected("the callback failed");
        });
    boolean[] ran = {false};
    loop.post(() -> ran[0] = true);

    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.IDLE);

    assertThat(ran[0]).isTrue();
  }

  /** A Waker must not throw; one that does all the same, of a sub-scheduler, harms only itself. */
  @Test
  default void theLoopSurvivesAWakerThatThrows() {
    Dispatcher loop = rig().loop();
    IllegalStateException failure = new IllegalStateException("waker");
    Timer timer = new Timer(loop);
    timer.resetAt(10);
    JoinHandle<Object> joined = loop.spawn("joined", cx -> cx.park());
    Pollable<Object> join = joined.join();
    loop.spawn(
        "sub-scheduler",
        cx -> {
          Context derived =
              cx.withWaker(
                  () -> {
                    throw failure;
                  });
          timer.poll(derived);
          join.poll(derived);
          return cx.park();
        });
    boolean[] ran = {false};
    loop.postAt(10, () -> ran[0] = true);
    rig().settle(loop);

    rig().advance(Duration.ofNanos(10));
    joined.cancel();
    rig().settle(loop);

    assertThat(ran[0]).isTrue();
    assertThat(joined.isDone()).isTrue();
    assertThat(rig().takeUncaught())
        .hasSize(2)
        .allSatisfy(u -> assertThat(u.failure()).isSameAs(failure));
  }

  @Test
  default void aFailedTaskIsCleanedUp() {
    Dispatcher loop = rig().loop();
    int[] cleanups = {0};
    Task task =
        new Task("fails") {
          @Override
          protected Poll<Complete> doPoll(Context cx) throws IOException {
            throw new IOException("gone");
          }

          @Override
          protected void cleanup() {
            cleanups[0]++;
          }
        };
    loop.post(task);

    rig().settle(loop);

    assertThat(cleanups[0]).isEqualTo(1);
    assertThat(task.isPosted()).isFalse();
    assertThat(rig().takeUncaught()).hasSize(1);
  }

  private static int overflow(int depth) {
    return depth < 0 ? 0 : 1 + overflow(depth + 1);
  }

  @SuppressWarnings("unchecked") // the point of it: an unchecked throw of anything
  private static <T extends Throwable> T sneaky(Throwable t) throws T {
    throw (T) t;
  }

  /** A failure that gets into the log, where it shall not look like a defect of the test. */
  final class Expected extends RuntimeException {
    Expected(String message) {
      super("expected by the test: " + message, null, true, false);
    }
  }
}
