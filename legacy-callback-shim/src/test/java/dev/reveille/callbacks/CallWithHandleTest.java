package dev.reveille.callbacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callback.CallOptions;
import dev.reveille.callback.CancelMode;
import dev.reveille.callback.Completer;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A legacy call that returns what cancels it. */
final class CallWithHandleTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final List<String> log = new ArrayList<>();
  private final AtomicReference<Completer<String>> given = new AtomicReference<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private JoinHandle<String> begin() {
    JoinHandle<String> handle =
        loop.spawn(
            Callbacks.<String, String>callWithHandle(
                "get",
                completer -> {
                  given.set(completer);
                  return "handle";
                },
                h -> log.add("cancel " + h + ", on the loop: " + loop.onLoop())));
    loop.runUntilStalled();
    return handle;
  }

  @Test
  void theOneWhoGivesUpCancelsByTheHandle() {
    JoinHandle<String> handle = begin();

    handle.cancel();
    loop.runUntilStalled();

    assertThat(log).containsExactly("cancel handle, on the loop: true");
  }

  @Test
  void aCompletedCallIsNotCancelled() throws Exception {
    JoinHandle<String> handle = begin();
    given.get().complete("body");

    assertThat(loop.runUntil(handle.join()).value()).isEqualTo("body");
    handle.cancel();
    loop.runUntilStalled();
    assertThat(log).isEmpty();
  }

  @Test
  void aCallThatIsAnsweredBeforeItReturnsItsHandleIsNotCancelled() throws Exception {
    assertThat(
            loop.runUntil(
                    Callbacks.<String, String>callWithHandle(
                        "get",
                        completer -> {
                          completer.complete("early");
                          return "handle";
                        },
                        log::add))
                .value())
        .isEqualTo("early");
    assertThat(log).isEmpty();
  }

  @Test
  void aCallWithoutAHandleHasNothingToCancel() {
    JoinHandle<String> handle =
        loop.spawn(
            Callbacks.<String, String>callWithHandle(
                "get",
                completer -> {
                  given.set(completer);
                  return null;
                },
                log::add));
    loop.runUntilStalled();

    handle.cancel();
    loop.runUntilStalled();

    assertThat(log).isEmpty();
    assertThat(given.get().isCancelled()).isTrue();
  }

  @Test
  void aCallThatThrowsFails() {
    IOException refused = new IOException("refused");
    assertThatThrownBy(
            () ->
                loop.runUntil(
                    Callbacks.<String, String>callWithHandle(
                        "get",
                        completer -> {
                          throw refused;
                        },
                        log::add)))
        .isSameAs(refused);
  }

  @Test
  void theOptionsHold() {
    JoinHandle<String> handle =
        loop.spawn(
            Callbacks.<String, String>callWithHandle(
                "get",
                CallOptions.<String>defaults()
                    .withCancelMode(CancelMode.AWAIT_CALLBACK)
                    .onLateValue(value -> log.add("late " + value)),
                completer -> {
                  given.set(completer);
                  return "handle";
                },
                log::add));
    loop.runUntilStalled();

    handle.cancel();
    loop.runUntilStalled();
    given.get().complete("body");
    loop.runUntilStalled();

    assertThat(log).containsExactly("handle", "late body");
  }

  @Test
  void whatIsMissingIsSaidAtOnce() {
    assertThatThrownBy(() -> Callbacks.callWithHandle("get", null, h -> {}))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> Callbacks.callWithHandle("get", c -> "handle", null))
        .isInstanceOf(NullPointerException.class);
  }
}
