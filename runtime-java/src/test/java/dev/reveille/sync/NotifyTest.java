package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.tuple;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.TaskSnapshot;
import dev.reveille.contract.Rig;
import dev.reveille.sync.Notify.Listener;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Notifications: for one, for all who wait, stored, passed on, never lost. */
final class NotifyTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final Notify notify = new Notify("bell");
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private JoinHandle<Complete> waiter(String name) {
    Pollable<Complete> notified = notify.notified();
    JoinHandle<Complete> handle =
        loop.spawn(
            name,
            Pollable.owning(
                List.of(notified),
                cx -> {
                  Poll<Complete> poll = notified.poll(cx);
                  if (poll.isReady()) {
                    log.add(name);
                  }
                  return poll;
                }));
    loop.runUntilStalled();
    return handle;
  }

  // ------------------------------------------------------------------ one

  @Test
  void oneIsNotifiedTheOneWhoHasWaitedLongest() {
    waiter("a");
    waiter("b");

    notify.notifyOne();
    loop.runUntilStalled();
    assertThat(log).containsExactly("a");
    notify.notifyOne();
    loop.runUntilStalled();
    assertThat(log).containsExactly("a", "b");
  }

  @Test
  void aNotificationThatNobodyWaitsForIsStoredForTheNext() {
    notify.notifyOne();
    waiter("a");
    waiter("b");

    assertThat(log).containsExactly("a");
  }

  @Test
  void oneIsStoredAtMost() {
    notify.notifyOne();
    notify.notifyOne();
    notify.notifyOne();
    waiter("a");
    waiter("b");

    assertThat(log).containsExactly("a");
    assertThat(notify.waiting()).isEqualTo(1);
  }

  @Test
  void notificationsOfThoseWhoWaitAreNotMergedBeforeTheyLook() {
    waiter("a");
    waiter("b");
    waiter("c");

    notify.notifyOne();
    notify.notifyOne();
    loop.runUntilStalled();

    assertThat(log).containsExactly("a", "b");
    assertThat(notify).hasToString("Notify['bell', 1 waiting]");
  }

  @Test
  void aNewcomerDoesNotTakeWhatIsMeantForOneWhoWaits() {
    waiter("a");
    notify.notifyOne();
    Listener newcomer = notify.listener();

    assertThat(newcomer.enable()).isFalse();
    loop.runUntilStalled();
    assertThat(log).containsExactly("a");
  }

  // ------------------------------------------------------------------ all

  @Test
  void allWhoWaitNowAreNotifiedInOrderAndNothingIsStored() {
    waiter("a");
    waiter("b");
    Listener notRegistered = notify.listener();

    notify.notifyWaiters();
    waiter("late");
    loop.runUntilStalled();

    assertThat(log).containsExactly("a", "b");
    assertThat(notRegistered.enable()).isFalse();
  }

  @Test
  void aStoredNotificationSurvivesANotificationOfAll() {
    notify.notifyOne();
    notify.notifyWaiters();
    waiter("a");

    assertThat(log).containsExactly("a");
  }

  @Test
  void oneWhoIsNotifiedWithAllLeavesTheNextForAnother() {
    waiter("a");
    notify.notifyWaiters();
    notify.notifyOne();
    waiter("b");
    loop.runUntilStalled();

    assertThat(log).containsExactlyInAnyOrder("a", "b");
  }

  // ------------------------------------------------------------------ giving up

  @Test
  void aWaiterThatIsCancelledLeavesTheQueue() {
    JoinHandle<Complete> a = waiter("a");
    waiter("b");

    a.cancel();
    loop.runUntilStalled();
    notify.notifyOne();
    loop.runUntilStalled();

    assertThat(log).containsExactly("b");
  }

  @Test
  void aWaiterThatIsCancelledBeforeItLookedPassesItsNotificationOn() {
    JoinHandle<Complete> a = waiter("a");
    waiter("b");

    a.cancel();
    notify.notifyOne();
    loop.runUntilStalled();

    assertThat(log).containsExactly("b");
  }

  @Test
  void aNotificationThatIsPassedOnToNobodyIsStored() {
    JoinHandle<Complete> a = waiter("a");

    a.cancel();
    notify.notifyOne();
    loop.runUntilStalled();
    assertThat(notify).hasToString("Notify['bell', 0 waiting, notification stored]");
    waiter("b");

    assertThat(log).containsExactly("b");
  }

  @Test
  void aNotificationOfAllIsNotPassedOn() {
    JoinHandle<Complete> a = waiter("a");

    a.cancel();
    notify.notifyWaiters();
    loop.runUntilStalled();
    waiter("late");

    assertThat(log).isEmpty();
    assertThat(notify.waiting()).isEqualTo(1);
  }

  @Test
  void aNotificationThatWasReturnedIsUsedUp() throws Exception {
    Listener listener = notify.listener();
    HandPolled task = new HandPolled(loop, "a");
    notify.notifyOne();

    assertThat(task.call(listener::pollNotified).isReady()).isTrue();
    listener.close();
    assertThat(notify).hasToString("Notify['bell', 0 waiting]");
  }

  // ------------------------------------------------------------------ listen, look, wait

  @Test
  void whatIsNotifiedAfterEnableIsNotMissedAlsoIfItIsForAll() throws Exception {
    Listener listener = notify.listener();
    HandPolled task = new HandPolled(loop, "a");
    assertThat(listener.enable()).isFalse();
    assertThat(listener.enable()).as("once is enough").isFalse();
    assertThat(notify.waiting()).isEqualTo(1);

    notify.notifyWaiters();

    assertThat(listener.enable()).isTrue();
    assertThat(task.call(listener::pollNotified).isReady()).isTrue();
    assertThat(task.call(listener::pollNotified).isPending()).isTrue();
  }

  @Test
  void enablingTakesAStoredNotificationAndClosingGivesItBack() {
    notify.notifyOne();
    Listener listener = notify.listener();

    assertThat(listener.enable()).isTrue();
    assertThat(notify).hasToString("Notify['bell', 0 waiting]");
    listener.close();
    listener.close();

    assertThat(notify).hasToString("Notify['bell', 0 waiting, notification stored]");
  }

  @Test
  void aListenerWaitsForOneNotificationAfterTheOther() throws Exception {
    Listener listener = notify.listener();
    HandPolled task = new HandPolled(loop, "a");
    for (int i = 0; i < 3; i++) {
      assertThat(task.call(listener::pollNotified).isPending()).isTrue();
      assertThat(task.call(listener::pollNotified).isPending()).isTrue();
      assertThat(notify.waiting()).isEqualTo(1);
      rig.elsewhere(notify::notifyOne);
      assertThat(task.takeWakes()).isEqualTo(1);
      assertThat(task.call(listener::pollNotified).isReady()).isTrue();
    }
  }

  @Test
  void anEnabledListenerIsFirstInTheOrderOfItsEnabling() throws Exception {
    Listener listener = notify.listener();
    HandPolled task = new HandPolled(loop, "a");
    listener.enable();
    waiter("b");

    assertThat(task.call(listener::pollNotified).isPending()).isTrue();
    notify.notifyOne();
    assertThat(task.takeWakes()).isEqualTo(1);
    assertThat(log).isEmpty();
  }

  @Test
  void itSaysWhatIsWaitedFor() {
    waiter("a");
    assertThat(loop.snapshot().tasks())
        .extracting(TaskSnapshot::name, TaskSnapshot::waitReason)
        .containsExactly(tuple("a", "notification of 'bell'"));
    Listener listener = notify.listener();
    assertThat(listener).hasToString("Listener[of 'bell', not waiting]");
    listener.enable();
    assertThat(listener).hasToString("Listener[of 'bell', waiting]");
    notify.notifyWaiters();
    assertThat(listener).hasToString("Listener[of 'bell', notified]");
  }

  @Test
  void misuseIsTold() throws Exception {
    assertThatNullPointerException().isThrownBy(() -> new Notify(null));
    Listener listener = notify.listener();
    HandPolled a = new HandPolled(loop, "a");
    HandPolled b = new HandPolled(loop, "b");
    a.call(listener::pollNotified);
    b.call(listener::pollNotified);

    assertThatIllegalStateException()
        .isThrownBy(() -> a.call(listener::pollNotified))
        .withMessageContaining("two tasks");
    notify.notifyOne();
    assertThat(b.takeWakes()).isEqualTo(1);
  }
}
