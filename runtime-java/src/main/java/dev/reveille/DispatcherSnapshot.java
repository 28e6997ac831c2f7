package dev.reveille;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What is on a dispatcher: {@link Dispatcher#snapshot}. Taken without stopping the loop; numbers
 * that belong together may be of slightly different moments.
 *
 * @param name the dispatcher
 * @param life OPEN, DRAINING or CLOSED
 * @param driver the name of the thread that drives it, or null
 * @param asleep whether the loop waits for something to happen
 * @param tasks the tasks, in the order of acceptance
 * @param ready how many entries are queued, tasks and callbacks together, approximately
 * @param timedCallbacks how many callbacks wait for their time
 * @param guards how many work guards are open
 * @param taskPolls polls of tasks since the beginning
 * @param callbacks callbacks run since the beginning, also those that came by way of an executor or
 *     another view of the dispatcher
 * @param blocks other blocks of adapters run since the beginning, by the {@linkplain
 *     BlockOwner#kind kind} of their owner: how many "coroutine" segments, say; sorted
 */
public record DispatcherSnapshot(
    String name,
    String life,
    @Nullable String driver,
    boolean asleep,
    List<TaskSnapshot> tasks,
    int ready,
    int timedCallbacks,
    int guards,
    long taskPolls,
    long callbacks,
    SortedMap<String, Long> blocks) {

  private static final String[] LIVES = {"OPEN", "DRAINING", "CLOSED"};

  static DispatcherSnapshot of(Loop loop) {
    List<TaskSnapshot> tasks = new ArrayList<>();
    for (Posting posting : loop.registry.toList()) {
      if (!posting.isEnded()) {
        tasks.add(snapshot(loop, posting));
      }
    }
    Thread driver = loop.driverThread();
    SortedMap<String, Long> blocks = loop.blocks.toMap();
    Long ofViews = blocks.remove(BlockOwner.CALLBACK);
    return new DispatcherSnapshot(
        loop.name,
        LIVES[loop.life()],
        driver == null ? null : driver.getName(),
        loop.isAsleep(),
        List.copyOf(tasks),
        loop.queue.size(),
        loop.timedPosts(),
        loop.guards(),
        loop.taskPolls,
        loop.callbacks + (ofViews == null ? 0 : ofViews),
        Collections.unmodifiableSortedMap(blocks));
  }

  /**
   * How many turns the loop has given: to tasks, callbacks and blocks of adapters, together. What
   * was dispatched inline, inside a turn of something else, counts as one, too.
   *
   * @return the sum of the three
   */
  public long turns() {
    long turns = taskPolls + callbacks;
    for (long ofKind : blocks.values()) {
      turns += ofKind;
    }
    return turns;
  }

  private static TaskSnapshot snapshot(Loop loop, Posting posting) {
    boolean queued = posting.queued || posting.isNotified();
    TaskSnapshot.State state =
        loop.current == posting.slot || posting.below
            ? TaskSnapshot.State.RUNNING
            : queued ? TaskSnapshot.State.QUEUED : TaskSnapshot.State.SLEEPING;
    return new TaskSnapshot(
        posting.number(),
        posting.name(),
        state,
        state == TaskSnapshot.State.SLEEPING ? posting.reason : null,
        posting.polls & Integer.MAX_VALUE,
        Duration.ofNanos(loop.now - posting.accepted),
        Duration.ofNanos(loop.now - posting.since));
  }
}
