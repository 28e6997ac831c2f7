package dev.reveille.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What the plugin warns of, and what it leaves alone. */
class PollableCaptureTest {
  private static List<String> warnings(String body) {
    return Compiled.warningsIn(
        """
        import dev.reveille.*;
        import java.util.List;
        import java.util.function.Supplier;

        class Example {
          Pollable<String> field;

          Object example(Pollable<String> child, Timer timer, StopToken token, List<String> names)
              throws Exception {
            %s
          }
        }
        """
            .formatted(body));
  }

  @Test
  void aLambdaThatCapturesAPollableIsWarnedOf() {
    assertThat(
            warnings("Pollable<Integer> p = cx -> child.poll(cx).map(String::length); return p;"))
        .singleElement()
        .asString()
        .contains("captures 'child'", "Pollable.owning", ":10:");
  }

  @Test
  void aTimerIsAPollable() {
    assertThat(warnings("return (Pollable<Complete>) cx -> timer.poll(cx);"))
        .singleElement()
        .asString()
        .contains("captures 'timer'");
  }

  @Test
  void eachCapturedOneIsNamedOnce() {
    assertThat(
            warnings(
                """
                return (Pollable<Complete>) cx -> {
                  if (child.poll(cx).isPending()) { return Poll.pending(); }
                  return child.poll(cx).isPending() ? Poll.pending() : timer.poll(cx);
                };
                """))
        .hasSize(2);
  }

  @Test
  void aMethodReferenceToAPollableIsWarnedOf() {
    assertThat(warnings("Pollable<String> p = child::poll; return p;"))
        .singleElement()
        .asString()
        .contains("is bound to 'child'");
  }

  @Test
  void aCaptureWithinANestedLambdaIsSeen() {
    assertThat(
            warnings(
                """
                return (Pollable<String>) cx -> {
                  Supplier<Object> inner = () -> child;
                  return cx.park();
                };
                """))
        .hasSize(1);
  }

  @Test
  void theBodyOfOwningMayCapture() {
    assertThat(
            warnings(
                """
                return Pollable.owning(List.of(child), cx -> child.poll(cx).map(String::length));
                """))
        .isEmpty();
    assertThat(warnings("return Pollable.owning(List.of(child), child::poll);")).isEmpty();
  }

  @Test
  void aLeafMayCaptureWhatIsNoPollable() {
    assertThat(warnings("return (Pollable<Complete>) token::pollStopped;")).isEmpty();
    assertThat(warnings("return (Pollable<String>) cx -> Poll.ready(names.get(0));")).isEmpty();
  }

  @Test
  void whatALambdaMakesForItselfIsItsOwn() {
    assertThat(
            warnings(
                """
                return (Pollable<Complete>) cx -> {
                  Timer own = new Timer(cx.dispatcher());
                  own.resetAt(0);
                  return own.poll(cx);
                };
                """))
        .isEmpty();
  }

  @Test
  void aLambdaThatIsNoPollableMayCaptureOne() {
    assertThat(warnings("Supplier<Pollable<String>> s = () -> child; return s;")).isEmpty();
  }

  @Test
  void fieldsAreNotSeen() {
    assertThat(warnings("return (Pollable<String>) cx -> field.poll(cx);")).isEmpty();
  }

  @Test
  void aWarningCanBeSuppressed() {
    assertThat(
            warnings(
                """
                @SuppressWarnings("PollableCapture")
                Pollable<String> p = cx -> child.poll(cx);
                return p;
                """))
        .isEmpty();
  }

  @Test
  void aTypeVariableThatIsBoundToPollableCounts() {
    assertThat(
            Compiled.warningsIn(
                """
                import dev.reveille.*;

                class Example {
                  static <P extends Pollable<String>> Pollable<String> wrap(P inner) {
                    return cx -> inner.poll(cx);
                  }
                }
                """))
        .hasSize(1);
  }

  @Test
  void aProgramWithoutReveilleIsLeftAlone() {
    assertThat(
            Compiled.warningsIn("class Example { Runnable r = () -> System.out.println(\"-\"); }"))
        .isEmpty();
  }
}
