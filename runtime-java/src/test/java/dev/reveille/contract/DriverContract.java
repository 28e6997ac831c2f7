package dev.reveille.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Dispatcher;
import dev.reveille.Poll;
import dev.reveille.RunOutcome;
import dev.reveille.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** One driver at a time, told apart from other threads, whoever it is. */
public interface DriverContract extends ContractGroup {

  @Test
  default void aLoopOnlyCallFromElsewhereThrowsNamingBothThreads() throws Exception {
    Dispatcher loop = rig().loopOnSystemClock();
    Timer timer = new Timer(loop);
    AtomicReference<String> driver = new AtomicReference<>();
    CountDownLatch goOn = new CountDownLatch(1);
    loop.post(
        () -> {
          driver.set(Thread.currentThread().getName());
          try {
            Rig.await(goOn);
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
    rig().drive(loop);
    Rig.awaitState("the callback runs", () -> driver.get() != null);

    try {
      assertThatThrownBy(() -> rig().elsewhere(() -> timer.reset(Duration.ofSeconds(1))))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("Timer.reset")
          .hasMessageContaining("'" + driver.get() + "'")
          .hasMessageContaining("'elsewhere'")
          .hasMessageContaining("'loop'");
      assertThatThrownBy(() -> rig().elsewhere(timer::cancel))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("Timer.cancel");
    } finally {
      goOn.countDown();
    }
    assertThat(timer.isPending()).isFalse();
  }

  @Test
  default void aLoopOnlyCallWorksFromAnyThreadWhileNobodyDrives() {
    Dispatcher loop = rig().loop();
    Timer timer = new Timer(loop);
    rig().elsewhere(() -> timer.reset(Duration.ofSeconds(1)));
    boolean[] fired = {false};
    loop.spawn(
        "waits",
        cx -> {
          Poll<?> poll = timer.poll(cx);
          fired[0] = poll.isReady();
          return poll;
        });

    rig().advance(Duration.ofMillis(999));
    assertThat(fired[0]).isFalse();
    rig().advance(Duration.ofMillis(1));
    assertThat(fired[0]).isTrue();
  }

  @Test
  default void onLoopIsTrueForTheDriverWhileItDrives() {
    Dispatcher loop = rig().loop();
    List<Boolean> inside = new ArrayList<>();
    loop.post(() -> inside.add(loop.onLoop()));
    loop.post(
        () -> {
          try {
            inside.add(rig().callElsewhere(loop::onLoop));
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });

    assertThat(loop.onLoop()).isFalse();
    rig().settle(loop);

    assertThat(inside).containsExactly(true, false);
    assertThat(loop.onLoop()).isFalse();
  }

  @Test
  default void aDriverThatLeftIsNoDriver() {
    Dispatcher loop = rig().loop();
    rig().settle(loop);
    boolean[] ran = {false};

    loop.post(() -> ran[0] = true);
    assertThat(ran[0]).isFalse();
    loop.dispatch(() -> ran[0] = true);
    assertThat(ran[0]).isFalse();
    rig().elsewhere(() -> rig().settle(loop));

    assertThat(ran[0]).isTrue();
    assertThat(loop.snapshot().driver()).isNull();
  }

  /** The host of a loop may be a pool, whose threads take turns. */
  @Test
  default void neverDoTwoThreadsRunItAtOnce() throws Exception {
    Dispatcher loop = rig().loopOnSystemClock();
    int each = 2_000;
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger together = new AtomicInteger();
    int[] ran = {0}; // plain: each sees what the one before wrote
    CountDownLatch done = new CountDownLatch(2 * each);
    rig().drive(loop);
    List<FutureTask<Boolean>> posters = new ArrayList<>();
    for (int t = 0; t < 2; t++) {
      posters.add(
          rig()
              .start(
                  "poster " + t,
                  () -> {
                    for (int i = 0; i < each; i++) {
                      loop.post(
                          () -> {
                            if (inside.getAndIncrement() != 0) {
                              together.getAndIncrement();
                            }
                            ran[0]++;
                            inside.getAndDecrement();
                            done.countDown();
                          });
                    }
                    return true;
                  }));
    }
    for (FutureTask<Boolean> poster : posters) {
      Rig.await(poster);
    }
    Rig.await(done);

    assertThat(together).hasValue(0);
    assertThat(ran[0]).isEqualTo(2 * each);
  }

  @Test
  default void aTaskIsTheSameOneOnWhicheverThreadItIsPolledNext() {
    Dispatcher loop = rig().loop();
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(sleeper);
    rig().elsewhere(() -> rig().settle(loop));

    sleeper.wakeToEnd();

    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.IDLE);
    assertThat(sleeper.polls).isEqualTo(2);
    assertThat(sleeper.inits).isEqualTo(1);
    assertThat(sleeper.cleanups).isEqualTo(1);
  }
}
