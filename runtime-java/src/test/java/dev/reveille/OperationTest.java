package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.contract.Rig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One-shot operations, and bodies that own them. */
final class OperationTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private static final class Scripted extends Operation<String> {
    Poll<String> answer = Poll.pending();
    @Nullable Exception failure;
    int polls;
    int cancels;

    Scripted() {
      super("scripted one");
    }

    @Override
    protected Poll<String> doPoll(Context cx) throws Exception {
      polls++;
      if (failure != null) {
        throw failure;
      }
      cx.waker("the test");
      return answer;
    }

    @Override
    protected void doCancel() {
      cancels++;
    }
  }

  /** What one more poll of the operation throws. */
  private Throwable pollAgain(Operation<?> operation) {
    List<Throwable> thrown = new ArrayList<>();
    loop.spawn(
        cx -> {
          try {
            operation.poll(cx);
          } catch (IllegalStateException e) {
            thrown.add(e);
          }
          return Poll.ready();
        });
    loop.runUntilStalled();
    assertThat(thrown).hasSize(1);
    return thrown.get(0);
  }

  @Test
  void whilePendingItMayBePolledAgain() {
    Scripted operation = new Scripted();
    loop.spawn(
        cx -> {
          operation.poll(cx);
          operation.poll(cx);
          operation.answer = Poll.ready("value");
          return operation.poll(cx);
        });

    loop.runUntilStalled();

    assertThat(operation.polls).isEqualTo(3);
    assertThat(operation.isFinished()).isTrue();
  }

  @Test
  void afterReadyAFurtherPollThrowsByName() {
    Scripted operation = new Scripted();
    operation.answer = Poll.ready("value");
    loop.spawn(operation);
    loop.runUntilStalled();

    assertThat(pollAgain(operation))
        .hasMessageContaining("'scripted one'")
        .hasMessageContaining("ready");
    assertThat(operation.polls).isEqualTo(1);
  }

  @Test
  void afterAFailureAFurtherPollThrowsByName() {
    Scripted operation = new Scripted();
    operation.failure = new IOException("gone");
    loop.spawn("spawned", operation);
    loop.runUntilStalled();
    assertThat(rig.takeUncaught())
        .containsExactly(new Rig.Uncaught(loop, "spawned", operation.failure));

    assertThat(pollAgain(operation))
        .hasMessageContaining("'scripted one'")
        .hasMessageContaining("failed");
    assertThat(operation.isFinished()).isTrue();
  }

  @Test
  void afterACancelAFurtherPollThrowsByName() {
    Scripted operation = new Scripted();
    operation.cancel();

    assertThat(pollAgain(operation))
        .hasMessageContaining("'scripted one'")
        .hasMessageContaining("cancelled");
    assertThat(operation.polls).isZero();
  }

  @Test
  void cancelReleasesOnceAndOnlyTheUnfinished() {
    Scripted unfinished = new Scripted();
    unfinished.cancel();
    unfinished.cancel();
    Scripted finished = new Scripted();
    finished.answer = Poll.ready("value");
    loop.spawn(finished);
    loop.runUntilStalled();
    finished.cancel();

    assertThat(unfinished.cancels).isEqualTo(1);
    assertThat(unfinished.isFinished()).isTrue();
    assertThat(finished.cancels).isZero();
  }

  @Test
  void itIsNamed() {
    assertThat(new Scripted().name()).isEqualTo("scripted one");
    assertThat(new Scripted()).hasToString("scripted one");
  }

  // ------------------------------------------------------------------ owning

  @Test
  void anOwningBodyForwardsCancelToItselfFirstAndThenToEachChild() {
    List<String> log = new ArrayList<>();
    Pollable<?> first = loggingCancel(log, "first");
    Pollable<?> second = loggingCancel(log, "second");
    Pollable<String> body =
        new Pollable<>() {
          @Override
          public Poll<String> poll(Context cx) {
            return cx.park();
          }

          @Override
          public void cancel() {
            log.add("body");
          }
        };
    JoinHandle<String> handle = loop.spawn(Pollable.owning(List.of(first, second), body));
    loop.runUntilStalled();

    handle.cancel();
    loop.runUntilStalled();

    assertThat(log).containsExactly("body", "first", "second");
  }

  @Test
  void everyChildIsCancelledWhateverAnEarlierOneThrew() {
    List<String> log = new ArrayList<>();
    IllegalStateException one = new IllegalStateException("one");
    IllegalStateException two = new IllegalStateException("two");
    Pollable<?> owning =
        Pollable.owning(
            List.of(throwingCancel(one), throwingCancel(two), loggingCancel(log, "last")),
            cx -> cx.park());

    assertThatThrownBy(owning::cancel).isSameAs(one).hasSuppressedException(two);
    assertThat(log).containsExactly("last");
  }

  private static Pollable<Object> loggingCancel(List<String> log, String name) {
    return new Pollable<>() {
      @Override
      public Poll<Object> poll(Context cx) {
        return cx.park();
      }

      @Override
      public void cancel() {
        log.add(name);
      }
    };
  }

  private static Pollable<Object> throwingCancel(RuntimeException failure) {
    return new Pollable<>() {
      @Override
      public Poll<Object> poll(Context cx) {
        return cx.park();
      }

      @Override
      public void cancel() {
        throw failure;
      }
    };
  }
}
