package dev.reveille.callback;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Dispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a sink hears of calls. */
final class CompleterLedgerTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final List<String> heard = new ArrayList<>();
  private final LedgerSink sink = Heard::new;
  private @Nullable Completer<String> given;

  private final class Heard implements LedgerSink.Entry {
    Heard(Dispatcher dispatcher, String name) {
      assertThat(dispatcher).isSameAs(loop);
      heard.add("begin " + name);
    }

    @Override
    public void ended(LedgerSink.End how, @Nullable Throwable failure) {
      heard.add(how + (failure == null ? "" : " " + failure.getClass().getSimpleName()));
    }

    @Override
    public void reentrant() {
      heard.add("re-entrant");
    }

    @Override
    public void late() {
      heard.add("late");
    }

    @Override
    public void misused(CallbackMisuse misuse) {
      heard.add(misuse.kind().toString());
    }
  }

  @AfterEach
  void closeTheRig() throws Exception {
    rig.takeUncaught();
    rig.close();
  }

  private Completer<String> given() {
    return requireNonNull(given, "not begun");
  }

  private JoinHandle<String> begin(CallOptions<String> options) {
    CallbackDiagnostics.of(loop).ledger(sink);
    JoinHandle<String> handle =
        loop.spawn(Completer.<String>pollable("x", options, c -> given = c));
    loop.runUntilStalled();
    return handle;
  }

  private void cancel(JoinHandle<String> handle) {
    handle.cancel();
    loop.runUntilStalled();
  }

  @Test
  void eachEndIsToldOnce() {
    begin(CallOptions.defaults());
    given().complete("value");
    loop.runUntilStalled();
    begin(CallOptions.defaults());
    given().fail(new IOException());
    loop.runUntilStalled();
    begin(CallOptions.defaults());
    given().cancelled();
    loop.runUntilStalled();
    cancel(begin(CallOptions.defaults()));
    begin(CallOptions.<String>defaults().withTimeout(Duration.ofSeconds(1)));
    rig.advance(Duration.ofSeconds(1));

    assertThat(heard)
        .containsExactly(
            "begin x",
            "COMPLETED",
            "begin x",
            "FAILED IOException",
            "begin x",
            "CANCELLED CancellationException",
            "begin x",
            "CANCELLED",
            "begin x",
            "TIMED_OUT TimeoutException");
  }

  @Test
  void whatComesAfterTheEndIsToldAsLateOrAsMisuse() {
    cancel(begin(CallOptions.defaults()));
    given().complete("late");
    given().complete("again");
    begin(CallOptions.defaults());
    given().complete("value");
    loop.runUntilStalled();
    given().cancelled();

    assertThat(heard)
        .containsExactly(
            "begin x",
            "CANCELLED",
            "late",
            "DOUBLE_COMPLETION",
            "begin x",
            "COMPLETED",
            "DOUBLE_COMPLETION");
  }

  @Test
  void aValueThatCameAndWasNotTakenEndsAsCancelled() {
    JoinHandle<String> handle = begin(CallOptions.defaults());
    handle.cancel(); // carried out before the poll that the completion causes
    given().complete("value");
    loop.runUntilStalled();

    assertThat(heard).containsExactly("begin x", "CANCELLED");
  }

  @Test
  void aCompletionWithinTheInitiatorIsReentrantAndOneFromElsewhereIsNot() {
    CallbackDiagnostics.of(loop).ledger(sink);
    Pollable<String> within = Completer.pollable("x", c -> c.complete("value"));
    Pollable<String> elsewhere =
        Completer.pollable("y", c -> rig.elsewhere(() -> c.complete("value")));
    loop.spawn(within);
    loop.spawn(elsewhere);
    loop.runUntilStalled();

    assertThat(heard).containsExactly("begin x", "re-entrant", "COMPLETED", "begin y", "COMPLETED");
  }

  @Test
  void anInitiatorThatThrowsIsNoCallbackThatComesEarly() {
    CallbackDiagnostics.of(loop).ledger(sink);
    loop.spawn(
        Completer.<String>pollable(
            "x",
            c -> {
              throw new IOException("refused");
            }));
    loop.runUntilStalled();

    assertThat(heard).containsExactly("begin x", "FAILED IOException");
  }

  @Test
  void aLastWordEndsTheCallThatWasGivenUp() {
    cancel(begin(CallOptions.<String>defaults().withCancelMode(CancelMode.AWAIT_CALLBACK)));
    assertThat(heard).containsExactly("begin x");

    given().complete("value");
    loop.runUntilStalled();

    assertThat(heard).containsExactly("begin x", "late", "CANCELLED");
  }

  @Test
  void callsStayWithTheSinkWithWhichTheyBegan() {
    begin(CallOptions.defaults());
    CallbackDiagnostics.of(loop).ledger(null);
    given().complete("value");
    loop.runUntilStalled();
    loop.spawn(Completer.<String>pollable("unheard", c -> c.complete("value")));
    loop.runUntilStalled();

    assertThat(heard).containsExactly("begin x", "COMPLETED");
  }

  @Test
  void aCallThatNeverBeganIsNotHeard() {
    CallbackDiagnostics.of(loop).ledger(sink);
    cancel(loop.spawn(Completer.<String>pollable("x", c -> given = c)));

    assertThat(heard).isEmpty();
  }
}
