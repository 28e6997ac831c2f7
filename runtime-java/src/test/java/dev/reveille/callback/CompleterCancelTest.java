package dev.reveille.callback;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Giving up: the action on cancel, and what becomes of values that nobody waits for. */
final class CompleterCancelTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final List<String> log = new ArrayList<>();
  private @Nullable Completer<@Nullable String> given;

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private Completer<@Nullable String> given() {
    return requireNonNull(given, "not begun");
  }

  private Pollable<@Nullable String> operation(@Nullable Consumer<@Nullable String> onLateValue) {
    CallOptions<@Nullable String> options = CallOptions.defaults();
    return Completer.pollable(
        "an answer",
        onLateValue == null ? options : options.onLateValue(onLateValue),
        c -> given = c);
  }

  private JoinHandle<@Nullable String> begun(@Nullable Consumer<@Nullable String> onLateValue) {
    JoinHandle<@Nullable String> handle = loop.spawn("client", operation(onLateValue));
    loop.runUntilStalled();
    return handle;
  }

  private void givenUp(@Nullable Consumer<@Nullable String> onLateValue) {
    JoinHandle<?> handle = begun(onLateValue);
    handle.cancel();
    loop.runUntilStalled();
  }

  /** Logs the value and where it is disposed of. */
  private void dispose(@Nullable String value) {
    log.add(value + " on " + (loop.onLoop() ? "the loop" : Thread.currentThread().getName()));
  }

  // ------------------------------------------------------------------ onCancel

  @Test
  void theActionRunsOnceOnTheLoopThatGivesUp() {
    JoinHandle<?> handle = begun(null);
    given().onCancel(() -> log.add("cancelled, on the loop: " + loop.onLoop()));
    assertThat(given().isCancelled()).isFalse();

    handle.cancel();
    handle.cancel();
    loop.runUntilStalled();

    assertThat(given().isCancelled()).isTrue();
    assertThat(log).containsExactly("cancelled, on the loop: true");
  }

  @Test
  void anActionThatIsSetTooLateRunsAtOnce() {
    givenUp(null);

    rig.elsewhere(() -> given().onCancel(() -> log.add(Thread.currentThread().getName())));

    assertThat(log).containsExactly("elsewhere");
  }

  @Test
  void theLastActionCounts() {
    JoinHandle<?> handle = begun(null);
    given().onCancel(() -> log.add("first"));
    given().onCancel(() -> log.add("second"));

    handle.cancel();
    loop.runUntilStalled();

    assertThat(log).containsExactly("second");
  }

  @Test
  void theActionNeverRunsAfterACompletion() {
    JoinHandle<?> handle = begun(null);
    given().onCancel(() -> log.add("set before"));
    given().complete("value");
    given().onCancel(() -> log.add("set after"));

    handle.cancel(); // the value is there, and was not polled for yet
    loop.runUntilStalled();

    assertThat(log).isEmpty();
  }

  @Test
  void aCompletedOneKeepsNoActionAlive() {
    begun(null);
    WeakReference<Object> before = heldByAnAction();
    given().complete("value");
    WeakReference<Object> after = heldByAnAction();

    assertThat(Rig.collectGarbageUntil(() -> before.refersTo(null) && after.refersTo(null)))
        .isTrue();
  }

  private WeakReference<Object> heldByAnAction() {
    Object held = new Object();
    given().onCancel(() -> log.add(held.toString()));
    return new WeakReference<>(held);
  }

  @Test
  void whatTheActionThrowsGoesToTheOneWhoCancels() {
    IllegalStateException failure = new IllegalStateException("cannot");
    JoinHandle<?> handle = begun(null);
    given()
        .onCancel(
            () -> {
              throw failure;
            });

    handle.cancel();
    loop.runUntilStalled();

    assertThat(rig.takeUncaught())
        .containsExactly(new Rig.Uncaught(loop, "cancel of 'client'", failure));
    assertThatThrownBy(
            () ->
                given()
                    .onCancel(
                        () -> {
                          throw failure;
                        }))
        .isSameAs(failure);
  }

  @Test
  void aLegacySideThatCompletesFromTheActionIsTooLate() {
    JoinHandle<?> handle = begun(this::dispose);
    given().onCancel(() -> log.add("completed: " + given().complete("value")));

    handle.cancel();
    loop.runUntilStalled();

    assertThat(log).containsExactly("completed: false", "value on the loop");
  }

  @Test
  void cancelBeforeTheFirstPollMeansThatItNeverBegins() {
    JoinHandle<?> handle = loop.spawn(operation(null));

    handle.cancel();
    loop.runUntilStalled();

    assertThat(handle.isDone()).isTrue();
    assertThat(given).isNull();
  }

  @Test
  void cancelAfterTheEndDoesNothing() throws Exception {
    Pollable<@Nullable String> operation = operation(this::dispose);
    loop.spawn(operation);
    loop.runUntilStalled();
    given().complete("value");
    loop.runUntilStalled();

    operation.cancel();
    loop.runUntilStalled();

    assertThat(given().isCancelled()).isFalse();
    assertThat(log).isEmpty();
  }

  @Test
  void anInitiatorThatGivesItsOwnOperationUpCancelsIt() {
    AtomicReference<Pollable<@Nullable String>> self = new AtomicReference<>();
    self.set(
        Completer.pollable(
            "an answer",
            c -> {
              c.onCancel(() -> log.add("on cancel"));
              self.get().cancel();
            }));

    assertThatThrownBy(() -> loop.runUntil(self.get()))
        .isInstanceOf(CancellationException.class)
        .hasMessageContaining("'an answer'");
    assertThat(log).containsExactly("on cancel");
  }

  @Test
  void aTaskThatIsCancelledByTheCloseGivesItsOperationUp() {
    begun(this::dispose);
    given().onCancel(() -> log.add("on cancel"));

    loop.close();

    assertThat(log).containsExactly("on cancel");
  }

  // ------------------------------------------------------------------ late values

  @Test
  void aLateValueIsDisposedOfOnTheLoop() {
    givenUp(this::dispose);

    rig.elsewhere(() -> assertThat(given().complete("value")).isFalse());
    assertThat(log).isEmpty();
    loop.runUntilStalled();

    assertThat(log).containsExactly("value on the loop");
  }

  @Test
  void eachLateValueIsDisposedOf() {
    givenUp(this::dispose);

    given().complete("first");
    given().complete("second");
    loop.runUntilStalled();

    assertThat(log).containsExactly("first on the loop", "second on the loop");
  }

  @Test
  void aLateNullOrFailureOrCancelIsDropped() {
    givenUp(this::dispose);

    assertThat(given().complete(null)).isFalse();
    assertThat(given().fail(new IOException("gone"))).isFalse();
    assertThat(given().cancelled()).isFalse();
    loop.runUntilStalled();

    assertThat(log).isEmpty();
  }

  @Test
  void withoutADisposerALateValueIsDropped() {
    givenUp(null);

    assertThat(given().complete("value")).isFalse();

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
  }

  @Test
  void aValueThatCameAndWasNotPolledForIsDisposedOf() {
    JoinHandle<?> handle = begun(this::dispose);
    given().onCancel(() -> log.add("on cancel"));
    handle.cancel(); // and before the loop gets there:
    assertThat(given().complete("value")).isTrue();

    loop.runUntilStalled();

    assertThat(log).containsExactly("value on the loop");
    assertThat(given().complete("second")).isFalse();
    loop.runUntilStalled();
    assertThat(log).containsExactly("value on the loop");
  }

  @Test
  void aLateValueIsDisposedOfOnTheLoopAlsoWhileItDrains() {
    givenUp(this::dispose);
    var guard = loop.workGuard();
    loop.shutdown();

    rig.elsewhere(() -> given().complete("value"));
    assertThat(log).isEmpty();
    guard.close();
    loop.runUntilStalled();

    assertThat(log).containsExactly("value on the loop");
    assertThat(loop.isClosed()).isTrue();
  }

  @Test
  void aLateValueThatWasStillQueuedAtTheCloseIsDisposedOfByTheClose() {
    givenUp(this::dispose);
    rig.elsewhere(() -> given().complete("value"));

    assertThat(loop.shutdownNow().runnables()).isEmpty();

    assertThat(log).containsExactly("value on the loop"); // the one who closes has the role
  }

  @Test
  void aValueThatCameAndWasNotPolledForIsDisposedOfByTheClose() {
    begun(this::dispose);
    given().complete("value");

    loop.close();

    assertThat(log).containsExactly("value on the loop");
  }

  @Test
  void afterTheCloseALateValueIsDisposedOfByTheThreadThatBringsIt() {
    begun(this::dispose);
    loop.close();

    rig.elsewhere(() -> assertThat(given().complete("value")).isFalse());

    assertThat(log).containsExactly("value on elsewhere");
  }

  /** Not even for a service of the dispatcher, which may be waiting for this very callback. */
  @Test
  void aLateValueThatNobodyDisposesOfWaitsForNothing() throws Exception {
    givenUp(null);
    Completer<@Nullable String> completer = given();

    Boolean completed =
        loop.service(
            Boolean.class,
            dispatcher -> {
              try {
                return Rig.await(rig.start("legacy", () -> completer.complete("value")));
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            });

    assertThat(completed).isFalse();
  }

  @Test
  void aDisposerThatThrowsIsReportedByNameAndTheCallbackHearsNothing() {
    IllegalStateException failure = new IllegalStateException("cannot");
    Consumer<@Nullable String> failing =
        value -> {
          log.add("disposing of " + value);
          throw failure;
        };
    givenUp(failing);

    assertThat(given().complete("early enough for the loop")).isFalse();
    loop.runUntilStalled();
    assertThat(rig.takeUncaught())
        .containsExactly(new Rig.Uncaught(loop, "late value of 'an answer'", failure));

    loop.close();
    assertThat(given().complete("too late for the loop")).isFalse();
    assertThat(log)
        .containsExactly(
            "disposing of early enough for the loop", "disposing of too late for the loop");
  }
}
