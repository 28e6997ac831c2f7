package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.tuple;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.RunnableDispatcher;
import dev.reveille.TaskSnapshot;
import dev.reveille.contract.Rig;
import dev.reveille.sync.Watch.Receiver;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The newest value, and those who want to know when it changes. */
final class WatchTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final Watch<String> watch = new Watch<>("level", "INFO");

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  @Test
  void theInitialValueIsThereAndCountsAsSeen() {
    Receiver<String> receiver = watch.subscribe();
    assertThat(watch.get()).isEqualTo("INFO");
    assertThat(receiver.hasChanged()).isFalse();
    assertThat(receiver.tryChanged()).isNull();
    assertThat(receiver.get()).isEqualTo("INFO");
  }

  @Test
  void whatIsThereAtTheSubscriptionCountsAsSeen() {
    watch.set("WARN");
    assertThat(watch.subscribe().tryChanged()).isNull();
  }

  @Test
  void aChangeWakesAllWhoWaitAndEachSeesItOnce() throws Exception {
    Receiver<String> a = watch.subscribe();
    Receiver<String> b = watch.subscribe();
    HandPolled one = new HandPolled(loop, "one");
    HandPolled other = new HandPolled(loop, "other");
    assertThat(one.call(a::pollChanged).isPending()).isTrue();
    assertThat(one.call(a::pollChanged).isPending()).isTrue();
    assertThat(other.call(b::pollChanged).isPending()).isTrue();

    rig.elsewhere(() -> watch.set("WARN"));

    assertThat(one.takeWakes()).isEqualTo(1);
    assertThat(other.takeWakes()).isEqualTo(1);
    assertThat(one.call(a::pollChanged).value()).isEqualTo("WARN");
    assertThat(one.call(a::pollChanged).isPending()).isTrue();
    assertThat(other.call(b::pollChanged).value()).isEqualTo("WARN");
  }

  @Test
  void changesCoalesceAndASlowReceiverSkipsWhatWasInBetween() {
    Receiver<String> receiver = watch.subscribe();
    watch.set("WARN");
    watch.set("ERROR");
    watch.set("DEBUG");

    assertThat(receiver.hasChanged()).isTrue();
    assertThat(receiver.tryChanged()).isEqualTo("DEBUG");
    assertThat(receiver.tryChanged()).isNull();
  }

  @Test
  void lookingWithTheReceiverCountsAsSeenAndLookingAtTheWatchDoesNot() {
    Receiver<String> receiver = watch.subscribe();
    watch.set("WARN");
    assertThat(watch.get()).isEqualTo("WARN");
    assertThat(receiver.hasChanged()).isTrue();
    assertThat(receiver.get()).isEqualTo("WARN");
    assertThat(receiver.hasChanged()).isFalse();
    assertThat(receiver.tryChanged()).isNull();
  }

  @Test
  void anEqualValueIsAChangeToo() {
    Receiver<String> receiver = watch.subscribe();
    watch.set("INFO");
    assertThat(receiver.tryChanged()).isEqualTo("INFO");
  }

  @Test
  void anUpdateMakesTheNewValueOfTheOld() {
    Receiver<String> receiver = watch.subscribe();
    assertThat(watch.update(old -> old + "+")).isEqualTo("INFO+");
    assertThat(watch.get()).isEqualTo("INFO+");
    assertThat(receiver.tryChanged()).isEqualTo("INFO+");
  }

  @Test
  void anUpdateThatReturnsTheOldObjectChangesNothing() {
    Receiver<String> receiver = watch.subscribe();
    assertThat(watch.update(old -> old)).isEqualTo("INFO");
    assertThat(receiver.hasChanged()).isFalse();
  }

  @Test
  void anUpdateRunsUnderNoLockAndAgainIfSomebodyElseWasFaster() {
    List<String> seen = new ArrayList<>();
    String result =
        watch.update(
            old -> {
              seen.add(old);
              if (seen.size() == 1) {
                rig.elsewhere(() -> watch.set("changed meanwhile"));
              }
              return old + "!";
            });
    assertThat(seen).containsExactly("INFO", "changed meanwhile");
    assertThat(result).isEqualTo("changed meanwhile!");
  }

  @Test
  void anUpdateThatThrowsChangesNothing() {
    IllegalStateException broken = new IllegalStateException("broken");
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                watch.update(
                    old -> {
                      throw broken;
                    }))
        .isSameAs(broken);
    assertThatNullPointerException().isThrownBy(() -> watch.update(old -> null));
    assertThat(watch.get()).isEqualTo("INFO");
  }

  @Test
  void anOperationIsReadyOnceWithTheNewestValue() throws Exception {
    Receiver<String> receiver = watch.subscribe();
    JoinHandle<String> handle = loop.spawn("a", receiver.changed());
    loop.runUntilStalled();
    assertThat(handle.isDone()).isFalse();
    watch.set("WARN");
    watch.set("ERROR");
    assertThat(loop.runUntil(handle.join()).value()).isEqualTo("ERROR");
  }

  @Test
  void cancellingAnOperationLosesNoChange() {
    Receiver<String> receiver = watch.subscribe();
    JoinHandle<String> handle = loop.spawn("a", receiver.changed());
    loop.runUntilStalled();

    handle.cancel();
    watch.set("WARN");
    loop.runUntilStalled();

    assertThat(handle.isDone()).isTrue();
    assertThat(receiver.tryChanged()).isEqualTo("WARN");
  }

  // ------------------------------------------------------------------ the end

  @Test
  void theEndComesWhenItIsClosedAndTheLastChangeWasSeen() throws Exception {
    Receiver<String> receiver = watch.subscribe();
    watch.set("WARN");
    watch.close();
    watch.close();

    assertThat(receiver.isDrained()).isFalse();
    assertThat(receiver.tryChanged()).isEqualTo("WARN");
    assertThat(receiver.isDrained()).isTrue();
    for (int i = 0; i < 2; i++) {
      assertThat(receiver.tryChanged()).isNull();
      assertThat(loop.runUntil(receiver.changed()).value()).isNull();
    }
    assertThat(receiver.get()).isEqualTo("WARN");
    assertThat(watch.get()).isEqualTo("WARN");
    assertThat(watch.isClosed()).isTrue();
  }

  @Test
  void theCloseWakesThoseWhoWait() throws Exception {
    JoinHandle<String> handle = loop.spawn("a", watch.subscribe().changed());
    loop.runUntilStalled();
    assertThat(handle.isDone()).isFalse();
    watch.close();
    assertThat(loop.runUntil(handle.join()).value()).isNull();
  }

  @Test
  void aClosedWatchCannotBeChanged() {
    watch.close();
    assertThatIllegalStateException()
        .isThrownBy(() -> watch.set("WARN"))
        .withMessageContaining("'level'");
    assertThatIllegalStateException().isThrownBy(() -> watch.update(old -> old));
    assertThat(watch.subscribe().isDrained()).isTrue();
  }

  @Test
  void aClosedReceiverIsNotTold() {
    Receiver<String> receiver = watch.subscribe();
    assertThat(watch.receivers()).isEqualTo(1);
    receiver.close();
    receiver.close();
    assertThat(watch.receivers()).isZero();
    watch.set("WARN");
    assertThat(receiver.hasChanged()).isFalse();
    assertThatIllegalStateException().isThrownBy(receiver::tryChanged);
    assertThatIllegalStateException().isThrownBy(receiver::get);
  }

  @Test
  void closingAReceiverEndsItsOwnOperations() {
    Receiver<String> receiver = watch.subscribe();
    JoinHandle<String> handle = loop.spawn("a", receiver.changed());
    loop.runUntilStalled();
    receiver.close();
    assertThatIllegalStateException().isThrownBy(() -> loop.runUntil(handle.join()));
    assertThat(rig.takeUncaught()).hasSize(1);
  }

  @Test
  void itSaysWhatIsWaitedFor() {
    Receiver<String> receiver = watch.subscribe();
    loop.spawn("a", receiver.changed());
    loop.runUntilStalled();
    assertThat(loop.snapshot().tasks())
        .extracting(TaskSnapshot::name, TaskSnapshot::waitReason)
        .containsExactly(tuple("a", "a change of 'level'"));
    watch.set("WARN");
    assertThat(watch).hasToString("Watch['level', 1 changes, 1 receivers]");
    assertThat(receiver).hasToString("Receiver[of 'level', changed]");
  }

  @Test
  void nonsenseIsRefusedAtTheCall() {
    assertThatNullPointerException().isThrownBy(() -> new Watch<>(null));
    assertThatNullPointerException().isThrownBy(() -> new Watch<>(null, "x"));
    assertThatNullPointerException().isThrownBy(() -> watch.set(null));
    assertThatNullPointerException().isThrownBy(() -> watch.update(null));
    assertThat(watch.get()).isEqualTo("INFO");
  }
}
