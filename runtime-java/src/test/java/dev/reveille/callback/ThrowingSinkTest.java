package dev.reveille.callback;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.Dispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import dev.reveille.sync.PollStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A sink that throws is heard by whoever was the cause, and costs nobody a value or a wake. */
final class ThrowingSinkTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final CallbackDiagnostics diagnostics = CallbackDiagnostics.of(loop);
  private final List<String> log = new ArrayList<>();
  private @Nullable Completer<String> given;

  /** Throws at whatever it is told of that name. */
  private record Broken(String at) implements LedgerSink, LedgerSink.Entry {
    @Override
    public Entry begin(Dispatcher dispatcher, String name) {
      return this;
    }

    private void hear(String what) {
      if (what.equals(at)) {
        throw new IllegalArgumentException("of the sink");
      }
    }

    @Override
    public void ended(End how, @Nullable Throwable failure) {
      hear("ended");
    }

    @Override
    public void late() {
      hear("late");
    }

    @Override
    public void event() {
      hear("event");
    }

    @Override
    public void dropped() {
      hear("dropped");
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
    JoinHandle<String> handle =
        loop.spawn(
            Completer.<String>pollable(
                "an answer",
                options.onLateValue(value -> log.add("disposed of " + value)),
                c -> {
                  given = c;
                  c.onCancel(() -> log.add("asked to give up"));
                }));
    loop.runUntilStalled();
    return handle;
  }

  @Test
  void aSinkThatThrowsAtTheEndDoesNotKeepTheCancelActionFromRunning() {
    diagnostics.ledger(new Broken("ended"));
    begin(CallOptions.defaults()).cancel();

    loop.runUntilStalled();

    assertThat(log).containsExactly("asked to give up");
  }

  @Test
  void aSinkThatThrowsAtTheEndDoesNotKeepAValueThatWasNotPolledForFromItsDisposer() {
    diagnostics.ledger(new Broken("ended"));
    JoinHandle<String> handle = begin(CallOptions.defaults());
    handle.cancel();
    given().complete("a value");

    loop.runUntilStalled();

    assertThat(log).containsExactly("disposed of a value");
  }

  @Test
  void aValueThatTheOneWhoWaitedDoesNotGetSinceASinkThrowsIsDisposedOf() {
    diagnostics.ledger(new Broken("ended"));
    begin(CallOptions.defaults());
    given().complete("a value");

    loop.runUntilStalled();

    assertThat(log).containsExactly("disposed of a value");
  }

  @Test
  void aSinkThatThrowsAtALateValueDoesNotKeepItFromItsDisposer() {
    diagnostics.ledger(new Broken("late"));
    begin(CallOptions.defaults()).cancel();
    loop.runUntilStalled();

    assertThatThrownBy(() -> given().complete("a value")).hasMessage("of the sink");
    loop.runUntilStalled();

    assertThat(log).containsExactly("asked to give up", "disposed of a value");
  }

  @Test
  void aSinkThatThrowsAtAnElementDoesNotKeepItsConsumerAsleep() {
    diagnostics.ledger(new Broken("event"));
    AtomicReference<Emitter<Integer>> emitter = new AtomicReference<>();
    JoinHandle<@Nullable Integer> handle =
        loop.spawn(
            Emitter.<Integer>stream(
                    "numbers",
                    Overflow.latest(),
                    e -> {
                      emitter.set(e);
                      return () -> {};
                    })
                ::pollNext);
    loop.runUntilStalled();

    assertThatThrownBy(() -> requireNonNull(emitter.get()).next(1)).hasMessage("of the sink");
    loop.runUntilStalled();

    assertThat(handle.isDone()).isTrue();
  }

  @Test
  void aSinkThatThrowsAtADroppedElementDoesNotKeepItFromItsDisposer() {
    diagnostics.ledger(new Broken("dropped"));
    AtomicReference<Emitter<Integer>> emitter = new AtomicReference<>();
    PollStream<Integer> stream =
        Emitter.<Integer>stream(
            "numbers",
            Overflow.dropLatest(1),
            n -> log.add("disposed of " + n),
            e -> {
              emitter.set(e);
              return () -> {};
            });
    loop.spawn(
        cx -> {
          if (emitter.get() == null) {
            stream.pollNext(cx);
          }
          return cx.park();
        });
    loop.runUntilStalled();
    Emitter<Integer> e = requireNonNull(emitter.get());
    e.next(1);

    assertThatThrownBy(() -> e.next(2)).hasMessage("of the sink");
    loop.runUntilStalled();

    assertThat(log).containsExactly("disposed of 2");
  }
}
