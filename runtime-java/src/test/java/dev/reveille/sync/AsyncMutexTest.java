package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.tuple;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.TaskSnapshot;
import dev.reveille.contract.Rig;
import dev.reveille.sync.AsyncMutex.Guard;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A lock across polls: handed over in order, from hand to hand. */
final class AsyncMutexTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final AsyncMutex mutex = new AsyncMutex("journal");
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private JoinHandle<Guard> client(String name) {
    Pollable<Guard> lock = mutex.lock();
    JoinHandle<Guard> handle =
        loop.spawn(
            name,
            Pollable.owning(
                List.of(lock),
                cx -> {
                  Poll<Guard> poll = lock.poll(cx);
                  if (poll.isReady()) {
                    log.add(name);
                  }
                  return poll;
                }));
    loop.runUntilStalled();
    return handle;
  }

  private Guard resultOf(JoinHandle<Guard> handle) throws Exception {
    return loop.runUntil(handle.join()).value();
  }

  @Test
  void aFreeMutexIsLockedAtOnceAndIsFreeAgainAfterTheUnlock() throws Exception {
    Guard guard = resultOf(client("a"));

    assertThat(mutex.isLocked()).isTrue();
    assertThat(guard.isHeld()).isTrue();
    assertThat(mutex.tryLock()).isNull();
    guard.close();
    assertThat(guard.isHeld()).isFalse();
    assertThat(mutex.isLocked()).isFalse();
  }

  @Test
  void itIsHandedFromOneToTheNextInTheOrderOfTheirComing() throws Exception {
    Guard a = resultOf(client("a"));
    JoinHandle<Guard> b = client("b");
    JoinHandle<Guard> c = client("c");

    a.close();
    assertThat(mutex.isLocked()).as("handed over, not freed").isTrue();
    resultOf(b).close();
    resultOf(c).close();

    assertThat(log).containsExactly("a", "b", "c");
    assertThat(mutex.isLocked()).isFalse();
  }

  @Test
  void nobodyBargesInBetweenTheUnlockAndThePollOfTheNext() throws Exception {
    Guard a = resultOf(client("a"));
    JoinHandle<Guard> b = client("b");

    a.close();
    assertThat(mutex.tryLock()).isNull();
    assertThat(mutex.holder()).isEqualTo("b");

    assertThat(resultOf(b).isHeld()).isTrue();
  }

  @Test
  void closingAGuardTwiceUnlocksOnceAlsoFromAnotherThread() throws Exception {
    Guard a = resultOf(client("a"));
    JoinHandle<Guard> b = client("b");

    rig.elsewhere(a::close);
    a.close();

    assertThat(resultOf(b).isHeld()).isTrue();
    assertThat(mutex.holder()).isEqualTo("b");
  }

  @Test
  void aWaiterThatIsCancelledLeavesTheQueue() throws Exception {
    Guard a = resultOf(client("a"));
    JoinHandle<Guard> b = client("b");
    client("c");

    b.cancel();
    loop.runUntilStalled();
    assertThat(mutex.waiting()).isEqualTo(1);
    a.close();
    loop.runUntilStalled();

    assertThat(log).containsExactly("a", "c");
  }

  @Test
  void aWaiterThatIsCancelledAfterItWasHandedTheMutexHandsItOn() throws Exception {
    Guard a = resultOf(client("a"));
    JoinHandle<Guard> b = client("b");
    client("c");

    b.cancel();
    a.close();
    assertThat(mutex.holder()).isEqualTo("b");
    loop.runUntilStalled();

    assertThat(log).containsExactly("a", "c");
    assertThat(mutex.holder()).isEqualTo("c");
  }

  @Test
  void itSaysWhoHoldsItAndWhoWaits() throws Exception {
    assertThat(mutex.holder()).isNull();
    assertThat(mutex).hasToString("AsyncMutex['journal', free, 0 waiting]");
    Guard a = resultOf(client("writer"));
    client("reader");

    assertThat(mutex.holder()).isEqualTo("writer");
    assertThat(mutex).hasToString("AsyncMutex['journal', held by 'writer', 1 waiting]");
    assertThat(a).hasToString("Guard[of 'journal', held by 'writer']");
    assertThat(loop.snapshot().tasks())
        .extracting(TaskSnapshot::name, TaskSnapshot::waitReason)
        .containsExactly(tuple("reader", "mutex 'journal'"));
  }

  @Test
  void aThreadThatHoldsItIsKnownByItsName() throws Exception {
    Guard guard = rig.callElsewhere(mutex::blockingLock);
    assertThat(mutex.holder()).isEqualTo("elsewhere");
    guard.close();
    try (Guard again = rig.callElsewhere(mutex::tryLock)) {
      assertThat(again.isHeld()).isTrue();
      assertThat(mutex.holder()).isEqualTo("elsewhere");
    }
  }

  @Test
  void itIsNotReentrantSoASecondLockOfTheHolderWaitsForItsFirst() throws Exception {
    HandPolled task = new HandPolled(loop, "a");
    Guard first = mutex.guard();
    Guard second = mutex.guard();
    assertThat(task.call(first::pollLock).isReady()).isTrue();
    assertThat(task.call(first::pollLock).isReady()).as("it is held by this guard").isTrue();

    assertThat(task.call(second::pollLock).isPending()).isTrue();

    first.close();
    assertThat(task.call(second::pollLock).isReady()).isTrue();
  }

  @Test
  void aGuardCanLockAgainAfterItsClose() throws Exception {
    HandPolled task = new HandPolled(loop, "a");
    Guard guard = mutex.guard();
    for (int i = 0; i < 3; i++) {
      assertThat(task.call(guard::pollLock).isReady()).isTrue();
      guard.close();
      assertThat(mutex.isLocked()).isFalse();
    }
  }

  @Test
  void twoTasksThatPollOneGuardInTurnsAreToldSo() throws Exception {
    resultOf(client("holder"));
    Guard guard = mutex.guard();
    HandPolled a = new HandPolled(loop, "a");
    HandPolled b = new HandPolled(loop, "b");
    a.call(guard::pollLock);
    b.call(guard::pollLock);

    assertThatIllegalStateException()
        .isThrownBy(() -> a.call(guard::pollLock))
        .withMessageContaining("two tasks");
    assertThat(mutex.waiting()).isEqualTo(1);
  }

  @Test
  void nonsenseIsRefusedAtTheCall() {
    assertThatNullPointerException().isThrownBy(() -> new AsyncMutex(null));
    assertThatNullPointerException().isThrownBy(() -> mutex.blockingLock(null));
  }
}
