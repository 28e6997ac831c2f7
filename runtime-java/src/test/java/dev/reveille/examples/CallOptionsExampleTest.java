package dev.reveille.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Dispatcher;
import dev.reveille.MockTime;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.callback.CallOptions;
import dev.reveille.callback.CallbackDiagnostics;
import dev.reveille.callback.CallbackMisuse;
import dev.reveille.callback.CancelMode;
import dev.reveille.callback.Completer;
import dev.reveille.callback.LedgerSink;
import dev.reveille.callback.LostCallbackException;
import dev.reveille.callback.MisusePolicy;
import dev.reveille.combine.Pollables;
import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class CallOptionsExampleTest {

  private static final class Session implements AutoCloseable {
    boolean closed;

    @Override
    public void close() {
      closed = true;
    }
  }

  /** A callback API, as they are. */
  private static final class Client {
    Consumer<Session> callback = session -> {};

    void connect(Consumer<Session> onConnect) {
      callback = onConnect;
    }
  }

  private final Client client = new Client();

  static final CallOptions<Session> CONNECT =
      CallOptions.<Session>defaults().closeLateValues().withTimeout(Duration.ofSeconds(5));

  Pollable<Session> connect() {
    return Completer.pollable("connect", CONNECT, completer -> client.connect(completer::complete));
  }

  @Test
  void aSessionThatComesTooLateIsClosed() throws Exception {
    try (Rig rig = new Rig(BasicDispatcher::new)) {
      MockTime time = rig.time();
      RunnableDispatcher dispatcher = rig.dispatcher();
      var handle = dispatcher.spawn(connect());
      dispatcher.runUntilStalled();
      time.advance(Duration.ofSeconds(5));
      assertThatThrownBy(() -> dispatcher.runUntil(handle.join()))
          .isInstanceOf(TimeoutException.class);

      Session late = new Session();
      client.callback.accept(late);
      dispatcher.runUntilStalled();

      assertThat(late.closed).isTrue();
      rig.takeUncaught();
    }
  }

  private static final class Response {}

  @Test
  void theModesAndPolicies() {
    CallOptions<Response> options =
        CallOptions.<Response>defaults().withCancelMode(CancelMode.AWAIT_CALLBACK);

    assertThat(options).asString().contains("AWAIT_CALLBACK");

    CallOptions<String> inTests =
        CallOptions.<String>defaults().withMisusePolicy(MisusePolicy.THROW);

    assertThat(inTests).asString().contains("THROW");
  }

  private record Reply(String text) {
    static final Reply NONE = new Reply("none");
  }

  @Test
  void aLostCallbackIsAFailureLikeOthers() throws Exception {
    try (Rig rig = new Rig(BasicDispatcher::new)) {
      RunnableDispatcher dispatcher = rig.dispatcher();
      Pollable<Reply> reply =
          Pollables.recover(
              Completer.<Reply>pollable("ask", completer -> {}), // nobody keeps the completer
              LostCallbackException.class,
              lost -> Pollables.ready(Reply.NONE));
      var handle = dispatcher.spawn(reply);
      assertThat(
              Rig.collectGarbageUntil(
                  () -> {
                    dispatcher.runUntilStalled();
                    return handle.isDone();
                  }))
          .isTrue();
      assertThat(handle.toCompletableFuture()).isCompletedWithValue(Reply.NONE);
    }
  }

  private final List<CallbackMisuse> misuses = new ArrayList<>();

  private LedgerSink.Entry entryOf(String name) {
    return new LedgerSink.Entry() {
      @Override
      public void misused(CallbackMisuse misuse) {
        misuses.add(misuse);
      }
    };
  }

  String report(CallbackMisuse misuse) {
    return misuse.kind() + " of " + misuse.name();
  }

  @Test
  void diagnosticsTellOfMisuse() throws Exception {
    try (BasicDispatcher dispatcher = new BasicDispatcher()) {
      CallbackDiagnostics diagnostics = CallbackDiagnostics.of(dispatcher);
      diagnostics.captureStacks(true); // while a library is looked into
      diagnostics.ledger((loop, name) -> entryOf(name));

      Pollable<Integer> twice =
          Completer.pollable(
              "ask",
              completer -> {
                completer.complete(1);
                completer.complete(2);
              });
      assertThat(dispatcher.runUntil(twice).value()).isEqualTo(1);
      assertThat(misuses).singleElement().satisfies(m -> assertThat(m.first()).isNotNull());
      assertThat(report(misuses.get(0))).isEqualTo("DOUBLE_COMPLETION of ask");
    }
  }

  final class InFlight implements LedgerSink {
    int calls;

    @Override
    public Entry begin(Dispatcher dispatcher, String name) {
      calls++;
      return new Entry() {
        @Override
        public void ended(End how, @Nullable Throwable failure) {
          calls--;
        }
      };
    }
  }

  @Test
  void aSinkCountsWhatIsInFlight() throws Exception {
    try (BasicDispatcher dispatcher = new BasicDispatcher()) {
      InFlight inFlight = new InFlight();
      CallbackDiagnostics.of(dispatcher).ledger(inFlight);
      var handle = dispatcher.spawn(connect());
      dispatcher.runUntilStalled();
      assertThat(inFlight.calls).isEqualTo(1);

      client.callback.accept(new Session());

      assertThat(dispatcher.runUntil(handle.join()).isReady()).isTrue();
      assertThat(inFlight.calls).isZero();
    }
  }
}
