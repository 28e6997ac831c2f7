package dev.reveille.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Dispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.RunOutcome;
import dev.reveille.Timer;
import dev.reveille.WorkGuard;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** {@code shutdown()}: outside is refused, what runs goes on to its end. */
public interface ShutdownContract extends ContractGroup {

  @Test
  default void shutdownRefusesPostsFromOutsideByName() {
    Dispatcher loop = rig().loop();
    loop.post(new Sleeper("sleeper"));
    loop.shutdown();
    Sleeper late = new Sleeper("late task");

    assertThat(loop.isShutdown()).isTrue();
    assertThat(loop.isClosed()).isFalse();
    assertThatThrownBy(() -> loop.post(late))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageContaining("'late task'")
        .hasMessageContaining("'loop'");
    assertThat(late.isPosted()).isFalse();
    assertThatThrownBy(() -> loop.post(() -> {})).isInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(() -> loop.postAt(0, () -> {}))
        .isInstanceOf(RejectedExecutionException.class);
    assertThatThrownBy(() -> rig().elsewhere(() -> loop.post(() -> {})))
        .isInstanceOf(RejectedExecutionException.class);
    JoinHandle<?> refused = loop.spawn("late spawn", cx -> Poll.ready());
    assertThat(refused.isDone()).isTrue();
  }

  @Test
  default void whatWasAcceptedBeforeIsRun() {
    Dispatcher loop = rig().loop();
    List<String> log = new ArrayList<>();
    loop.post(() -> log.add("callback"));
    loop.post(Tasks.logging(log, "task"));
    rig().elsewhere(() -> loop.post(() -> log.add("from elsewhere")));
    loop.shutdown();

    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.CLOSED);

    assertThat(log).containsExactly("callback", "task", "from elsewhere");
    assertThat(loop.isClosed()).isTrue();
  }

  @Test
  default void runningWorkMayPostSpawnAndArmMore() {
    Dispatcher loop = rig().loop();
    rig().time().autoAdvance();
    List<String> log = new ArrayList<>();
    Timer timer = new Timer(loop);
    loop.post(
        () -> {
          loop.shutdown();
          loop.post(() -> log.add("posted"));
          loop.post(Tasks.logging(log, "task"));
          loop.spawn("spawned", cx -> Poll.ready(log.add("spawned")));
          loop.postAfter(Duration.ofSeconds(1), () -> log.add("timed"));
          timer.reset(Duration.ofSeconds(2));
          loop.spawn(
              "waits",
              cx -> {
                Poll<?> poll = timer.poll(cx);
                if (poll.isReady()) {
                  log.add("timer");
                }
                return poll;
              });
        });

    assertThat(rig().runToCompletion(loop)).isEqualTo(RunOutcome.CLOSED);

    assertThat(log).containsExactly("posted", "task", "spawned", "timed", "timer");
  }

  @Test
  default void wakesAndBlocksOfAdaptersAreTakenFromAnywhere() throws Exception {
    Dispatcher loop = rig().loopOnSystemClock();
    RecordingOwner owner = new RecordingOwner();
    List<String> log = new ArrayList<>();
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(sleeper);
    Driving driving = rig().drive(loop).awaitAsleep();
    loop.shutdown();

    loop.post(owner, () -> log.add("block"));
    loop.postAt(0, owner, () -> log.add("timed block"));
    loop.post(owner, sleeper::wakeToEnd);

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.CLOSED);
    assertThat(log).containsExactlyInAnyOrder("block", "timed block");
    assertThat(sleeper.cleanups).isEqualTo(1);
    assertThat(owner.givenBack).isEmpty();
  }

  @Test
  default void anOpenGuardKeepsItFromTheEnd() throws Exception {
    Dispatcher loop = rig().loopOnSystemClock();
    WorkGuard guard = loop.workGuard();
    Driving driving = rig().drive(loop).awaitAsleep();
    loop.shutdown();
    assertThat(loop.isClosed()).isFalse();

    guard.close();

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.CLOSED);
  }

  @Test
  default void shutdownOfASleepingLoopWithoutWorkClosesIt() throws Exception {
    Dispatcher loop = rig().loopOnSystemClock();
    Driving driving = rig().drive(loop).awaitAsleep();

    loop.shutdown();

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.CLOSED);
    assertThat(loop.awaitClosed(Duration.ZERO)).isTrue();
  }

  @Test
  default void shutdownWithoutADriverIsCarriedOutByTheNextRun() {
    Dispatcher loop = rig().loop();
    loop.shutdown();
    assertThat(loop.isClosed()).isFalse();

    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.CLOSED);
    assertThat(loop.isClosed()).isTrue();
  }

  @Test
  default void shutdownWithoutADriverIsCutShortByClose() {
    Dispatcher loop = rig().loop();
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(sleeper);
    rig().settle(loop);
    loop.shutdown();
    loop.shutdown();

    loop.close();

    assertThat(loop.isClosed()).isTrue();
    assertThat(sleeper.cleanups).isEqualTo(1);
  }

  @Test
  default void shutdownTwiceIsShutdownOnce() {
    Dispatcher loop = rig().loop();
    boolean[] ran = {false};
    loop.post(() -> ran[0] = true);
    loop.shutdown();
    loop.shutdown();

    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.CLOSED);
    assertThat(ran[0]).isTrue();
    loop.shutdown();
    assertThat(loop.isClosed()).isTrue();
  }
}
