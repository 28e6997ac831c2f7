package dev.reveille.callbacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callback.CallOptions;
import dev.reveille.callback.Completer;
import dev.reveille.callback.Initiator;
import dev.reveille.callback.MisusePolicy;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Callbacks that come early, nested, from elsewhere, twice, or with something wrong in them. */
final class ShapesMisuseTest {
  private static final IOException GONE = new IOException("gone");

  /** Where doubles are expected: they are not to fill the log. */
  private static final CallOptions<@Nullable Object> QUIET =
      CallOptions.<@Nullable Object>defaults().withMisusePolicy(MisusePolicy.IGNORE);

  /** One of each: how it says that it succeeded, and that it failed. */
  private record Shape(
      String name, Consumer<Completer<String>> succeed, Consumer<Completer<String>> fail) {}

  private static final List<Shape> SHAPES =
      List.of(
          new Shape(
              "methods",
              c -> Shapes.success(c).accept("value"),
              c -> Shapes.failure(c).accept(GONE)),
          new Shape(
              "NIO.2 handler",
              c -> Callbacks.<String>handler(c).completed("value", null),
              c -> Callbacks.<String>handler(c).failed(GONE, null)),
          new Shape(
              "value and error",
              c -> Shapes.asBiConsumer(c).accept("value", null),
              c -> Shapes.asBiConsumer(c).accept("there all the same", GONE)),
          new Shape(
              "error first",
              c -> Shapes.asErrorFirst(c).accept(null, "value"),
              c -> Shapes.asErrorFirst(c).accept(GONE, "there all the same")),
          new Shape(
              "return code",
              c -> Shapes.<String>rc(c, rc -> rc == 0 ? null : GONE).accept(0, "value"),
              c -> Shapes.<String>rc(c, rc -> rc == 0 ? null : GONE).accept(-1, "there")),
          new Shape(
              "return code and values",
              c -> Shapes.<String>rc(c, rc -> rc == 0 ? null : GONE).acceptFrom(0, () -> "value"),
              c -> Shapes.<String>rc(c, rc -> rc == 0 ? null : GONE).acceptFrom(-1, () -> "no")),
          new Shape("result object", c -> result(c, null), c -> result(c, GONE)),
          new Shape(
              "signal",
              c -> Shapes.asRunnable(c, "value").run(),
              c -> Shapes.failure(c).accept(GONE)));

  private static void result(Completer<String> c, @Nullable Throwable failure) {
    Shapes.fromResult(c, failure, f -> f != null, f -> "value", f -> f);
  }

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private <T extends @Nullable Object> T outcome(Initiator<T> start) throws Exception {
    return loop.runUntil(Callbacks.call("x", start)).value();
  }

  private <T extends @Nullable Object> T quietly(Initiator<T> start) throws Exception {
    return loop.runUntil(Callbacks.call("x", QUIET, start)).value();
  }

  private interface Body {
    void test(Shape shape) throws Exception;
  }

  private static List<DynamicTest> forEachShape(Body body) {
    return SHAPES.stream()
        .map(shape -> DynamicTest.dynamicTest(shape.name(), () -> body.test(shape)))
        .toList();
  }

  // ------------------------------------------------------------------ when and where

  @TestFactory
  List<DynamicTest> whatIsCalledBeforeTheCallReturnsIsTheOutcome() {
    return forEachShape(
        shape -> {
          String value = outcome(shape.succeed()::accept);

          assertThat(value).isEqualTo("value");
          assertThatThrownBy(() -> this.<String>outcome(shape.fail()::accept)).isSameAs(GONE);
        });
  }

  @TestFactory
  List<DynamicTest> whatIsCalledElsewhereIsTheOutcome() {
    return forEachShape(
        shape -> {
          String value = outcome(c -> rig.start("legacy", () -> called(shape.succeed(), c)));

          assertThat(value).isEqualTo("value");
          assertThatThrownBy(
                  () ->
                      this.<String>outcome(c -> rig.start("legacy", () -> called(shape.fail(), c))))
              .isSameAs(GONE);
        });
  }

  private static boolean called(Consumer<Completer<String>> callback, Completer<String> c) {
    callback.accept(c);
    return true;
  }

  @TestFactory
  List<DynamicTest> theFirstCallCountsAndTheSecondDoesNotThrow() {
    return forEachShape(
        shape -> {
          String value =
              quietly(
                  c -> {
                    shape.succeed().accept(c);
                    shape.fail().accept(c);
                    shape.succeed().accept(c);
                  });

          assertThat(value).isEqualTo("value");
          assertThatThrownBy(
                  () ->
                      this.<String>quietly(
                          c -> {
                            shape.fail().accept(c);
                            shape.succeed().accept(c);
                          }))
              .isSameAs(GONE);
        });
  }

  @TestFactory
  List<DynamicTest> whoWantsTheSecondCallToThrowGetsThatOnceAndTheFirstStillCounts() {
    CallOptions<String> strict =
        CallOptions.<String>defaults().withMisusePolicy(MisusePolicy.THROW);
    return forEachShape(
        shape -> {
          Pollable<String> call =
              Callbacks.call(
                  "x",
                  strict,
                  c -> {
                    shape.succeed().accept(c);
                    assertThatThrownBy(() -> shape.succeed().accept(c))
                        .isInstanceOf(IllegalStateException.class)
                        .hasNoSuppressedExceptions();
                    assertThatThrownBy(() -> shape.fail().accept(c))
                        .isInstanceOf(IllegalStateException.class);
                  });
          assertThat(loop.runUntil(call).value()).isEqualTo("value");
        });
  }

