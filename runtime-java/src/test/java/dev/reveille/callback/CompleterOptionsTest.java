package dev.reveille.callback;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.StopSource;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The options of a call: time-outs, the two cancel modes, closing of late values. */
final class CompleterOptionsTest {
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final List<String> log = new ArrayList<>();
  private final StopSource stop = new StopSource();
  private @Nullable Completer<String> given;

  private final CallOptions<String> timed = CallOptions.<String>defaults().withTimeout(SECOND);
  private final CallOptions<String> awaiting =
      CallOptions.<String>defaults()
          .withCancelMode(CancelMode.AWAIT_CALLBACK)
          .onLateValue(value -> log.add("late " + value));

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private Completer<String> given() {
    return requireNonNull(given, "not begun");
  }

  private JoinHandle<String> begin(CallOptions<String> options) {
    JoinHandle<String> handle =
        loop.spawnUnder(
            stop.token(),
            "client",
            Completer.<String>pollable(
                "an answer",
                options,
                c -> {
                  given = c;
                  c.onCancel(() -> log.add("asked to give up"));
                }));
    loop.runUntilStalled();
    return handle;
  }

  // ------------------------------------------------------------------ time-outs

  @Test
  void aCallThatTakesTooLongIsGivenUpAndFailsByName() {
    JoinHandle<String> handle = begin(timed);
    rig.advance(SECOND.minusNanos(1));
    assertThat(handle.isDone()).isFalse();

    rig.advance(Duration.ofNanos(1));

    assertThatThrownBy(() -> loop.runUntil(handle.join()))
        .isInstanceOf(TimeoutException.class)
        .hasMessage("'an answer' took longer than PT1S");
    assertThat(log).containsExactly("asked to give up");
    assertThat(given().complete("value")).isFalse();
    rig.takeUncaught();
  }

  @Test
  void aValueThatIsThereInThePollInWhichTheTimeIsOverWins() throws Exception {
    loop.postAfter(SECOND, () -> given().complete("value")); // armed first, so it comes first
    JoinHandle<String> handle = begin(timed);

    rig.advance(SECOND);

    assertThat(loop.runUntil(handle.join()).value()).isEqualTo("value");
    assertThat(log).isEmpty();
  }

  @Test
  void aCallThatEndsInTimeLeavesNoTimer() throws Exception {
    JoinHandle<String> handle = begin(timed);
    given().complete("value");

    assertThat(loop.runUntil(handle.join()).value()).isEqualTo("value");
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
    rig.advance(SECOND);
    assertThat(log).isEmpty();
  }

  @Test
  void anActionThatThrowsInATimeOutIsSuppressedInIt() {
    JoinHandle<String> handle = begin(timed);
    given()
        .onCancel(
            () -> {
              throw new IllegalArgumentException("of the action");
            });

    rig.advance(SECOND);

    assertThatThrownBy(() -> loop.runUntil(handle.join()))
        .isInstanceOf(TimeoutException.class)
        .satisfies(e -> assertThat(e.getSuppressed()[0]).hasMessage("of the action"));
    rig.takeUncaught();
  }

