package dev.reveille.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.BlockOwner;
import dev.reveille.Poll;
import dev.reveille.RunnableDispatcher;
import dev.reveille.WorkGuard;
import dev.reveille.contract.Driving;
import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The dump, word by word. */
final class DiagnosticsTest {
  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  private void spawnSleeper(String name, String reason) {
    loop.spawn(
        name,
        cx -> {
          cx.waker(reason);
          return Poll.pending();
        });
  }

  @Test
  void anEmptyDispatcherIsOneLine() {
    assertThat(Diagnostics.dump(loop))
        .isEqualTo(
            "dispatcher 'loop' OPEN, driven by nobody;"
                + " 0 ready, 0 timed callbacks, 0 guards; 0 polls, 0 callbacks");
  }

  @Test
  void eachTaskHasALineWithWhatItWaitsForAndSinceWhen() {
    spawnSleeper("acceptor", "a connection");
    loop.runUntilStalled();
    rig.time().advance(Duration.ofMillis(1_500));
    spawnSleeper("client 7", "input");
    loop.runUntilStalled();
    rig.time().advance(Duration.ofMillis(250));
    loop.spawn("fresh", cx -> cx.park());

    loop.post(() -> {});
    loop.postAfter(Duration.ofHours(1), () -> {});
    WorkGuard guard = loop.workGuard();
    List<String> dump = new ArrayList<>();
    loop.post(() -> dump.addAll(Diagnostics.dump(loop).lines().toList()));
    loop.runUntilStalled();
    guard.close();

    assertThat(dump)
        .containsExactly(
            "dispatcher 'loop' OPEN, driven by '"
                + Thread.currentThread().getName()
                + "', awake; 0 ready, 1 timed callbacks, 1 guards; 3 polls, 2 callbacks",
            "  #0    acceptor  SLEEPING  waits for: a connection                     "
                + " polls 1, for 1.75s of 1.75s",
            "  #1    client 7  SLEEPING  waits for: input                            "
                + " polls 1, for 0.25s of 0.25s",
            "  #2    fresh     SLEEPING  waits for: parked                           "
                + " polls 1, for 0.00s of 0.00s");
  }

  @Test
  void queuedAndRunningTasksWaitForNothing() {
    List<String> dump = new ArrayList<>();
    loop.spawn(
        "self",
        cx -> {
          cx.waker("not shown: it runs");
          dump.addAll(Diagnostics.dump(loop).lines().skip(1).toList());
          return Poll.ready();
        });
    spawnSleeper("next", "not shown: it was not polled yet");
    loop.runUntilStalled();

    assertThat(dump).hasSize(2).noneMatch(line -> line.contains("waits for"));
    assertThat(dump.get(0)).contains("#0", "self", "RUNNING");
    assertThat(dump.get(1)).contains("#1", "next", "QUEUED", "polls 0");
  }

  @Test
  void blocksOfAdaptersAreCountedByKindAndThoseOfExecutorsAsCallbacks() {
    BlockOwner segments = owner("coroutine");
    BlockOwner view = owner("callback");
    loop.post(segments, () -> {});
    loop.post(segments, () -> {});
    loop.post(view, () -> {});
    loop.post(() -> {});
    loop.runUntilStalled();

    assertThat(Diagnostics.dump(loop)).endsWith("; 0 polls, 2 callbacks, 2 coroutine blocks");
  }

  private static BlockOwner owner(String kind) {
    return new BlockOwner(kind) {
      @Override
      protected void giveBack(Runnable block) {
        throw new AssertionError("all were run");
      }
    };
  }

  @Test
  void itTellsOfALoopThatIsStuckInAPoll() throws Exception {
    CountDownLatch stuck = new CountDownLatch(1);
    CountDownLatch enough = new CountDownLatch(1);
    loop.spawn(
        "greedy",
        cx -> {
          stuck.countDown();
          assertThat(enough.await(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
          return Poll.ready();
        });
    Driving driving = rig.drive(loop, RunnableDispatcher::runToCompletion);
    assertThat(stuck.await(Rig.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();

    String dump = Diagnostics.dump(loop);
    enough.countDown();
    driving.awaitOutcome();

    assertThat(dump).contains("driven by 'driver', awake").contains("greedy").contains("RUNNING");
  }

  @Test
  void itTellsOfALoopThatSleeps() throws Exception {
    spawnSleeper("sleeper", "godot");
    Driving driving = rig.drive(loop, RunnableDispatcher::run).awaitAsleep();

    assertThat(Diagnostics.dump(loop))
        .contains("driven by 'driver', asleep")
        .contains("waits for: godot");

    loop.stop();
    driving.awaitOutcome();
  }

  @Test
  void itTellsOfTheEnd() {
    WorkGuard guard = loop.workGuard();
    loop.shutdown();
    assertThat(Diagnostics.dump(loop)).contains("'loop' DRAINING");

    guard.close();
    loop.close();
    assertThat(Diagnostics.dump(loop)).contains("'loop' CLOSED");
  }

  @Test
  void numbersAreTheSameInAllLanguages() {
    spawnSleeper("sleeper", "godot");
    loop.runUntilStalled();
    rig.time().advance(Duration.ofMillis(1_500));
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);
      assertThat(Diagnostics.dump(loop)).contains("for 1.50s of 1.50s");
      Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
      assertThat(Diagnostics.dump(loop)).contains("#0 ").contains("for 1.50s of 1.50s");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void aLongNameDoesNotPushTheOthersAside() {
    spawnSleeper("n".repeat(60), "godot");
    spawnSleeper("short", "godot");
    loop.runUntilStalled();

    List<String> lines = Diagnostics.dump(loop).lines().skip(1).toList();

    assertThat(lines.get(0)).startsWith("  #0    " + "n".repeat(60) + "  SLEEPING");
    assertThat(lines.get(1)).startsWith("  #1    " + "short" + " ".repeat(35) + "  SLEEPING");
  }
}
