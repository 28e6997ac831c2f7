package dev.reveille.callbacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.combine.Pollables;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A callback at the end of a task. */
final class OnCompleteTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final IOException gone = new IOException("gone");
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  /** Waits for ever, and logs how it ends. */
  private final class Waiting extends Operation<String> {
    Waiting() {
      super("a wait");
    }

    @Override
    protected Poll<String> doPoll(Context cx) {
      log.add("polled");
      return cx.park();
    }

    @Override
    protected void doCancel() {
      log.add("given up");
    }
  }

  private final class Logging implements CompletionCallback<@Nullable Object> {
    @Override
    public void completed(@Nullable Object value) {
      log.add("completed: " + value);
    }

    @Override
    public void failed(Throwable cause) {
      log.add("failed: " + cause.getMessage());
    }

    @Override
    public void cancelled(CancellationException cause) {
      log.add("cancelled: " + cause.getMessage());
    }
  }

  // ------------------------------------------------------------------ the three ends

  @Test
  void theCallbackIsNotCalledBeforeTheEndAndThenOnceWithTheValue() {
    AtomicReference<@Nullable String> arrived = new AtomicReference<>();
    Pollable<String> waiting =
        cx -> {
          String value = arrived.get();
          return value == null ? cx.park() : Poll.ready(value);
        };
    Callbacks.onComplete(loop, waiting, new Logging());
    loop.runUntilStalled();
    assertThat(log).isEmpty();

    arrived.set("value");
    loop.close();
    assertThat(log).singleElement().asString().startsWith("cancelled");

    RunnableDispatcher other = rig.dispatcher();
    Callbacks.onComplete(other, waiting, new Logging());
    other.runToCompletion();
    assertThat(log).hasSize(2).last().isEqualTo("completed: value");
  }

  @Test
  void valueFailureAndCancelAreToldApart() {
    Callbacks.onComplete(loop, Pollables.ready("value"), new Logging());
    Callbacks.onComplete(loop, Pollables.failed(gone), new Logging());
    Callbacks.onComplete(loop, Pollables.failed(new CancellationException("me")), new Logging());
    Callbacks.onComplete(loop, new Waiting(), new Logging()).cancel();

    loop.runToCompletion();

    assertThat(log)
        .containsExactlyInAnyOrder(
            "completed: value",
            "failed: gone",
            "cancelled: me",
            "given up",
            "cancelled: 'a wait' was cancelled");
  }

  @Test
  void nullIsAValue() {
    Pollable<@Nullable String> nothing = Pollables.ready(null);

    Callbacks.onComplete(loop, nothing, new Logging());
    loop.runToCompletion();

    assertThat(log).containsExactly("completed: null");
  }

  @Test
  void aLambdaGetsTheValueOrTheFailure() {
    Callbacks.<String>onComplete(
        loop, Pollables.ready("value"), (value, error) -> log.add(value + " " + error));
    Callbacks.<String>onComplete(
        loop, Pollables.failed(gone), (value, error) -> log.add(value + " " + (error == gone)));
    Callbacks.<String>onComplete(
            loop,
            new Waiting(),
            (value, error) -> log.add(value + " " + (error instanceof CancellationException)))
        .cancel();

    loop.runToCompletion();

    assertThat(log).containsExactlyInAnyOrder("value null", "null true", "given up", "null true");
  }

  @Test
  void aPollableThatBreaksTheRulesHasFailedAndIsGivenUp() {
    class Rude extends Operation<String> {
      Rude() {
        super("rude");
      }

      @Override
      protected Poll<String> doPoll(Context cx) {
        return Poll.pending(); // nobody will wake it
      }

      @Override
      protected void doCancel() {
        log.add("given up");
      }
    }

    Callbacks.onComplete(loop, new Rude(), new Logging());
    loop.runToCompletion();

    assertThat(log).hasSize(2).first().isEqualTo("given up");
    assertThat(log.get(1)).startsWith("failed: ").contains("rude");
  }

  // ------------------------------------------------------------------ when and where

  @Test
  void theCallbackIsCalledOnTheLoopWhenTheTaskHasEndedAndAfterWhatWasQueued() {
    AtomicReference<JoinHandle<Complete>> handle = new AtomicReference<>();
    handle.set(
        Callbacks.<String>onComplete(
            loop,
            cx -> {
              cx.dispatcher().post(() -> log.add("queued before the end"));
              return Poll.ready("value");
            },
            (value, error) ->
                log.add("ended: " + handle.get().isDone() + ", on the loop: " + loop.onLoop())));

    loop.runToCompletion();

    assertThat(log).containsExactly("queued before the end", "ended: true, on the loop: true");
  }

  @Test
  void aCallbackMayBeginTheNextOneTenThousandTimesWithoutNesting() {
    AtomicInteger rounds = new AtomicInteger();
    class Again {
      void next() {
        Callbacks.<String>onComplete(
            loop,
            Pollables.ready("value"),
            (value, error) -> {
              if (rounds.incrementAndGet() < 10_000) {
                next();
              }
            });
      }
    }

    new Again().next();
    loop.runToCompletion();

    assertThat(rounds).hasValue(10_000);
  }

  @Test
  void whatACallbackThrowsGoesToTheUncaughtHandlerByTheNameOfTheTask() {
    IllegalStateException broken = new IllegalStateException("broken");
    JoinHandle<Complete> handle =
        Callbacks.<String>onComplete(
            loop,
            Pollables.ready("value"),
            (value, error) -> {
              log.add("called");
              throw broken;
            });

    loop.runToCompletion();

    assertThat(log).containsExactly("called");
    assertThat(handle.isDone()).isTrue();
    assertThat(rig.takeUncaught())
        .singleElement()
        .satisfies(
            u -> {
              assertThat(u.failure()).isSameAs(broken);
              assertThat(u.name()).isEqualTo("callback of 'ready'");
            });
  }

  @Test
  void aFailureThatTheCallbackWasToldIsNotUncaughtOnAnyThread() {
    loop.workGuard();
    rig.drive(loop, RunnableDispatcher::run);
    AtomicInteger told = new AtomicInteger();
    for (int i = 0; i < 2_000; i++) {
      Callbacks.<String>onComplete(
          loop, Pollables.failed(gone), (value, error) -> told.incrementAndGet());
    }
    Rig.awaitState("all were told", () -> told.get() == 2_000);
    // the rig fails the test if one of them was uncaught
  }

  // ------------------------------------------------------------------ giving up, the end

  @Test
  void aResultThatIsThereFirstWinsOverTheCancel() {
    JoinHandle<Complete> handle =
        Callbacks.onComplete(loop, Pollables.ready("value"), new Logging());
    loop.runToCompletion();

    assertThat(handle.cancel()).isFalse();
    loop.runToCompletion();

    assertThat(log).containsExactly("completed: value");
  }

  @Test
  void aCancelBeforeTheFirstPollIsToldToo() {
    Callbacks.onComplete(loop, new Waiting(), new Logging()).cancel();

    loop.runToCompletion();

    assertThat(log).containsExactly("given up", "cancelled: 'a wait' was cancelled");
  }

  @Test
  void theCloseOfTheDispatcherTellsTheCallbacksOfAllThatWasAccepted() throws Exception {
    List<JoinHandle<Complete>> handles = new ArrayList<>();
    handles.add(
        Callbacks.<String>onComplete(
            loop,
            new Waiting(),
            (value, error) ->
                log.add("all had ended: " + handles.stream().allMatch(JoinHandle::isDone))));
    handles.add(Callbacks.onComplete(loop, new Waiting(), new Logging()));
    loop.runUntilStalled();
    handles.add(Callbacks.onComplete(loop, new Waiting(), new Logging())); // never polled
    log.clear();

    rig.elsewhere(loop::close);

    assertThat(log)
        .containsExactlyInAnyOrder(
            "given up",
            "given up",
            "given up",
            "cancelled: 'a wait' was cancelled",
            "cancelled: 'a wait' was cancelled",
            "all had ended: true");
  }

  @Test
  void aCallbackThatWasQueuedWhenTheDispatcherIsClosedIsCalledAllTheSame() {
    Callbacks.<String>onComplete(
        loop,
        cx -> {
          loop.stop(); // after this poll
          return Poll.ready("value");
        },
        (value, error) -> log.add(value));
    loop.run();
    assertThat(log).isEmpty();

    loop.close();

    assertThat(log).containsExactly("value");
  }

  @Test
  void whatCallbacksThrowInTheCloseIsUncaughtAndTheOthersAreCalled() {
    IllegalStateException broken = new IllegalStateException("broken");
    Callbacks.<String>onComplete(
        loop,
        new Waiting(),
        (value, error) -> {
          throw broken;
        });
    Callbacks.onComplete(loop, new Waiting(), new Logging());

    loop.close();

    assertThat(log).last().asString().startsWith("cancelled");
    assertThat(rig.takeUncaught())
        .extracting(Rig.Uncaught::failure)
        .containsExactly((Throwable) broken);
  }

  @Test
  void aClosedDispatcherRefusesAndTheCallbackIsToldHereAndOnce() {
    loop.close();
    List<Thread> threads = new ArrayList<>();

    JoinHandle<Complete> handle =
        Callbacks.<String>onComplete(
            loop,
            new Waiting(),
            (value, error) -> {
              threads.add(Thread.currentThread());
              assertThat(error)
                  .isInstanceOf(RejectedExecutionException.class)
                  .hasMessageContainingAll("'a wait'", "'loop' is closed");
            });

    assertThat(threads).containsExactly(Thread.currentThread());
    assertThat(handle.isDone()).isTrue();
    assertThat(handle.cancel()).isFalse();
    assertThat(log).as("the pollable is untouched").isEmpty();
  }

  @Test
  void aDrainingDispatcherRefusesWhatComesFromOutsideAndTellsTheCallbackOnItsLoop() {
    loop.spawn("work", cx -> cx.park());
    loop.runUntilStalled();
    loop.shutdown();

    Callbacks.<String>onComplete(
        loop,
        new Waiting(),
        (value, error) -> log.add(error.getClass().getSimpleName() + loop.onLoop()));
    assertThat(log).isEmpty();
    loop.runUntilStalled();

    assertThat(log).containsExactly("RejectedExecutionExceptiontrue");
  }

  @Test
  void aDrainingDispatcherRunsTheCallbacksOfWhatItStillRuns() {
    Callbacks.onComplete(loop, Pollables.ready("value"), new Logging());
    loop.shutdown();

    loop.run();

    assertThat(log).containsExactly("completed: value");
    assertThat(loop.isClosed()).isTrue();
  }

  @Test
  void aCallbackOfACloseMayNotBringWorkBackButIsToldSo() {
    Callbacks.<String>onComplete(
        loop,
        new Waiting(),
        (value, error) ->
            Callbacks.<String>onComplete(
                loop, new Waiting(), (v, e) -> log.add(e.getClass().getSimpleName())));

    loop.close();

    assertThat(log).containsExactly("given up", "RejectedExecutionException");
  }

  @Test
  void whatIsMissingIsSaidAtOnce() {
    assertThatThrownBy(() -> Callbacks.onComplete(null, new Waiting(), new Logging()))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> Callbacks.onComplete(loop, null, new Logging()))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(
            () -> Callbacks.onComplete(loop, new Waiting(), (CompletionCallback<String>) null))
        .isInstanceOf(NullPointerException.class);
  }
}
