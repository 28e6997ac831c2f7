package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.contract.Rig;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What is missing is refused by its name, at the call. */
final class NullByNameTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private record Call(String what, String parameter, Consumer<RunnableDispatcher> call) {}

  private static Object awaitClosed(RunnableDispatcher d) {
    try {
      return d.awaitClosed(null);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @TestFactory
  Stream<DynamicTest> nullIsRefusedByTheNameOfTheParameter() {
    return Stream.of(
            new Call("postAfter", "delay", d -> d.postAfter(null, () -> {})),
            new Call("Timer.reset", "delay", d -> new Timer(d).reset(null)),
            new Call("post of a block", "owner", d -> d.post((BlockOwner) null, () -> {})),
            new Call("postAt of a block", "owner", d -> d.postAt(0, null, () -> {})),
            new Call("awaitClosed", "timeout", NullByNameTest::awaitClosed),
            new Call("advance", "duration", d -> rig.time().advance(null)),
            new Call("service", "type", d -> d.service(null, x -> "")),
            new Call("service", "factory", d -> d.service(String.class, null)),
            new Call("owning", "children", d -> Pollable.owning(null, cx -> Poll.ready())),
            new Call(
                "options", "timerSlack", d -> DispatcherOptions.defaults().withTimerSlack(null)))
        .map(
            c ->
                DynamicTest.dynamicTest(
                    c.what + ": " + c.parameter,
                    () ->
                        assertThatThrownBy(() -> c.call.accept(loop))
                            .isInstanceOf(NullPointerException.class)
                            .hasMessage(c.parameter)));
  }

  /** A dump would show no reason. */
  @Test
  void aMissingReasonIsRefused() {
    loop.spawn("n", cx -> Poll.ready(cx.waker(null)));

    loop.runUntilStalled();

    assertThat(rig.takeUncaught()).hasSize(1);
  }

  /** Returned as the service, and asked again for each caller: "the one instance". */
  @Test
  void aFactoryThatMakesNothingIsRefusedByTheNameOfTheService() {
    assertThatThrownBy(() -> loop.service(String.class, d -> null))
        .isInstanceOf(NullPointerException.class)
        .hasMessageContaining("java.lang.String");
  }

  /** A StackOverflowError: the check comes after the factory has returned. */
  @Test
  void aFactoryThatAsksForItselfEachTimeIsTold() {
    List<Function<Dispatcher, String>> factory = new ArrayList<>();
    factory.add(d -> d.service(String.class, factory.get(0)));

    assertThatThrownBy(() -> loop.service(String.class, factory.get(0)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("java.lang.String");
  }
}
