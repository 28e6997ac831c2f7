package dev.reveille;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The words of the messages: who, where, and what to do instead. */
final class MisuseTest {

  @Test
  void somethingWithATextIsNamedByIt() {
    assertThat(Names.of(new Operations.Named())).isEqualTo("read of a page");
  }

  @Test
  void somethingWithoutATextIsNamedByItsClass() {
    assertThat(Names.of(new Operations.Unnamed())).isEqualTo("Unnamed");
  }

  @Test
  void aLambdaIsNamedByWhereItStands() {
    Runnable lambda = () -> {};
    Pollable<Complete> reference = MisuseTest::poll;

    assertThat(Names.of(lambda)).isEqualTo("lambda in MisuseTest");
    assertThat(Names.of(reference)).isEqualTo("lambda in MisuseTest");
  }

  @Test
  void anAnonymousClassIsNamedByWhereItStands() {
    Object anonymous = new Object() {};

    assertThat(Names.of(anonymous)).startsWith("MisuseTest$");
  }

  @Test
  void aTextThatThrowsIsTold() {
    Object broken =
        new Object() {
          @Override
          public String toString() {
            throw new IllegalStateException("no text today");
          }
        };

    assertThat(Names.of(broken)).contains("MisuseTest").contains("IllegalStateException");
  }

  @Test
  void pendingWithoutAWakerTellsWhoAndWhatToDo() {
    assertThat(Misuse.pendingWithoutWaker(new Operations.Named(), "reader"))
        .hasMessageStartingWith("'read of a page' in task 'reader' returned Pending")
        .hasMessageContaining("cx.waker(why)")
        .hasMessageContaining("cx.park()");
  }

  @Test
  void pendingWithoutAWakerDoesNotNameATaskTwice() {
    Task task =
        new Task("reader") {
          @Override
          protected Poll<Complete> doPoll(Context cx) {
            return Poll.pending();
          }
        };

    assertThat(Misuse.pendingWithoutWaker(task, "reader"))
        .hasMessageStartingWith("task 'reader' returned Pending");
  }

  @Test
  void aCallFromElsewhereNamesBothThreadsAndTheDispatcher() {
    Thread driver = new Thread("the driver");

    assertThat(Misuse.drivenElsewhere("Timer.reset", "main", driver))
        .hasMessageContaining("Timer.reset")
        .hasMessageContaining("'main'")
        .hasMessageContaining("'the driver'")
        .hasMessageContaining("'" + Thread.currentThread().getName() + "'");
    assertThat(Misuse.secondDriver("run", "main", driver))
        .hasMessageContaining("run")
        .hasMessageContaining("'main'")
        .hasMessageContaining("'the driver'")
        .hasMessageContaining("'" + Thread.currentThread().getName() + "'");
  }

  @Test
  void aRefusalTellsWhyThisDispatcherTakesNothing() {
    assertThat(Misuse.refused("task", "reader", "main", Loop.CLOSED))
        .hasMessage("task 'reader' was refused: dispatcher 'main' is closed");
    assertThat(Misuse.refused("task", "reader", "main", Loop.DRAINING))
        .hasMessageContaining("'main' is shutting down");
  }

  private static Poll<Complete> poll(Context cx) {
    return cx.park();
  }

  /** Things to be described. */
  private static final class Operations {
    static final class Named extends Operation<String> {
      Named() {
        super("read of a page");
      }

      @Override
      protected Poll<String> doPoll(Context cx) {
        return Poll.pending();
      }
    }

    static final class Unnamed {}
  }
}
