package dev.reveille.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Poll;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** One FIFO, in the order of acceptance, for tasks, callbacks and blocks of adapters alike. */
public interface OrderContract extends ContractGroup {

  @Test
  default void tasksCallbacksAndBlocksRunInTheOrderOfTheirPosts() {
    RunnableDispatcher loop = rig().dispatcher();
    RecordingOwner owner = new RecordingOwner();
    List<String> log = new ArrayList<>();
    loop.post(() -> log.add("callback"));
    loop.post(Tasks.logging(log, "task"));
    loop.post(owner, () -> log.add("block"));
    loop.spawn("spawned", cx -> Poll.ready(log.add("spawned")));
    loop.defer(() -> log.add("deferred"));
    loop.asExecutor().execute(() -> log.add("executed"));

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(log).containsExactly("callback", "task", "block", "spawned", "deferred", "executed");
    assertThat(owner.blocksRun()).isEqualTo(1);
  }

  @Test
  default void whatAPollPostsGoesToTheBack() {
    RunnableDispatcher loop = rig().dispatcher();
    List<String> log = new ArrayList<>();
    loop.post(
        () -> {
          log.add("first");
          loop.post(() -> log.add("posted by first"));
          loop.post(Tasks.logging(log, "task of first"));
        });
    loop.post(() -> log.add("second"));

    loop.runUntilStalled();

    assertThat(log).containsExactly("first", "second", "posted by first", "task of first");
  }

  @Test
  default void aWokenTaskGoesToTheBack() {
    RunnableDispatcher loop = rig().dispatcher();
    List<String> log = new ArrayList<>();
    boolean[] asleep = {true};
    Sleeper sleeper = new Sleeper("sleeper");
    loop.post(sleeper);
    loop.spawn("watcher", cx -> Poll.ready(asleep[0] = sleeper.polls == 1));
    loop.runUntilStalled();
    assertThat(asleep[0]).isTrue();

    loop.post(
        () -> {
          sleeper.wake();
          log.add("waker, polls: " + sleeper.polls);
        });
    loop.post(() -> log.add("queued before the wake, polls: " + sleeper.polls));
    loop.post(() -> loop.post(() -> log.add("queued after the wake, polls: " + sleeper.polls)));
    loop.runUntilStalled();

    assertThat(log)
        .containsExactly(
            "waker, polls: 1",
            "queued before the wake, polls: 1",
            "queued after the wake, polls: 2");
  }

  @Test
  default void tasksThatWakeThemselvesTakeTurns() {
    RunnableDispatcher loop = rig().dispatcher();
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

    loop.runUntilStalled();

    assertThat(log).containsExactly("a", "b", "c", "a", "b", "c", "a", "b", "c");
  }

  @Test
  default void whatOneForeignThreadPostsKeepsItsOrder() {
    RunnableDispatcher loop = rig().dispatcher();
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
    loop.runUntilStalled();

    assertThat(log).containsExactly("callback", "task", "deferred", "block", "spawned");
  }

  @Test
  default void postsAndWakesOfOneForeignThreadKeepTheirOrder() {
    RunnableDispatcher loop = rig().dispatcher();
    Sleeper sleeper = new Sleeper("sleeper");
    List<Integer> pollsSeen = new ArrayList<>();
    loop.post(sleeper);
    loop.runUntilStalled();

    rig()
        .elsewhere(
            () -> {
              loop.post(() -> pollsSeen.add(sleeper.polls));
              sleeper.wake();
              loop.post(() -> pollsSeen.add(sleeper.polls));
            });
    loop.runUntilStalled();

    assertThat(pollsSeen).containsExactly(1, 2);
  }

  @Test
  default void eachOfSeveralThreadsKeepsItsOrderWhileTheLoopRuns() throws Exception {
    RunnableDispatcher loop = rig().dispatcher();
    int each = 2_000;
    List<List<Integer>> logs = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    var guard = loop.workGuard();
    Driving driving = rig().drive(loop, RunnableDispatcher::runToCompletion);
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
    RunnableDispatcher loop = rig().dispatcher();
    List<String> log = new ArrayList<>();
    loop.post(
        () -> {
          loop.post(() -> log.add("queued"));
          loop.postAt(0, () -> log.add("due"));
        });

    loop.runUntilStalled();

    assertThat(log).containsExactly("queued", "due");
  }

  @Test
  default void whatAThreadPostedBeforeItCalledRunUntilRunsBeforeWhatItWaitsFor() throws Exception {
    RunnableDispatcher loop = rig().dispatcher();
    List<String> log = new ArrayList<>();
    loop.post(() -> log.add("posted first"));

    loop.runUntil(cx -> Poll.ready(log.add("runUntil")));

    assertThat(log).containsExactly("posted first", "runUntil");
  }
}