  @Test
  void aTimeOutHasToBeAboveZero() {
    for (Duration wrong : List.of(Duration.ZERO, Duration.ofNanos(-1))) {
      assertThatThrownBy(() -> CallOptions.defaults().withTimeout(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(wrong.toString());
    }
  }

  // ------------------------------------------------------------------ the last word

  @Test
  void aStopAsksTheLegacySideAndWaitsForItsLastWord() {
    JoinHandle<String> handle = begin(awaiting);

    stop.stop();
    loop.runUntilStalled();
    assertThat(log).containsExactly("asked to give up");
    assertThat(given().isCancelled()).isTrue();
    assertThat(handle.isDone()).isFalse();

    IOException canceled = new IOException("Canceled");
    assertThat(given().fail(canceled)).isTrue();
    assertThatThrownBy(() -> loop.runUntil(handle.join()))
        .isInstanceOf(CancellationException.class)
        .hasMessageContaining("'an answer'")
        .hasCause(canceled);
    assertThat(log).hasSize(1);
    rig.takeUncaught();
  }

  @Test
  void aValueAsTheLastWordIsTheResultAllTheSame() throws Exception {
    JoinHandle<String> handle = begin(awaiting);
    stop.stop();
    loop.runUntilStalled();

    assertThat(given().complete("value")).isTrue();

    assertThat(loop.runUntil(handle.join()).value()).isEqualTo("value");
  }

  @Test
  void aTimeOutWaitsForTheLastWordToo() {
    JoinHandle<String> handle = begin(awaiting.withTimeout(SECOND));
    rig.advance(SECOND);
    assertThat(log).containsExactly("asked to give up");
    assertThat(handle.isDone()).isFalse();

    given().cancelled();

    assertThatThrownBy(() -> loop.runUntil(handle.join()))
        .isInstanceOf(TimeoutException.class)
        .hasMessage("'an answer' took longer than PT1S");
    rig.takeUncaught();
  }

  @Test
  void anActionSetWhileTheLastWordIsAwaitedRunsAtOnce() {
    begin(awaiting);
    stop.stop();
    loop.runUntilStalled();

    given().onCancel(() -> log.add("asked again"));

    assertThat(log).containsExactly("asked to give up", "asked again");
    given().cancelled();
    loop.runUntilStalled();
    rig.takeUncaught();
  }

  @Test
  void aLegacySideThatAnswersWhileItIsAskedEndsTheCallInThatPoll() {
    JoinHandle<String> handle = begin(awaiting);
    given().onCancel(() -> given().cancelled());

    stop.stop();
    loop.runUntilStalled();

    assertThatThrownBy(() -> loop.runUntil(handle.join()))
        .isInstanceOf(CancellationException.class);
    rig.takeUncaught();
  }

  @Test
  void anInitiatorThatGivesItsOwnOperationUpIsToldSoAlsoIfTheLastWordIsAwaited() {
    AtomicReference<Pollable<String>> self = new AtomicReference<>();
    self.set(
        Completer.<String>pollable(
            "an answer",
            awaiting,
            c -> {
              given = c;
              requireNonNull(self.get()).cancel();
            }));

    assertThatThrownBy(() -> loop.runUntil(requireNonNull(self.get())))
        .isInstanceOf(CancellationException.class)
        .hasMessageContaining("its own initiator");
    given().cancelled();
    loop.runUntilStalled();
  }

  @Test
  void whoAwaitsTheLastWordIsNotTimedAnyMore() {
    begin(awaiting.withTimeout(SECOND));
    stop.stop();
    loop.runUntilStalled();
    long polls = loop.snapshot().taskPolls();

    rig.advance(SECOND.plus(SECOND));

    assertThat(loop.snapshot().taskPolls()).isEqualTo(polls);
    given().cancelled();
    loop.runUntilStalled();
    rig.takeUncaught();
  }

  @Test
  void aCancelCanNotWaitButTheDispatcherDoes() {
    JoinHandle<String> handle = begin(awaiting);

    handle.cancel();
    loop.runUntilStalled();
    assertThat(handle.isDone()).isTrue();
    assertThat(log).containsExactly("asked to give up");
    assertThat(loop.snapshot().tasks())
        .singleElement()
        .satisfies(task -> assertThat(task.name()).isEqualTo("last word of 'an answer'"));
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP); // there is work

    assertThat(given().complete("value")).isTrue();
    assertThat(loop.runToCompletion()).isEqualTo(RunOutcome.IDLE);
    assertThat(log).containsExactly("asked to give up", "late value");
  }

  @Test
  void aShutdownWaitsForTheLastWord() throws Exception {
    JoinHandle<String> handle = begin(awaiting);
    loop.shutdown();
    handle.cancel();
    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);

    given().cancelled();

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.CLOSED);
  }

  @Test
  void aCloseDoesNotWaitForTheLastWord() {
    begin(awaiting);

    loop.close();

    assertThat(log).containsExactly("asked to give up");
    assertThat(given().complete("value")).isFalse();
    assertThat(log).containsExactly("asked to give up", "late value");
  }

  @Test
  void anActionThatThrowsFailsTheStoppedCall() {
    JoinHandle<String> handle = begin(awaiting);
    given()
        .onCancel(
            () -> {
              throw new IllegalArgumentException("of the action");
            });

    stop.stop();
    loop.runUntilStalled();

    assertThatThrownBy(() -> loop.runUntil(handle.join())).hasMessage("of the action");
    assertThat(given().complete("value")).isFalse();
    loop.runUntilStalled();
    assertThat(log).containsExactly("late value");
    rig.takeUncaught();
  }

  // ------------------------------------------------------------------ late values

  @Test
  void lateValuesThatCanBeClosedAreClosed() {
    List<Integer> closed = new ArrayList<>();
    CallOptions<Object> closing = CallOptions.defaults().closeLateValues();
    List<Completer<Object>> all = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      JoinHandle<Object> handle =
          loop.spawn(Completer.<Object>pollable("an answer", closing, all::add));
      loop.runUntilStalled();
      handle.cancel();
    }
    loop.runUntilStalled();

    all.get(0).complete((AutoCloseable) () -> closed.add(1));
    all.get(1).complete("not closeable");
    loop.runUntilStalled();

    assertThat(closed).containsExactly(1);
  }

  @Test
  void whatACloseThrowsGoesToTheUncaughtHandlerAsItIs() {
    CallOptions<AutoCloseable> closing = CallOptions.<AutoCloseable>defaults().closeLateValues();
    List<Completer<AutoCloseable>> all = new ArrayList<>();
    loop.spawn(Completer.<AutoCloseable>pollable("an answer", closing, all::add)).cancel();
    JoinHandle<AutoCloseable> handle =
        loop.spawn(Completer.<AutoCloseable>pollable("an answer", closing, all::add));
    loop.runUntilStalled();
    handle.cancel();
    loop.runUntilStalled();

    IOException full = new IOException("disk full");
    all.get(0)
        .complete(
            () -> {
              throw full;
            });
    loop.runUntilStalled();

    assertThat(rig.takeUncaught())
        .singleElement()
        .satisfies(
            uncaught -> {
              assertThat(uncaught.failure()).isSameAs(full);
              assertThat(uncaught.name()).isEqualTo("late value of 'an answer'");
            });
  }

  @Test
  void optionsTellWhatTheyAre() {
    assertThat(CallOptions.defaults())
        .hasToString("CallOptions[late values dropped, ABANDON, RECORD]");
    assertThat(awaiting.withTimeout(SECOND))
        .hasToString("CallOptions[late values disposed of, AWAIT_CALLBACK, time-out PT1S, RECORD]");
  }
}
