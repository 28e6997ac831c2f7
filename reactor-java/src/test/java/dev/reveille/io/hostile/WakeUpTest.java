package dev.reveille.io.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.contract.Rig;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The cost of a wake, as the kernel sees it: a wake-up of a selector is a write to its event
 * descriptor, and stands there until the next select.
 */
final class WakeUpTest extends HostileFixture {
  private static final int MANY = 10_000;

  @BeforeEach
  void onLinux() {
    assumeTrue(Holdings.DESCRIPTORS_ARE_KNOWN);
  }

  /** "One wake-up per sleep at most, none while awake." */
  @Test
  void aLoopThatIsAwakeIsNotWoken() throws Exception {
    CountDownLatch inAPoll = new CountDownLatch(1);
    CountDownLatch mayReturn = new CountDownLatch(1);
    AtomicInteger called = new AtomicInteger();
    loop.post(
        () -> {
          inAPoll.countDown();
          await(mayReturn);
        });
    int[] polls = {0};
    boolean[] seen = {false};
    JoinHandle<Boolean> woken =
        loop.spawn(
            "woken from afar",
            cx -> {
              polls[0]++;
              cx.waker("other threads");
              return seen[0] ? Poll.ready(true) : Poll.pending();
            });
    var driving = rig.drive(loop);
    Rig.await(inAPoll);
    int before = Holdings.untakenWakeUps();

    for (int i = 0; i < MANY; i++) {
      loop.post(called::incrementAndGet);
    }

    assertThat(Holdings.untakenWakeUps()).isEqualTo(before);
    loop.post(() -> seen[0] = true);
    woken.cancel();
    assertThat(Holdings.untakenWakeUps()).isEqualTo(before);
    mayReturn.countDown();
    Rig.awaitState("all were called", () -> called.get() == MANY);
    Rig.awaitState("the task has ended", woken::isDone);
    driving.awaitAsleep();
    loop.stop();
    driving.awaitOutcome();
  }

  /** Asleep: each of these is a sleep of its own, and the wake-up has been taken after it. */
  @Test
  void aLoopThatSleepsIsWokenByEveryPostThatFindsItAsleep() throws Exception {
    int before = Holdings.untakenWakeUps();
    var driving = rig.drive(loop);
    AtomicInteger called = new AtomicInteger();
    for (int i = 1; i <= 200; i++) {
      driving.awaitAsleep();
      loop.post(called::incrementAndGet);
      int expected = i;
      Rig.awaitState("it is called", () -> called.get() == expected);
    }
    driving.awaitAsleep();
    Rig.awaitState("no wake-up is left", () -> Holdings.untakenWakeUps() == before);
    loop.stop();
    driving.awaitOutcome();
  }

  /** Threads that wake at the moment in which it falls asleep: none is lost. */
  @Test
  void noPostIsLostAtTheEdgeOfSleep() throws Exception {
    var driving = rig.drive(loop);
    int rounds = 3_000;
    AtomicInteger[] called = {new AtomicInteger(), new AtomicInteger()};
    FutureTask<?>[] posters = new FutureTask<?>[2];
    for (int t = 0; t < 2; t++) {
      AtomicInteger mine = called[t];
      posters[t] =
          rig.start(
              "poster " + t,
              () -> {
                for (int i = 1; i <= rounds; i++) {
                  loop.post(mine::incrementAndGet);
                  int expected = i; // one at a time, so that the loop falls asleep in between
                  Rig.awaitState("the call", () -> mine.get() == expected);
                }
                return true;
              });
    }
    for (FutureTask<?> each : posters) {
      Rig.await(each);
    }
    loop.stop();
    driving.awaitOutcome();
  }

  private static void await(CountDownLatch latch) {
    try {
      Rig.await(latch);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
