package dev.reveille.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Dispatcher;
import dev.reveille.RunOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** {@code stop()} is no end: whoever runs the loop next goes on where it was left. */
public interface StopContract extends ContractGroup {

  @Test
  default void whatIsQueuedBehindAStopRunsLaterInItsOrder() {
    Dispatcher loop = rig().loop();
    List<String> log = new ArrayList<>();
    loop.post(
        () -> {
          loop.stop();
          log.add("stops");
        });
    loop.post(() -> log.add("second"));
    loop.post(Tasks.logging(log, "third"));

    rig().settle(loop); // up to the stop, where a thread runs it
    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.IDLE);

    assertThat(log).containsExactly("stops", "second", "third");
  }

  @Test
  default void aStopWithoutARunIsUsedUpByTheNextOne() {
    Dispatcher loop = rig().loop();
    boolean[] ran = {false};
    loop.stop();
    loop.stop();
    rig().settle(loop);

    loop.post(() -> ran[0] = true);
    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.IDLE);

    assertThat(ran[0]).isTrue();
    assertThat(loop.isShutdown()).isFalse();
  }

  @Test
  default void aTaskThatSleptThroughAStopIsWokenAsEver() {
    Dispatcher loop = rig().loop();
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(sleeper);
    rig().settle(loop);
    loop.stop();
    rig().settle(loop);
    assertThat(sleeper.polls).isEqualTo(1);

    sleeper.wakeToEnd();

    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.IDLE);
    assertThat(sleeper.polls).isEqualTo(2);
    assertThat(sleeper.cleanups).isEqualTo(1);
  }

  /** Stops from outside, as fast as they come, while the loop runs: none takes a callback along. */
  @Test
  default void noCallbackIsLostToStopsFromOutside() throws Exception {
    Dispatcher loop = rig().loop();
    int posts = 2_000;
    int[] ran = {0};
    CountDownLatch stopped = new CountDownLatch(1);
    for (int i = 0; i < posts; i++) {
      loop.post(() -> ran[0]++);
    }
    var stopper =
        rig()
            .start(
                "stopper",
                () -> {
                  for (int i = 0; i < 200; i++) {
                    loop.stop();
                  }
                  stopped.countDown();
                  return true;
                });
    rig().settle(loop);
    Rig.await(stopped);
    Rig.await(stopper);

    rig().settle(loop); // the last stop may be left
    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.IDLE);

    assertThat(ran[0]).isEqualTo(posts);
  }
}
