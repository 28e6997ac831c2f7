package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Bad input is refused at the call, by the name of what was wrong, and leaves no trace. */
final class BadInputTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private record Call(String what, String parameter, Consumer<RunnableDispatcher> call) {}

  @TestFactory
  Stream<DynamicTest> nullIsRefusedByTheNameOfTheParameter() {
    return Stream.of(
            new Call("post", "callback", d -> d.post((Runnable) null)),
            new Call("post of a task", "task", d -> d.post((Task) null)),
            new Call("dispatch", "callback", d -> d.dispatch((Runnable) null)),
            new Call("dispatch of a task", "task", d -> d.dispatch((Task) null)),
            new Call("defer", "callback", d -> d.defer(null)),
            new Call("postAt", "callback", d -> d.postAt(0, null)),
            new Call("postAfter", "callback", d -> d.postAfter(Duration.ZERO, null)),
            new Call("spawn", "pollable", d -> d.spawn(null)),
            new Call("spawn by name", "pollable", d -> d.spawn("name", null)),
            new Call("the name of a spawn", "name", d -> d.spawn(null, cx -> Poll.ready())),
            new Call("runFor", "duration", d -> d.runFor(null)),
            new Call("timer", "dispatcher", d -> new Timer(null)),
            new Call("owning", "body", d -> Pollable.owning(List.of(), null)))
        .map(
            c ->
                DynamicTest.dynamicTest(
                    c.what + ": " + c.parameter,
                    () -> {
                      assertThatThrownBy(() -> c.call.accept(loop))
                          .isInstanceOf(NullPointerException.class)
                          .hasMessage(c.parameter);
                      assertThat(loop.snapshot().tasks()).isEmpty();
                      assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);
                      assertThat(loop.lastRunSteps()).isZero();
                    }));
  }

  /** The role that it had taken for the run is given back. */
  @Test
  void aRunUntilNothingLeavesTheLoopToOthers() {
    assertThatThrownBy(() -> loop.runUntil(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("pollable");

    assertThat(loop.onLoop()).isFalse();
    rig.elsewhere(() -> assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE));
  }

  @Test
  void aWakerThatIsMissingIsRefused() {
    loop.spawn("n", cx -> cx.withWaker(null).park());

    loop.runUntilStalled();

    assertThat(rig.takeUncaught())
        .singleElement()
        .satisfies(
            u ->
                assertThat(u.failure())
                    .isInstanceOf(NullPointerException.class)
                    .hasMessage("waker"));
  }

  @Test
  void timeThatGoesBackIsRefused() {
    assertThatThrownBy(() -> rig.time().advance(Duration.ofNanos(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("PT-0.000000001S");
    assertThat(rig.time().read()).isZero();
  }

  /** "awaitClosed ... on the loop, which would have to wait for itself" */
  @Test
  void waitingForTheCloseOnTheLoopIsRefusedByTheNameOfTheTask() {
    loop.spawn("impatient", cx -> Poll.ready(loop.awaitClosed(Duration.ZERO)));

    loop.runUntilStalled();

    assertThat(rig.takeUncaught())
        .singleElement()
        .satisfies(
            u ->
                assertThat(u.failure())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("awaitClosed")
                    .hasMessageContaining("'impatient'"));
  }
}
