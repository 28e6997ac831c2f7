package dev.reveille.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Dispatcher;
import dev.reveille.Poll;
import dev.reveille.RunOutcome;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** One FIFO, in the order of acceptance, for tasks, callbacks and blocks of adapters alike. */
public interface OrderContract extends ContractGroup {

  @Test
  default void tasksCallbacksAndBlocksRunInTheOrderOfTheirPosts() {
    Dispatcher loop = rig().loop();
    RecordingOwner owner = new RecordingOwner();
    List<String> log = new ArrayList<>();
    loop.post(() -> log.add("callback"));
    loop.post(Tasks.logging(log, "task"));
    loop.post(owner, () -> log.add("block"));
    loop.spawn("spawned", cx -> Poll.ready(log.add("spawned")));
    loop.defer(() -> log.add("deferred"));
    loop.asExecutor().execute(() -> log.add("executed"));

    assertThat(rig().settle(loop)).isEqualTo(RunOutcome.IDLE);

    assertThat(log).containsExactly("callback", "task", "block", "spawned", "deferred", "executed");
    assertThat(owner.blocksRun()).isEqualTo(1);
  }

  @Test
  default void whatAPollPostsGoesToTheBack() {
    Dispatcher loop = rig().loop();
    List<String> log = new ArrayList<>();
    loop.post(
        () -> {
          log.add("first");
          loop.post(() -> log.add("posted by first"));
          loop.post(Tasks.logging(log, "task of first"));
        });
    loop.post(() -> log.add("second"));

    rig().settle(loop);

    assertThat(log).containsExactly("first", "second", "posted by first", "task of first");
  }

  @Test
  default void aWokenTaskGoesToTheBack() {
    Dispatcher loop = rig().loop();
    List<String> log = new ArrayList<>();
    boolean[] asleep = {true};
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(sleeper);
    loop.spawn("watcher", cx -> Poll.ready(asleep[0] = sleeper.polls == 1));
    rig().settle(loop);
    assertThat(asleep[0]).isTrue();

    loop.post(
        () -> {
          sleeper.wake();
          log.add("waker, polls: " + sleeper.polls);
        });
    loop.post(() -> log.add("queued before the wake, polls: " + sleeper.polls));
    loop.post(() -> loop.post(() -> log.add("queued after the wake, polls: " + sleeper.polls)));
    rig().settle(loop);

    assertThat(log)
        .containsExactly(
            "waker, polls: 1",
            "queued before the wake, polls: 1",
            "queued after the wake, polls: 2");
  }

  @Test
  default void tasksThatWakeThemselvesTakeTurns() {
    Dispatcher loop = rig().loop();
    List<String> log = new ArrayList<>();
    for (String name : List.of("a", "b", "c")) {
      int[] left = {3};
      loop.post(
          Tasks.of(
              name,
              cx -> {
                log.add(name);
                if (--left[0] == 0) {
                  return Poll.ready();
                }
                cx.waker("itself").wake();
                return Poll.pending();
              }));
    }

    rig().settle(loop);

    assertThat(log).containsExactly("a", "b", "c", "a", "b", "c", "a", "b", "c");
  }

  @Test
  default void whatOneForeignThreadPostsKeepsItsOrder() {
    Dispatcher loop = rig().loop();
    RecordingOwner owner = new RecordingOwner();
    List<String> log = new ArrayList<>();

    rig()
        .elsewhere(
            () -> {
              loop.post(() -> log.add("callback"));
              loop.post(Tasks.logging(log, "task"));
              loop.defer(() -> log.add("deferred"));
              loop.post(owner, () -> log.add("block"));
              loop.spawn("spawned", cx -> Poll.ready(log.add("spawned")));
            });
    rig().settle(loop);

    assertThat(log).containsExactly("callback", "task", "deferred", "block", "spawned");
  }

  @Test
  default void postsAndWakesOfOneForeignThreadKeepTheirOrder() {
    Dispatcher loop = rig().loop();
    Sleeper sleeper = new Sleeper("sleeper");
    List<Integer> pollsSeen = new ArrayList<>();
    loop.post(sleeper);
    rig().settle(loop);

    rig()
        .elsewhere(
            () -> {
              loop.post(() -> pollsSeen.add(sleeper.polls));
              sleeper.wake();
              loop.post(() -> pollsSeen.add(sleeper.polls));
            });
    rig().settle(loop);

    assertThat(pollsSeen).containsExactly(1, 2);
  }

  @Test
  default void eachOfSeveralThreadsKeepsItsOrderWhileTheLoopRuns() throws Exception {
    Dispatcher loop = rig().loop();
    int each = 2_000;
    List<List<Integer>> logs = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    var guard = loop.workGuard();
    Driving driving = rig().driveToCompletion(loop);
    List<FutureTask<Boolean>> posters = new ArrayList<>();
    for (List<Integer> log : logs) {
      posters.add(
          rig()
              .start(
                  "poster",
                  () -> {
                    for (int i = 0; i < each; i++) {
                      int number = i;
                      loop.post(() -> log.add(number));
                    }
                    return true;
                  }));
    }
    for (FutureTask<Boolean> poster : posters) {
      Rig.await(poster);
    }
    guard.close();

    assertThat(driving.awaitOutcome()).isEqualTo(RunOutcome.IDLE);
    for (List<Integer> log : logs) {
      assertThat(log).hasSize(each).isSorted();
    }
  }

  @Test
  default void aTimedCallbackThatIsDueStandsBehindWhatIsQueued() {
    Dispatcher loop = rig().loop();
    List<String> log = new ArrayList<>();
    loop.post(
        () -> {
          loop.post(() -> log.add("queued"));
          loop.postAt(0, () -> log.add("due"));
        });

    rig().settle(loop);

    assertThat(log).containsExactly("queued", "due");
  }
}
