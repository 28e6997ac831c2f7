package dev.reveille.io.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.BasicDispatcher;
import dev.reveille.DispatcherOptions;
import dev.reveille.JoinHandle;
import dev.reveille.RunnableDispatcher;
import dev.reveille.contract.Rig;
import dev.reveille.sync.PollStream;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Signals to this very process: WINCH, which does nothing where nobody wants it, and HUP, which
 * would end it.
 */
@Timeout(60)
class SignalsTest {
  private static final Signal WINCH = new Signal("WINCH");
  private static final Signal SIGCONT = new Signal("CONT");

  private final SunSignals jvm = SunSignals.get();
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher dispatcher = rig.onSystemClock();

  /** Called when a signal comes that no stream wants. */
  private final AtomicInteger before = new AtomicInteger();

  private final Object winch = jvm.signal("WINCH");
  private final Object handlerBefore = jvm.handler("before", before::incrementAndGet);
  private final Object original = jvm.install(winch, handlerBefore);

  @AfterEach
  void close() throws Exception {
    rig.close();
    assertThat(jvm.install(winch, original)).as("put back").isSameAs(handlerBefore);
  }

  private <T> T await(dev.reveille.Pollable<T> pollable) throws Exception {
    return Rig.await(rig.start("driver", () -> dispatcher.runUntil(pollable).value()));
  }

  /** Waits until the JVM has brought a signal that was sent before. */
  private void raiseAndAwaitWake(JoinHandle<?> consumer) {
    jvm.raise(winch);
    Rig.awaitState(
        "it has come",
        () -> {
          dispatcher.runUntilStalled();
          return consumer.isDone();
        });
  }

  @Test
  void aSignalFromAnotherProcessIsAnElement() throws Exception {
    PollStream<Signal> hangups = Signals.on(dispatcher, Signal.SIGHUP);
    new ProcessBuilder("/bin/sh", "-c", "kill -HUP " + ProcessHandle.current().pid())
        .start()
        .waitFor();
    assertThat(await(hangups.take(1).toList())).containsExactly(Signal.SIGHUP);
  }

  @Test
  void streamsOfTwoDispatchersGetItBoth() throws Exception {
    RunnableDispatcher second = rig.onSystemClock();
    JoinHandle<List<Signal>> one =
        dispatcher.spawn("one", Signals.on(dispatcher, WINCH).take(1).toList());
    JoinHandle<List<Signal>> two = second.spawn("two", Signals.on(second, WINCH).take(1).toList());
    jvm.raise(winch);
    Rig.awaitState(
        "both have it",
        () -> {
          dispatcher.runUntilStalled();
          second.runUntilStalled();
          return one.isDone() && two.isDone();
        });
    assertThat(before).hasValue(0);
  }

  @Test
  void whatIsSentBeforeTheFirstPollIsKept() throws Exception {
    PollStream<Signal> stream = Signals.on(dispatcher, WINCH);
    jvm.raise(winch);
    assertThat(await(stream.take(1).toList())).containsExactly(WINCH);
  }

  @Test
  void aBurstCoalescesAndTheLastOfItIsSeen() throws Exception {
    SignalStream stream = (SignalStream) Signals.on(dispatcher, WINCH, SIGCONT);
    for (int i = 0; i < 1000; i++) { // as the JVM's handler threads do, in an order that is known
      stream.arrived(2);
      stream.arrived(1);
    }
    assertThat(await(stream.take(2).toList())).containsExactly(WINCH, SIGCONT);

    PollStream<Signal> again = Signals.on(dispatcher, WINCH);
    JoinHandle<Signal> one = dispatcher.spawn("one", again.next());
    dispatcher.runUntilStalled();
    raiseAndAwaitWake(one);
    JoinHandle<Signal> none = dispatcher.spawn("none", again.next());
    dispatcher.runUntilStalled();
    assertThat(none.isDone()).as("one signal is one element").isFalse();
    assertThat(dispatcher.snapshot().tasks().get(0).waitReason()).isEqualTo("a signal");
    raiseAndAwaitWake(none);
    again.cancel();
  }

  @Test
  void aKindThatNeverStopsDoesNotStarveTheOthers() throws Exception {
    SignalStream stream = (SignalStream) Signals.on(dispatcher, WINCH, SIGCONT);
    stream.arrived(1);
    stream.arrived(2);
    List<Signal> given = await(stream.onEach(signal -> stream.arrived(1)).take(3).toList());
    assertThat(given).containsExactly(WINCH, SIGCONT, WINCH);
  }

