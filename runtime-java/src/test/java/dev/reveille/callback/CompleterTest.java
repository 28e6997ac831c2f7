package dev.reveille.callback;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.tuple;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.TaskSnapshot;
import dev.reveille.Waker;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Completions: who comes first, from where, and what the one who waits gets. */
final class CompleterTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();

  /** What the legacy side was given. */
  private @Nullable Completer<@Nullable String> given;

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private Pollable<@Nullable String> operation() {
    return Completer.pollable("an answer", c -> given = c);
  }

  private Completer<@Nullable String> given() {
    return requireNonNull(given, "not begun");
  }

  private JoinHandle<@Nullable String> begun() {
    JoinHandle<@Nullable String> handle = loop.spawn(operation());
    loop.runUntilStalled();
    return handle;
  }

  private @Nullable String resultOf(JoinHandle<@Nullable String> handle) throws Exception {
    Poll<@Nullable String> poll = loop.runUntil(handle.join());
    assertThat(poll.isReady()).isTrue();
    return poll.value();
  }

  /** Nobody had joined when the task failed, so the failure is reported as well. */
  private Throwable failureOf(JoinHandle<@Nullable String> handle) {
    Throwable failure = catchThrowable(() -> resultOf(handle));
    assertThat(rig.takeUncaught()).containsExactly(new Rig.Uncaught(loop, "an answer", failure));
    return failure;
  }

  /** The ways in which the legacy side can end an operation. */
  enum Ending {
    VALUE(c -> c.complete("value")),
    FAILURE(c -> c.fail(new IOException("gone"))),
    CANCELLED(Completer::cancelled);

    final Predicate<Completer<@Nullable String>> end;

    Ending(Predicate<Completer<@Nullable String>> end) {
      this.end = end;
    }
  }

  // ------------------------------------------------------------------ the beginning

  @Test
  void nothingBeginsBeforeTheFirstPollAndThenOnce() {
    List<String> begun = new ArrayList<>();
    Pollable<String> operation =
        Completer.pollable("x", c -> begun.add(loop.onLoop() ? "on the loop" : "elsewhere"));
    assertThat(begun).isEmpty();

    loop.spawn(
        cx -> {
          operation.poll(cx);
          operation.poll(cx);
          return operation.poll(cx);
        });
    loop.runUntilStalled();

    assertThat(begun).containsExactly("on the loop");
  }

  @Test
  void itsNameIsTheWaitReasonOfTheTask() {
    loop.spawn("client", operation());
    loop.runUntilStalled();

    assertThat(loop.snapshot().tasks())
        .extracting(TaskSnapshot::name, TaskSnapshot::waitReason)
        .containsExactly(tuple("client", "an answer"));
  }

  @Test
  void anInitiatorThatThrowsFailsTheOperationWithWhatItThrew() {
    IOException refused = new IOException("refused");
    Pollable<String> operation =
        Completer.pollable(
            "x",
            c -> {
              throw refused;
            });

    assertThatThrownBy(() -> loop.runUntil(operation)).isSameAs(refused);
  }

  @Test
  void aCallbackThatCameBeforeItsInitiatorThrewWins() throws Exception {
    Pollable<String> operation =
        Completer.pollable(
            "x",
            c -> {
              c.complete("value");
              throw new IOException("afterwards");
            });

    assertThat(loop.runUntil(operation).value()).isEqualTo("value");
  }

  @Test
  void anInterruptThatTheInitiatorThrewIsNotLostToTheCallbackThatCameFirst() throws Exception {
    Pollable<String> operation =
        Completer.pollable(
            "x",
            c -> {
              c.complete("value");
              throw new InterruptedException();
            });

    assertThat(loop.runUntil(operation).value()).isEqualTo("value");

    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void aValueThatComesBeforeTheInitiatorReturnsIsReadyInTheFirstPoll() {
    JoinHandle<String> handle =
        loop.spawn(Completer.<String>pollable("x", c -> c.complete("early")));

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(handle.isDone()).isTrue();
    assertThat(loop.snapshot().taskPolls()).isEqualTo(1);
  }

  @Test
  void aValueThatAnotherThreadBringsBeforeTheInitiatorReturnsIsReadyInTheFirstPoll() {
    JoinHandle<String> handle =
        loop.spawn(Completer.<String>pollable("x", c -> rig.elsewhere(() -> c.complete("early"))));

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(handle.isDone()).isTrue();
    assertThat(loop.snapshot().taskPolls()).isEqualTo(1);
  }

  @Test
  void aFailureThatComesBeforeTheInitiatorReturnsIsThrownByTheFirstPoll() {
    IOException gone = new IOException("gone");

    assertThatThrownBy(() -> loop.runUntil(Completer.pollable("x", c -> c.fail(gone))))
        .isSameAs(gone);
  }

  // ------------------------------------------------------------------ the end

  @Test
  void aValueWakesTheTaskAndIsItsResult() throws Exception {
    JoinHandle<@Nullable String> handle = begun();

    assertThat(given().complete("value")).isTrue();

    assertThat(resultOf(handle)).isEqualTo("value");
  }

  @Test
  void nullIsAValue() throws Exception {
    JoinHandle<@Nullable String> handle = begun();

    assertThat(given().complete(null)).isTrue();

    assertThat(resultOf(handle)).isNull();
  }

  @Test
  void aWakerIsAValueToo() throws Exception {
    Pollable<Object> operation = Completer.pollable("x", c -> c.complete(Waker.none()));

    assertThat(loop.runUntil(operation).value()).isSameAs(Waker.none());
  }

  @Test
  void aValueFromAnotherThreadWakesTheSleepingLoop() throws Exception {
    JoinHandle<@Nullable String> handle = loop.spawn(operation());
    var driving = rig.drive(loop, RunnableDispatcher::runToCompletion).awaitAsleep();

    assertThat(given().complete("value")).isTrue();

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.IDLE);
    assertThat(handle.toCompletableFuture()).isCompletedWithValue("value");
  }

  @Test
  void aValueFromWithinTheOtherTasksOfTheLoopWakes() throws Exception {
    JoinHandle<@Nullable String> handle = begun();

    loop.post(() -> given().complete("nested"));

    assertThat(resultOf(handle)).isEqualTo("nested");
  }

  @Test
  void aFailureIsThrownAsItIs() {
    IOException gone = new IOException("gone");
    JoinHandle<@Nullable String> failed = begun();
    given().fail(gone);
    assertThat(failureOf(failed)).isSameAs(gone);

    AssertionError error = new AssertionError("broken");
    JoinHandle<@Nullable String> broken = begun();
    given().fail(error);
    assertThat(failureOf(broken)).isSameAs(error);
  }

  @Test
  void aBareThrowableIsWrapped() {
    Throwable bare = new Throwable("bare");
    JoinHandle<@Nullable String> handle = begun();

    given().fail(bare);

    assertThat(failureOf(handle))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'an answer'")
        .hasCause(bare);
  }

  @Test
  void theLegacySidesOwnCancelIsACancellationByName() {
    JoinHandle<@Nullable String> handle = begun();

    assertThat(given().cancelled()).isTrue();

    assertThat(failureOf(handle))
        .isInstanceOf(CancellationException.class)
        .hasMessageContaining("'an answer'");
  }

  @ParameterizedTest
  @EnumSource
  void afterACompletionAllOthersAreToldThatTheyAreTooLate(Ending first) {
    begun();

    assertThat(first.end.test(given())).isTrue();
    for (Ending later : Ending.values()) {
      assertThat(later.end.test(given())).as(later.name()).isFalse();
    }
    assertThat(given().isCancelled()).isFalse();

    loop.runUntilStalled();
    assertThat(loop.snapshot().tasks()).isEmpty();
    for (Ending later : Ending.values()) {
      assertThat(later.end.test(given())).as(later.name()).isFalse();
    }
    rig.takeUncaught();
  }

  @Test
  void theFirstValueWinsAlsoWhereTheInitiatorBringsTwo() throws Exception {
    Pollable<String> operation =
        Completer.pollable(
            "x",
            c -> {
              assertThat(c.complete("first")).isTrue();
              assertThat(c.complete("second")).isFalse();
            });

    assertThat(loop.runUntil(operation).value()).isEqualTo("first");
  }

  @Test
  void whoeverPolledLastIsWoken() {
    Pollable<@Nullable String> shared = operation();
    List<String> polledBy = new ArrayList<>();
    for (String task : List.of("first", "second")) {
      loop.spawn(
          task,
          cx -> {
            polledBy.add(task);
            return shared.poll(cx);
          });
    }
    loop.runUntilStalled();

    given().complete("value");
    loop.runUntilStalled();

    assertThat(polledBy).containsExactly("first", "second", "second");
  }

  @Test
  void pollingAgainAndAgainKeepsOneWaker() throws Exception {
    Pollable<@Nullable String> operation = operation();
    int[] polls = {0};
    JoinHandle<@Nullable String> handle =
        loop.spawn(
            cx -> {
              if (++polls[0] <= 3) {
                cx.waker("itself").wake();
              }
              return operation.poll(cx);
            });
    loop.runUntilStalled();

    given().complete("value");

    assertThat(resultOf(handle)).isEqualTo("value");
    assertThat(polls[0]).isEqualTo(5);
  }

  @Test
  void itTellsHowFarItIs() {
    begun();
    assertThat(given()).hasToString("Completer['an answer' is open]");
    given().complete("value");
    assertThat(given()).hasToString("Completer['an answer' is completed]");

    begun();
    given().cancelled();
    assertThat(given()).hasToString("Completer['an answer' has failed]");

    JoinHandle<?> handle = begun();
    handle.cancel();
    loop.runUntilStalled();
    assertThat(given()).hasToString("Completer['an answer' was cancelled]");
    rig.takeUncaught();
  }

  @Test
  void whatIsMissingIsSaidAtOnce() {
    begun();

    assertThatThrownBy(() -> given().fail(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> given().onCancel(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> Completer.pollable(null, c -> {}))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> Completer.pollable("x", null))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> Completer.pollable("x", null, c -> {}))
        .isInstanceOf(NullPointerException.class);
  }
}