  @TestFactory
  List<DynamicTest> whatIsCalledAfterTheOneWhoWaitedGaveUpIsDropped() {
    return forEachShape(
        shape -> {
          List<Completer<String>> given = new ArrayList<>();
          JoinHandle<String> handle =
              loop.spawn("x", Callbacks.<String>call("x", QUIET, c -> given.add(c)));
          loop.runUntilStalled();
          handle.cancel();
          loop.runUntilStalled();

          shape.succeed().accept(given.get(0));
          shape.fail().accept(given.get(0));
          loop.runUntilStalled();

          assertThat(given.get(0).isCancelled()).isTrue();
        });
  }

  /** Each step begins the next one in the callback of the one before, were it not for the loop. */
  private static final class Chain extends Operation<Integer> {
    private final Shape shape;
    private final int length;
    private int steps;
    private int deepest;
    private @Nullable Pollable<String> step;

    Chain(Shape shape, int length) {
      super("chain");
      this.shape = shape;
      this.length = length;
    }

    @Override
    protected Poll<Integer> doPoll(Context cx) throws Exception {
      while (steps < length) {
        if (step == null) {
          step =
              Callbacks.call(
                  "step",
                  c -> {
                    if (steps % 1_000 == 0) { // 0, too
                      deepest = Math.max(deepest, Thread.currentThread().getStackTrace().length);
                    }
                    shape.succeed().accept(c);
                  });
        }
        if (cx.pollChild(step).isPending()) {
          return Poll.pending();
        }
        step = null;
        steps++;
      }
      return Poll.ready(deepest);
    }
  }

  @TestFactory
  List<DynamicTest> tenThousandEarlyCallbacksInARowDoNotNest() {
    return forEachShape(
        shape -> {
          int one = loop.runUntil(new Chain(shape, 1)).value();
          int many = loop.runUntil(new Chain(shape, 10_000)).value();

          assertThat(many).isLessThanOrEqualTo(one + 4);
        });
  }

  // ------------------------------------------------------------------ what is wrong in them

  @Test
  void aFailureWithoutACauseIsAFailureAllTheSame() {
    assertThatThrownBy(() -> this.<String>outcome(c -> Shapes.failure(c).accept(null)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no cause");
    assertThatThrownBy(
            () ->
                this.<String>outcome(c -> Shapes.fromResult(c, "", r -> true, r -> "", r -> null)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no cause");
    assertThatThrownBy(
            () -> this.<String>outcome(c -> Callbacks.<String>handler(c).failed(null, null)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no cause");
  }

  @Test
  void aCancellationOfTheLegacySideIsOne() {
    CancellationException theirs = new CancellationException("theirs");
    List<Initiator<String>> all =
        List.of(
            c -> Shapes.failure(c).accept(theirs),
            c -> Shapes.asBiConsumer(c).accept(null, theirs),
            c -> Shapes.asErrorFirst(c).accept(theirs, null),
            c -> Shapes.<String>rc(c, rc -> theirs).accept(1, ""),
            c -> result(c, theirs),
            c -> Callbacks.<String>handler(c).failed(theirs, null));
    for (Initiator<String> start : all) {
      assertThatThrownBy(() -> outcome(start))
          .isInstanceOf(CancellationException.class)
          .hasMessageContaining("'x'");
    }
  }

  @Test
  void aFunctionThatThrowsFailsTheOperationAndNotTheOneWhoCallsBack() {
    IllegalArgumentException broken = new IllegalArgumentException("broken");
    List<Initiator<String>> all =
        List.of(
            c -> Shapes.<String>rc(c, rc -> thrown(broken)).accept(0, "value"),
            c -> Shapes.<String>rc(c, rc -> thrown(broken)).acceptFrom(0, () -> "value"),
            c -> Shapes.<String>rc(c, rc -> null).acceptFrom(0, () -> thrown(broken)),
            c -> Shapes.fromResult(c, "", r -> thrown(broken), r -> r, r -> null),
            c -> Shapes.fromResult(c, "", r -> false, r -> thrown(broken), r -> null),
            c -> Shapes.fromResult(c, "", r -> true, r -> r, r -> thrown(broken)));
    for (Initiator<String> start : all) {
      assertThatThrownBy(() -> outcome(start)).isSameAs(broken);
    }
  }

  private static <T> T thrown(RuntimeException failure) {
    throw failure;
  }

  @Test
  void anInitiatorThatThrowsAndAnErrorCallbackLookTheSame() {
    assertThatThrownBy(
            () ->
                this.<String>outcome(
                    c -> {
                      throw GONE;
                    }))
        .isSameAs(GONE);
    assertThatThrownBy(() -> this.<String>outcome(c -> Shapes.failure(c).accept(GONE)))
        .isSameAs(GONE);
  }

  @Test
  void whatIsMissingIsSaidAtOnce() throws Exception {
    List<Completer<String>> given = new ArrayList<>();
    outcome(
        (Completer<String> c) -> {
          given.add(c);
          c.complete("");
        });
    Completer<String> c = given.get(0);
    List<Runnable> all =
        List.of(
            () -> Shapes.success(null),
            () -> Shapes.failure(null),
            () -> Shapes.asRunnable(null),
            () -> Shapes.asRunnable(null, ""),
            () -> Shapes.asBiConsumer(null),
            () -> Shapes.asErrorFirst(null),
            () -> Shapes.rc(null, rc -> null),
            () -> Shapes.rc(c, null),
            () -> Shapes.fromResult(null, "", r -> true, r -> "", r -> GONE));
    for (Runnable each : all) {
      assertThatThrownBy(each::run).isInstanceOf(NullPointerException.class);
    }
  }
}