  @Test
  void theHandlerFromBeforeIsPutBackWithTheLastStream() throws Exception {
    PollStream<Signal> one = Signals.on(dispatcher, WINCH);
    PollStream<Signal> two = Signals.on(dispatcher, WINCH, Signal.SIGHUP);
    one.cancel();
    one.cancel();
    jvm.raise(winch);
    assertThat(await(two.take(1).toList())).containsExactly(WINCH); // and cancels it
    assertThat(before).hasValue(0);
    jvm.raise(winch);
    Rig.awaitState("as before", () -> before.get() == 1);
  }

  @Test
  void aTaskThatIsCancelledGivesItsSignalsBack() {
    JoinHandle<Signal> task =
        dispatcher.spawn("waiter", Signals.on(dispatcher, WINCH).skip(1).first());
    dispatcher.runUntilStalled();
    task.cancel();
    dispatcher.runUntilStalled();
    jvm.raise(winch);
    Rig.awaitState("as before", () -> before.get() == 1);
  }

  @Test
  void aClosedDispatcherGivesItsSignalsBackAndTakesNoMore() {
    RunnableDispatcher closing = rig.onSystemClock();
    Signals.on(closing, WINCH); // nobody polls or cancels it
    closing.close();
    jvm.raise(winch);
    Rig.awaitState("as before", () -> before.get() == 1);
    assertThatThrownBy(() -> Signals.on(closing, WINCH))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
    RunnableDispatcher neverUsed = new BasicDispatcher(DispatcherOptions.defaults());
    neverUsed.close();
    assertThatThrownBy(() -> Signals.on(neverUsed, WINCH))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aHandlerThatOthersHavePutThereMeanwhileStays() {
    PollStream<Signal> stream = Signals.on(dispatcher, WINCH);
    AtomicInteger others = new AtomicInteger();
    Object theirs = jvm.handler("theirs", others::incrementAndGet);
    Object ours = jvm.install(winch, theirs);
    stream.cancel();
    jvm.raise(winch);
    Rig.awaitState("it is theirs", () -> others.get() == 1);
    // They leave, and put back what they found, which is not in use any more: it gives way.
    assertThat(jvm.install(winch, ours)).isSameAs(theirs);
    jvm.raise(winch);
    Rig.awaitState("as before", () -> before.get() == 1);
    jvm.raise(winch);
    Rig.awaitState("as before", () -> before.get() == 2);
    assertThat(others).hasValue(1);
  }

  @Test
  void aDeadHandlerThatIsInstalledAgainHandsItsSignalsToTheLivingOne() throws Exception {
    PollStream<Signal> first = Signals.on(dispatcher, WINCH);
    Object dead = jvm.install(winch, handlerBefore);
    first.cancel();
    PollStream<Signal> second = Signals.on(dispatcher, WINCH);
    Object living = jvm.install(winch, dead);
    jvm.raise(winch);
    assertThat(await(second.next())).isEqualTo(WINCH);
    jvm.install(winch, living);
    second.cancel();
  }

  @Test
  void whatIsUnknownOrKeptByTheJvmIsRefusedByNameAndNothingIsTaken() {
    assertThatThrownBy(() -> Signals.on(dispatcher, WINCH, new Signal("NOSUCH")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("SIGNOSUCH");
    for (String kept : List.of("QUIT", "KILL", "STOP", "SEGV")) {
      assertThatThrownBy(() -> Signals.on(dispatcher, WINCH, new Signal(kept)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("SIG" + kept);
    }
    jvm.raise(winch);
    Rig.awaitState("as before", () -> before.get() == 1);
    assertThatThrownBy(() -> Signals.on(dispatcher))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0 kinds");
    assertThatThrownBy(() -> new Signal("SIG")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theSignalWithWhichTheJvmStopsThreadsStaysItsOwn() {
    Object usr2 = jvm.signal("USR2");
    Object mine = jvm.handler("mine", () -> {});
    Object inUse = jvm.install(usr2, mine);
    jvm.install(usr2, inUse);
    if (jvm.isNative(inUse)) { // as on Linux
      assertThatThrownBy(() -> Signals.on(dispatcher, new Signal("USR2")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("SIGUSR2")
          .hasMessageContaining("native");
      assertThat(jvm.isNative(jvm.install(usr2, inUse))).as("put back").isTrue();
    }
  }

  @Test
  void aSignalIsNamedWithOrWithoutItsPrefix() {
    assertThat(new Signal("SIGINT")).isEqualTo(Signal.SIGINT);
    assertThat(Signal.SIGINT).hasToString("SIGINT");
    assertThat(Signals.isKnown(Signal.SIGTERM)).isTrue();
    assertThat(Signals.isKnown(new Signal("NOSUCH"))).isFalse();
    assertThat(Signals.on(dispatcher, WINCH, WINCH)).hasToString("signals [SIGWINCH]");
  }
}
