package dev.reveille.callbacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Timer;
import dev.reveille.combine.Pollables;
import dev.reveille.contract.Rig;
import dev.reveille.sync.AbstractPollStream;
import dev.reveille.sync.PollStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A callback for each element of a stream, or of a source that is polled again and again. */
final class OnEachTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final IOException gone = new IOException("gone");
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private final class Logging implements ElementCallback<Object> {
    @Override
    public void next(Object element) {
      log.add("next: " + element);
    }

    @Override
    public void completed() {
      log.add("completed");
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

  /** 1, 2, 3, … up to a last one, and then something else. */
  private final class Numbers extends AbstractPollStream<Integer> {
    private final int last;
    private final @Nullable Exception failure;
    private int given;

    Numbers(int last, @Nullable Exception failure) {
      super("numbers");
      this.last = last;
      this.failure = failure;
    }

    @Override
    protected Poll<@Nullable Integer> doPollNext(Context cx) throws Exception {
      if (given < last) {
        given++;
        return element(given);
      }
      if (failure != null) {
        throw failure;
      }
      return last == 0 ? end() : cx.park();
    }

    @Override
    protected void release() {
      log.add("released");
    }
  }

  // ------------------------------------------------------------------ elements and ends

  @Test
  void eachElementIsToldInOrderAndThenTheEnd() {
    Callbacks.onEach(loop, PollStream.of(1, 2, 3), new Logging());

    loop.runToCompletion();

    assertThat(log).containsExactly("next: 1", "next: 2", "next: 3", "completed");
  }

  @Test
  void endFailureAndCancelAreToldApart() {
    Callbacks.onEach(loop, new Numbers(0, null), new Logging());
    loop.runToCompletion();
    assertThat(log).containsExactly("released", "completed");

    log.clear();
    Callbacks.onEach(loop, new Numbers(1, gone), new Logging());
    loop.runToCompletion();
    assertThat(log).containsExactly("next: 1", "released", "failed: gone");

    log.clear();
    Callbacks.onEach(loop, new Numbers(1, new CancellationException("me")), new Logging());
    loop.runToCompletion();
    assertThat(log).containsExactly("next: 1", "released", "cancelled: me");

    log.clear();
    JoinHandle<Complete> handle = Callbacks.onEach(loop, new Numbers(1, null), new Logging());
    loop.runUntilStalled();
    handle.cancel();
    loop.runToCompletion();
    assertThat(log).containsExactly("next: 1", "released", "cancelled: 'numbers' was cancelled");
  }

  @Test
  void theEndIsToldWhenTheTaskHasEnded() {
    AtomicReference<JoinHandle<Complete>> handle = new AtomicReference<>();
    handle.set(
        Callbacks.onEach(
            loop,
            PollStream.of(1),
            new ElementCallback<Integer>() {
              @Override
              public void next(Integer element) {
                log.add("ended: " + handle.get().isDone());
              }

              @Override
              public void completed() {
                log.add("ended: " + handle.get().isDone());
              }

              @Override
              public void failed(Throwable cause) {}

              @Override
              public void cancelled(CancellationException cause) {}
            }));

    loop.runToCompletion();

    assertThat(log).containsExactly("ended: false", "ended: true");
  }

  @Test
  void aLambdaGetsTheElementsAndAFailureIsUncaught() {
    Callbacks.onEach(loop, new Numbers(2, gone), (Object element) -> log.add("next: " + element));

    loop.runToCompletion();

    assertThat(log).containsExactly("next: 1", "next: 2", "released");
    assertThat(rig.takeUncaught())
        .singleElement()
        .satisfies(
            u -> {
              assertThat(u.failure()).isSameAs(gone);
              assertThat(u.name()).isEqualTo("callback of 'numbers'");
            });
  }

  @Test
  void aStreamWithoutEndLeavesTheOthersTheirTurns() {
    Callbacks.onEach(
        loop,
        new Numbers(Integer.MAX_VALUE, null),
        (Integer n) -> {
          if (n == 1) {
            loop.post(loop::stop);
          }
          log.add("next");
        });

    loop.run();

    assertThat(log).hasSizeLessThan(10_000);
    loop.close();
  }

  // ------------------------------------------------------------------ callbacks that misbehave

  @Test
  void whatACallbackThrowsIsUncaughtAndTheNextElementComes() {
    IllegalStateException broken = new IllegalStateException("broken");
    Callbacks.onEach(
        loop,
        PollStream.of(1, 2, 3),
        (Integer n) -> {
          log.add("next: " + n);
          if (n == 2) {
            throw broken;
          }
        });

    loop.runToCompletion();

    assertThat(log).containsExactly("next: 1", "next: 2", "next: 3");
    assertThat(rig.takeUncaught())
        .extracting(Rig.Uncaught::failure)
        .containsExactly((Throwable) broken);
  }

  @Test
  void aCancelByTheCallbackCountsAtOnce() {
    AtomicReference<JoinHandle<Complete>> handle = new AtomicReference<>();
    class Enough implements ElementCallback<Integer> {
      @Override
      public void next(Integer element) {
        log.add("next: " + element);
        if (element == 2) {
          assertThat(handle.get().cancel()).isTrue();
        }
      }

      @Override
      public void completed() {
        log.add("completed");
      }

      @Override
      public void failed(Throwable cause) {
        log.add("failed");
      }

      @Override
      public void cancelled(CancellationException cause) {
        log.add("cancelled");
      }
    }
    handle.set(Callbacks.onEach(loop, new Numbers(5, null), new Enough()));

    loop.runToCompletion();

    assertThat(log).containsExactly("next: 1", "next: 2", "released", "cancelled");
    assertThatThrownBy(() -> loop.runUntil(handle.get().join()))
        .isInstanceOf(CancellationException.class);
  }

  // ------------------------------------------------------------------ sources

  @Test
  void aSourceIsPolledAgainAndAgain() {
    Timer timer = new Timer(loop);
    timer.reset(Duration.ofSeconds(1));
    Pollable<Complete> tick =
        new Pollable<>() {
          @Override
          public Poll<Complete> poll(Context cx) {
            Poll<Complete> poll = timer.poll(cx);
            if (poll.isReady()) {
              timer.reset(Duration.ofSeconds(1));
            }
            return poll;
          }

          @Override
          public void cancel() {
            timer.cancel();
            log.add("disarmed");
          }
        };
    JoinHandle<Complete> handle =
        Callbacks.onEach(loop, tick, (Complete unused) -> log.add("tick"));

    rig.advance(Duration.ofSeconds(3));
    handle.cancel();
    rig.advance(Duration.ofSeconds(3));

    assertThat(log).containsExactly("tick", "tick", "tick", "disarmed");
  }

  @Test
  void aOneShotOperationFailsInItsSecondPoll() {
    Callbacks.onEach(loop, Pollables.ready("value"), new Logging());

    loop.runToCompletion();

    assertThat(log).hasSize(2).first().isEqualTo("next: value");
    assertThat(log.get(1)).startsWith("failed: ").contains("polled again");
  }

  @Test
  void aSourceThatGivesNullFails() {
    Pollable<String> nothing = Pollables.ready(null);

    Callbacks.onEach(loop, nothing, new Logging());
    loop.runToCompletion();

    assertThat(log).singleElement().asString().startsWith("failed: ");
  }

  // ------------------------------------------------------------------ the end of the dispatcher

  @Test
  void theCloseOfTheDispatcherIsToldOnce() {
    Callbacks.onEach(loop, new Numbers(1, null), new Logging());
    loop.runUntilStalled();

    loop.close();

    assertThat(log).containsExactly("next: 1", "released", "cancelled: 'numbers' was cancelled");
  }

  @Test
  void aClosedDispatcherRefusesAndTheCallbackIsToldOnceAndTheStreamUntouched() {
    loop.close();

    JoinHandle<Complete> handle = Callbacks.onEach(loop, new Numbers(1, null), new Logging());

    assertThat(handle.isDone()).isTrue();
    assertThat(log).singleElement().asString().contains("'numbers' was refused", "is closed");
  }

  @Test
  void whatIsMissingIsSaidAtOnce() {
    assertThatThrownBy(() -> Callbacks.onEach(loop, (PollStream<String>) null, new Logging()))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("stream");
    assertThatThrownBy(() -> Callbacks.onEach(loop, (Pollable<String>) null, new Logging()))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("source");
    assertThatThrownBy(
            () -> Callbacks.onEach(loop, PollStream.of(1), (ElementCallback<Integer>) null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("callback");
  }
}
