package dev.reveille.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.tuple;

import dev.reveille.BasicDispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.RunnableDispatcher;
import dev.reveille.TaskSnapshot;
import dev.reveille.contract.Rig;
import dev.reveille.sync.Semaphore.Permit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Permits: who gets them, in which order, and where they go when somebody gives up. */
final class SemaphoreTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  /** A task that acquires, notes it, and gives nothing back. */
  private JoinHandle<Permit> client(String name, Semaphore semaphore, int permits) {
    Pollable<Permit> acquire = semaphore.acquire(permits);
    JoinHandle<Permit> handle =
        loop.spawn(
            name,
            Pollable.owning(
                List.of(acquire),
                cx -> {
                  Poll<Permit> poll = acquire.poll(cx);
                  if (poll.isReady()) {
                    log.add(name);
                  }
                  return poll;
                }));
    loop.runUntilStalled();
    return handle;
  }

  private void cancel(JoinHandle<?> handle) {
    handle.cancel();
    loop.runUntilStalled();
  }

  private Permit resultOf(JoinHandle<Permit> handle) throws Exception {
    return loop.runUntil(handle.join()).value();
  }

  // ------------------------------------------------------------------ acquiring

  @Test
  void freePermitsAreReadyAtOnceAndClosingGivesThemBack() throws Exception {
    Semaphore semaphore = new Semaphore(3);

    Permit permit = resultOf(client("a", semaphore, 2));

    assertThat(permit.isHeld()).isTrue();
    assertThat(permit.permits()).isEqualTo(2);
    assertThat(semaphore.availablePermits()).isEqualTo(1);
    permit.close();
    assertThat(permit.isHeld()).isFalse();
    assertThat(semaphore.availablePermits()).isEqualTo(3);
  }

  @Test
  void closingAPermitTwiceGivesItBackOnce() throws Exception {
    Semaphore semaphore = new Semaphore(1);
    Permit permit = resultOf(client("a", semaphore, 1));

    permit.close();
    rig.elsewhere(permit::close);

    assertThat(semaphore.availablePermits()).isEqualTo(1);
  }

  @Test
  void waitersAreServedInTheOrderOfTheirFirstPoll() {
    Semaphore semaphore = new Semaphore(0);
    client("a", semaphore, 1);
    client("b", semaphore, 1);
    client("c", semaphore, 1);

    semaphore.release(1);
    loop.runUntilStalled();
    assertThat(log).containsExactly("a");
    semaphore.release(2);
    loop.runUntilStalled();
    assertThat(log).containsExactly("a", "b", "c");
  }

  @Test
  void aBigRequestAtTheHeadHoldsUpTheSmallOnesBehindIt() {
    Semaphore semaphore = new Semaphore(2);
    client("big", semaphore, 3);
    client("small", semaphore, 1);

    assertThat(log).isEmpty();
    assertThat(semaphore.availablePermits()).isEqualTo(2);

    semaphore.release(1);
    loop.runUntilStalled();
    assertThat(log).containsExactly("big");
    semaphore.release(1);
    loop.runUntilStalled();
    assertThat(log).containsExactly("big", "small");
  }

  @Test
  void aBigRequestThatLeavesLetsTheSmallOnesGo() {
    Semaphore semaphore = new Semaphore(2);
    JoinHandle<Permit> big = client("big", semaphore, 3);
    client("one", semaphore, 1);
    client("other", semaphore, 1);
    client("third", semaphore, 1);

    cancel(big);

    assertThat(log).containsExactly("one", "other");
    assertThat(semaphore.waiting()).isEqualTo(1);
  }

  @Test
  void nobodyBargesPastThoseWhoWait() throws Exception {
    Semaphore semaphore = new Semaphore(0);
    client("first", semaphore, 2);
    semaphore.release(1);

    assertThat(semaphore.tryAcquire()).isNull();
    client("second", semaphore, 1);
    assertThat(log).isEmpty();
    assertThat(semaphore.blockingAcquire(1, java.time.Duration.ZERO)).isNull();

    semaphore.release(1);
    assertThat(semaphore.tryAcquire()).as("granted already, though not polled yet").isNull();
    loop.runUntilStalled();
    assertThat(log).containsExactly("first");
  }

  @Test
  void pollingAgainWhileWaitingKeepsThePlaceAndTakesNoSecondOne() throws Exception {
    Semaphore semaphore = new Semaphore(0);
    Permit permit = semaphore.permit(1);
    HandPolled a = new HandPolled(loop, "a");
    a.call(permit::pollAcquire);
    client("b", semaphore, 1);

    assertThat(a.call(permit::pollAcquire).isPending()).isTrue();
    assertThat(a.call(permit::pollAcquire).isPending()).isTrue();
    assertThat(semaphore.waiting()).isEqualTo(2);

    semaphore.release(1);
    assertThat(permit.isHeld()).isTrue();
    assertThat(a.takeWakes()).isEqualTo(1);
    assertThat(a.call(permit::pollAcquire).isReady()).isTrue();
    assertThat(log).isEmpty();
  }

  @Test
  void aPermitCanBeAcquiredAgainAfterItsClose() throws Exception {
    Semaphore semaphore = new Semaphore(1);
    Permit permit = semaphore.permit(1);
    HandPolled task = new HandPolled(loop, "a");
    for (int i = 0; i < 3; i++) {
      assertThat(task.call(permit::pollAcquire).isReady()).isTrue();
      assertThat(task.call(permit::pollAcquire).isReady()).as("held is held").isTrue();
      assertThat(semaphore.availablePermits()).isZero();
      permit.close();
    }
    assertThat(semaphore.availablePermits()).isEqualTo(1);
    assertThat(permit.tryAcquire()).isTrue();
    assertThat(permit.tryAcquire()).isTrue();
    assertThat(semaphore.availablePermits()).isZero();
  }

  // ------------------------------------------------------------------ giving up

  @Test
  void aWaiterThatIsCancelledLeavesTheQueue() {
    Semaphore semaphore = new Semaphore(0);
    client("a", semaphore, 1);
    JoinHandle<Permit> b = client("b", semaphore, 1);
    client("c", semaphore, 1);

    cancel(b);
    assertThat(semaphore.waiting()).isEqualTo(2);
    semaphore.release(2);
    loop.runUntilStalled();

    assertThat(log).containsExactly("a", "c");
  }

  @Test
  void aWaiterThatIsCancelledAfterItsGrantPassesItOn() {
    Semaphore semaphore = new Semaphore(0);
    JoinHandle<Permit> first = client("first", semaphore, 1);
    client("second", semaphore, 1);

    first.cancel(); // the request goes before the wake of the grant
    semaphore.release(1);
    loop.runUntilStalled();

    assertThat(log).containsExactly("second");
    assertThat(semaphore.availablePermits()).isZero();
  }

  @Test
  void aGrantThatNobodyElseWaitsForIsFreeAgainAfterTheCancel() {
    Semaphore semaphore = new Semaphore(0);
    JoinHandle<Permit> only = client("only", semaphore, 2);

    only.cancel();
    semaphore.release(2);
    assertThat(semaphore.availablePermits()).isZero();
    loop.runUntilStalled();

    assertThat(semaphore.availablePermits()).isEqualTo(2);
    assertThat(log).isEmpty();
  }

  @Test
  void cancellingAnOperationBeforeItsFirstPollOrTwiceDoesNothing() {
    Semaphore semaphore = new Semaphore(1);
    Pollable<Permit> never = semaphore.acquire();
    never.cancel();
    never.cancel();
    assertThat(semaphore.availablePermits()).isEqualTo(1);
  }

  @Test
  void cancellingAFinishedOperationLeavesThePermitHeld() throws Exception {
    Semaphore semaphore = new Semaphore(1);
    Pollable<Permit> acquire = semaphore.acquire();
    Permit permit = loop.runUntil(acquire).value();
    acquire.cancel();

    assertThat(permit.isHeld()).isTrue();
    assertThat(semaphore.availablePermits()).isZero();
  }

  // ------------------------------------------------------------------ close, forget, release

  @Test
  void closeFailsAllWhoWaitAndAllWhoCome() {
    Semaphore semaphore = new Semaphore("doors", 0);
    JoinHandle<Permit> a = client("a", semaphore, 1);
    JoinHandle<Permit> b = client("b", semaphore, 5);

    semaphore.close();
    semaphore.close();
    loop.runUntilStalled();
    JoinHandle<Permit> late = client("late", semaphore, 1);

    for (JoinHandle<Permit> handle : List.of(a, b, late)) {
      assertThatExceptionOfType(ClosedException.class)
          .isThrownBy(() -> resultOf(handle))
          .withMessageContaining("'doors'");
    }
    assertThat(rig.takeUncaught()).hasSize(3);
    assertThat(semaphore.tryAcquire()).isNull();
    assertThatExceptionOfType(ClosedException.class).isThrownBy(() -> semaphore.blockingAcquire(1));
    assertThat(semaphore.isClosed()).isTrue();
    assertThat(semaphore.waiting()).isZero();
  }

  @Test
  void whatWasGrantedBeforeTheCloseIsHeldAndCanBeGivenBack() throws Exception {
    Semaphore semaphore = new Semaphore(0);
    JoinHandle<Permit> waiting = client("a", semaphore, 1);
    semaphore.release(1);
    semaphore.close();

    Permit permit = resultOf(waiting);
    assertThat(permit.isHeld()).isTrue();
    permit.close();
    assertThat(semaphore.availablePermits()).isEqualTo(1);
    assertThat(permit.tryAcquire()).isFalse();
  }

  @Test
  void aForgottenPermitIsGoneUntilItIsReleased() throws Exception {
    Semaphore semaphore = new Semaphore(2);
    Permit permit = resultOf(client("a", semaphore, 2));

    permit.forget();
    permit.close();
    assertThat(semaphore.availablePermits()).isZero();
    assertThatIllegalStateException().isThrownBy(permit::forget).withMessageContaining("not held");

    semaphore.release(2);
    assertThat(semaphore.availablePermits()).isEqualTo(2);
  }

  @Test
  void permitsThatWouldOverflowAreRefusedAlsoWhenTheOthersAreHeld() throws Exception {
    Semaphore semaphore = new Semaphore(Integer.MAX_VALUE - 1);
    Permit all = resultOf(client("a", semaphore, Integer.MAX_VALUE - 1));
    semaphore.release(1);

    assertThatIllegalStateException()
        .isThrownBy(() -> semaphore.release(1))
        .withMessageContaining("too many");

    assertThat(semaphore.availablePermits()).isEqualTo(1);
    all.close();
    assertThat(semaphore.availablePermits()).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void nonsenseIsRefusedAtTheCall() {
    Semaphore semaphore = new Semaphore(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Semaphore(-1))
        .withMessageContaining("-1");
    assertThatNullPointerException().isThrownBy(() -> new Semaphore(null, 1));
    for (int n : new int[] {0, -1}) {
      assertThatIllegalArgumentException().isThrownBy(() -> semaphore.acquire(n));
      assertThatIllegalArgumentException().isThrownBy(() -> semaphore.tryAcquire(n));
      assertThatIllegalArgumentException().isThrownBy(() -> semaphore.blockingAcquire(n));
      assertThatIllegalArgumentException().isThrownBy(() -> semaphore.permit(n));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> semaphore.release(n))
          .withMessageContaining("at least one");
    }
    assertThatNullPointerException().isThrownBy(() -> semaphore.blockingAcquire(1, null));
  }

  // ------------------------------------------------------------------ what one sees

  @Test
  void itSaysWhatIsWaitedFor() throws Exception {
    Semaphore semaphore = new Semaphore("connections", 1);
    Permit held = resultOf(client("a", semaphore, 1));
    client("b", semaphore, 1);

    assertThat(semaphore).hasToString("Semaphore['connections', 0 of 1 available, 1 waiting]");
    assertThat(held).hasToString("Permit[1 of 'connections', held]");
    assertThat(loop.snapshot().tasks())
        .extracting(TaskSnapshot::name, TaskSnapshot::waitReason)
        .containsExactly(tuple("b", "a permit of 'connections'"));
    held.close();
    assertThat(held).hasToString("Permit[1 of 'connections', not held]");
  }

  @Test
  void twoTasksThatPollOnePermitInTurnsAreToldSoAndTheRightfulOneGetsIt() throws Exception {
    Semaphore semaphore = new Semaphore("shared", 0);
    Permit permit = semaphore.permit(1);
    HandPolled a = new HandPolled(loop, "a");
    HandPolled b = new HandPolled(loop, "b");
    a.call(permit::pollAcquire);
    b.call(permit::pollAcquire);
    assertThat(a.takeWakes()).as("it lost its place, and is told").isEqualTo(1);

    assertThatIllegalStateException()
        .isThrownBy(() -> a.call(permit::pollAcquire))
        .withMessageContaining("two tasks")
        .withMessageContaining("'shared'");

    semaphore.release(1);
    assertThat(a.takeWakes()).isZero();
    assertThat(b.takeWakes()).isEqualTo(1);
  }

  @Test
  void anOperationMayBePolledByAnotherTaskThanBefore() throws Exception {
    Semaphore semaphore = new Semaphore(0);
    Permit permit = semaphore.permit(1);
    HandPolled a = new HandPolled(loop, "a");
    HandPolled b = new HandPolled(loop, "b");
    for (int i = 0; i < 3; i++) {
      a.call(permit::pollAcquire);
      b.call(permit::pollAcquire);
      semaphore.release(1);
      assertThat(b.takeWakes()).isEqualTo(1);
      permit.close();
      permit.tryAcquire();
      permit.forget();
    }
  }

  @Test
  void whatWasWrittenBeforeAPermitWasGivenBackIsSeenByTheNextHolder() throws Exception {
    Semaphore semaphore = new Semaphore(1);
    Permit held = resultOf(client("a", semaphore, 1));
    int[] plain = {0};
    AtomicReference<Integer> seen = new AtomicReference<>();
    Pollable<Permit> acquire = semaphore.acquire();
    loop.spawn(cx -> acquire.poll(cx).map(p -> seen.getAndSet(plain[0])));
    loop.runUntilStalled();

    rig.elsewhere(
        () -> {
          plain[0] = 42;
          held.close();
        });
    loop.runUntilStalled();

    assertThat(seen).hasValue(42);
    assertThat(catchThrowable(() -> acquire.poll(null)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("polled again");
  }
}
