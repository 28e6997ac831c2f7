package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.JoinHandle;
import dev.reveille.RunnableDispatcher;
import dev.reveille.TaskSnapshot;
import dev.reveille.contract.Rig;
import dev.reveille.sync.OneShot.Receiver;
import dev.reveille.sync.OneShot.Sender;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** One value, once; or a failure, or the word that nobody is there. */
final class OneShotTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final OneShot<String> oneShot = new OneShot<>("answer");
  private final Sender<String> sender = oneShot.sender();
  private final Receiver<String> receiver = oneShot.receiver();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private JoinHandle<String> receiving(String name) {
    JoinHandle<String> handle = loop.spawn(name, receiver.receive());
    loop.runUntilStalled();
    return handle;
  }

  private <T> T resultOf(JoinHandle<T> handle) throws Exception {
    loop.runUntilStalled();
    assertThat(handle.isDone()).isTrue();
    return loop.runUntil(handle.join()).value();
  }

  // ------------------------------------------------------------------ a value

  @Test
  void aValueThatWasSentBeforeIsReadyAtOnce() throws Exception {
    assertThat(sender.send("42")).isTrue();
    assertThat(resultOf(receiving("a"))).isEqualTo("42");
  }

  @Test
  void aValueThatIsSentLaterWakesTheOneWhoWaits() throws Exception {
    JoinHandle<String> handle = receiving("a");
    assertThat(handle.isDone()).isFalse();

    rig.elsewhere(() -> assertThat(sender.send("42")).isTrue());

    assertThat(resultOf(handle)).isEqualTo("42");
  }

  @Test
  void ofTwoValuesTheFirstCounts() throws Exception {
    assertThat(sender.isOpen()).isTrue();
    assertThat(sender.send("first")).isTrue();
    assertThat(sender.isOpen()).isFalse();
    assertThat(sender.send("second")).isFalse();
    assertThat(sender.fail(new IOException("too late"))).isFalse();
    sender.close();

    assertThat(receiver.tryReceive()).isEqualTo("first");
    assertThat(sender.send("third")).isFalse();
  }

  @Test
  void tryReceiveIsNullBeforeTheValueAndThrowsAfterIt() throws Exception {
    assertThat(receiver.tryReceive()).isNull();
    sender.send("42");
    assertThat(receiver.tryReceive()).isEqualTo("42");
    assertThatIllegalStateException()
        .isThrownBy(receiver::tryReceive)
        .withMessageContaining("'answer'")
        .withMessageContaining("before");
  }

  @Test
  void pollReceiveMayBeCalledAgainAndAgain() throws Exception {
    HandPolled task = new HandPolled(loop, "a");
    for (int i = 0; i < 3; i++) {
      assertThat(task.call(receiver::pollReceive).isPending()).isTrue();
    }
    sender.send("42");
    assertThat(task.takeWakes()).isEqualTo(1);
    assertThat(task.call(receiver::pollReceive).value()).isEqualTo("42");
    assertThatIllegalStateException().isThrownBy(() -> task.call(receiver::pollReceive));
  }

  @Test
  void ofTwoOperationsOneGetsTheValueAndTheOtherIsTold() throws Exception {
    JoinHandle<String> a = receiving("a");
    JoinHandle<String> b = receiving("b");

    sender.send("42");

    assertThat(resultOf(a)).isEqualTo("42");
    assertThatIllegalStateException().isThrownBy(() -> resultOf(b));
    assertThat(rig.takeUncaught()).hasSize(1);
  }

  @Test
  void cancellingAReceiveLosesNothing() throws Exception {
    JoinHandle<String> given = receiving("gives up");
    given.cancel();
    sender.send("42"); // before the cancel is carried out
    loop.runUntilStalled();

    assertThat(given.isDone()).isTrue();
    assertThat(receiver.tryReceive()).isEqualTo("42");
  }

  // ------------------------------------------------------------------ a failure, nothing

  @Test
  void aFailureIsThrownAsItIsAsOftenAsOneAsks() {
    IOException gone = new IOException("gone");
    JoinHandle<String> handle = receiving("a");
    assertThat(sender.fail(gone)).isTrue();

    assertThatThrownBy(() -> resultOf(handle)).isSameAs(gone);
    assertThatThrownBy(receiver::tryReceive).isSameAs(gone);
    assertThatThrownBy(receiver::blockingReceive).isSameAs(gone);
    assertThat(rig.takeUncaught()).hasSize(1);
  }

  @Test
  void aSenderThatClosesFailsTheReceiverByName() {
    JoinHandle<String> handle = receiving("a");
    sender.close();
    sender.close();

    assertThatExceptionOfType(ClosedException.class)
        .isThrownBy(() -> resultOf(handle))
        .withMessageContaining("'answer'");
    assertThatExceptionOfType(ClosedException.class).isThrownBy(receiver::tryReceive);
    assertThat(sender.send("too late")).isFalse();
    assertThat(rig.takeUncaught()).hasSize(1);
  }

  @Test
  void closingTheSenderAfterItSentChangesNothing() throws Exception {
    try (Sender<String> s = sender) {
      s.send("42");
    }
    assertThat(receiver.tryReceive()).isEqualTo("42");
  }

  // ------------------------------------------------------------------ the receiver leaves

  @Test
  void aValueForAReceiverThatHasClosedStaysWithTheCaller() {
    receiver.close();
    receiver.close();

    assertThat(sender.isOpen()).isFalse();
    assertThat(sender.send("42")).isFalse();
    assertThat(sender.fail(new IOException("gone"))).isFalse();
    assertThatIllegalStateException()
        .isThrownBy(receiver::tryReceive)
        .withMessageContaining("closed before anything was sent");
  }

  @Test
  void aValueThatWasSentBeforeTheReceiverClosedCanStillBeReceived() throws Exception {
    sender.send("42");
    receiver.close();
    assertThat(receiver.tryReceive()).isEqualTo("42");
  }

  @Test
  void orGoesToTheDisposerOnceOnTheThreadThatCloses() throws Exception {
    List<String> disposed = new ArrayList<>();
    OneShot<String> withDisposer =
        new OneShot<>("socket", v -> disposed.add(v + " on " + Thread.currentThread().getName()));
    withDisposer.sender().send("42");

    rig.elsewhere(withDisposer.receiver()::close);
    withDisposer.receiver().close();

    assertThat(disposed).containsExactly("42 on elsewhere");
    assertThatIllegalStateException().isThrownBy(withDisposer.receiver()::tryReceive);
  }

  @Test
  void whatWasReceivedIsNotDisposedOf() throws Exception {
    List<String> disposed = new ArrayList<>();
    OneShot<String> withDisposer = new OneShot<>("socket", disposed::add);
    withDisposer.sender().send("42");
    withDisposer.receiver().tryReceive();
    withDisposer.receiver().close();
    assertThat(disposed).isEmpty();
  }

  @Test
  void aDisposerThatThrowsThrowsToTheOneWhoClosesAndTheSenderIsToldAnyway() throws Exception {
    IllegalStateException broken = new IllegalStateException("broken");
    OneShot<String> withDisposer =
        new OneShot<>(
            "socket",
            v -> {
              throw broken;
            });
    withDisposer.sender().send("42");
    JoinHandle<Complete> closed = loop.spawn(withDisposer.sender().closed());
    loop.runUntilStalled();

    assertThatThrownBy(withDisposer.receiver()::close).isSameAs(broken);
    assertThat(resultOf(closed)).isEqualTo(Complete.COMPLETE);
  }

  @Test
  void theSenderLearnsThatTheReceiverLeft() throws Exception {
    HandPolled server = new HandPolled(loop, "server");
    assertThat(server.call(sender::pollClosed).isPending()).isTrue();
    assertThat(server.call(sender::pollClosed).isPending()).isTrue();

    rig.elsewhere(receiver::close);

    assertThat(server.takeWakes()).isEqualTo(1);
    assertThat(server.call(sender::pollClosed).isReady()).isTrue();
    assertThat(server.call(sender::pollClosed).isReady()).isTrue();
  }

  @Test
  void theSenderLearnsThatItsValueWasReceived() throws Exception {
    JoinHandle<Complete> closed = loop.spawn(sender.closed());
    sender.send("42");
    loop.runUntilStalled();
    assertThat(closed.isDone()).isFalse();

    receiver.tryReceive();

    assertThat(resultOf(closed)).isEqualTo(Complete.COMPLETE);
  }

  @Test
  void closingTheReceiverEndsItsOwnOperations() {
    JoinHandle<String> handle = receiving("a");
    receiver.close();

    assertThatIllegalStateException().isThrownBy(() -> resultOf(handle));
    assertThat(rig.takeUncaught()).hasSize(1);
  }

  // ------------------------------------------------------------------ the rest

  @Test
  void aReceivedValueIsNotHeldAnyLonger() throws Exception {
    OneShot<Object> shot = new OneShot<>();
    shot.sender().send(new Object());
    WeakReference<Object> value = new WeakReference<>(shot.receiver().tryReceive());

    assertThat(Rig.collectGarbageUntil(() -> value.get() == null)).isTrue();
    assertThat(shot.sender().isOpen()).isFalse();
  }

  @Test
  void itSaysWhereItStands() throws Exception {
    assertThat(oneShot).hasToString("OneShot['answer', nothing sent]");
    receiving("client");
    assertThat(loop.snapshot().tasks())
        .extracting(TaskSnapshot::name, TaskSnapshot::waitReason)
        .containsExactly(tuple("client", "the value of 'answer'"));
    sender.send("42");
    assertThat(oneShot).hasToString("OneShot['answer', value sent]");
    receiver.tryReceive();
    receiver.close();
    assertThat(receiver)
        .hasToString("Receiver[OneShot['answer', value received, receiver closed]]");
    loop.runUntilStalled();
    assertThat(rig.takeUncaught()).hasSize(1); // the client's
  }

  @Test
  void nonsenseIsRefusedAtTheCall() {
    assertThatNullPointerException().isThrownBy(() -> sender.send(null));
    assertThatNullPointerException().isThrownBy(() -> sender.fail(null));
    assertThatNullPointerException().isThrownBy(() -> new OneShot<>(null));
    assertThatNullPointerException().isThrownBy(() -> receiver.blockingReceive(null));
    assertThat(sender.isOpen()).isTrue();
  }
}
