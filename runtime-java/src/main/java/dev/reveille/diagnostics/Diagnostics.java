package dev.reveille.diagnostics;

import dev.reveille.Dispatcher;
import dev.reveille.DispatcherSnapshot;
import dev.reveille.TaskSnapshot;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Dumps of dispatchers.
 *
 * <p>A test that hangs says who waits for what:
 *
 * <pre>{@code
 * if (dispatcher.runUntilStalled() != RunOutcome.IDLE) {
 *   throw new AssertionError("this should have come to its end: " + Diagnostics.dump(dispatcher));
 * }
 * }</pre>
 */
public final class Diagnostics {
  private static final int NAME_WIDTH = 40;

  private Diagnostics() {}

  /**
   * Tells in text what is on a dispatcher: each task with its name, its state and, if it sleeps,
   * what it waits for and since when. Runs nothing and polls nothing. Times are those that the loop
   * read last.
   *
   * <pre>
   * dispatcher 'main' OPEN, driven by 'loop', awake; 0 ready, 1 timed callbacks, 0 guards; 12 polls, 5 callbacks, 7 coroutine blocks
   *   #0    acceptor  SLEEPING  waits for: a connection                      polls 3, for 1.20s of 4.01s
   *   #2    client 7  RUNNING                                                polls 9, for 0.00s of 3.50s
   * </pre>
   *
   * @param dispatcher any dispatcher; any thread may ask, also while the loop is stuck in a poll
   * @return the dump, a line for the dispatcher and one for each task
   */
  public static String dump(Dispatcher dispatcher) {
    DispatcherSnapshot snapshot = dispatcher.snapshot();
    StringBuilder text = new StringBuilder(256);
    text.append(
        String.format(
            Locale.ROOT,
            "dispatcher '%s' %s, %s; %d ready, %d timed callbacks, %d guards; %d polls, %d"
                + " callbacks",
            snapshot.name(),
            snapshot.life(),
            driver(snapshot),
            snapshot.ready(),
            snapshot.timedCallbacks(),
            snapshot.guards(),
            snapshot.taskPolls(),
            snapshot.callbacks()));
    snapshot
        .blocks()
        .forEach((kind, n) -> text.append(String.format(Locale.ROOT, ", %d %s blocks", n, kind)));
    List<TaskSnapshot> tasks = snapshot.tasks();
    int width = tasks.stream().mapToInt(task -> task.name().length()).max().orElse(0);
    for (TaskSnapshot task : tasks) {
      text.append(System.lineSeparator()).append(line(task, Math.min(width, NAME_WIDTH)));
    }
    return text.toString();
  }

  private static String driver(DispatcherSnapshot snapshot) {
    if (snapshot.driver() == null) {
      return "driven by nobody";
    }
    return "driven by '" + snapshot.driver() + "', " + (snapshot.asleep() ? "asleep" : "awake");
  }

  private static String line(TaskSnapshot task, int width) {
    String reason = task.waitReason() == null ? "" : "waits for: " + task.waitReason();
    return String.format(
        Locale.ROOT,
        "  #%-4d %-" + Math.max(1, width) + "s  %-8s  %-44s polls %d, for %s of %s",
        task.number(),
        task.name(),
        task.state(),
        reason,
        task.polls(),
        seconds(task.sinceLastPoll()),
        seconds(task.age()));
  }

  private static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.2fs", duration.toNanos() / 1e9);
  }
}
