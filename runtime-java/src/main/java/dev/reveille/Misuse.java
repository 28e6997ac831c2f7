package dev.reveille;

import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** The words for what programs do wrong: what it was, which task, what to do instead. */
final class Misuse {
  private Misuse() {}

  static IllegalStateException pendingWithoutWaker(Object pollable, String task) {
    String who = Names.of(pollable);
    return new IllegalStateException(
        (who.equals(task) ? "task '" + task + "'" : "'" + who + "' in task '" + task + "'")
            + " returned Pending without having asked its context for a waker in this poll, so"
            + " nothing would ever poll it again; call cx.waker(why) and leave it with the event"
            + " source, or return cx.park() if only cancel or stop shall resume it");
  }

  static NullPointerException nullPoll(String name) {
    return new NullPointerException(
        "'" + name + "' returned null from its poll; return Poll.pending() or Poll.ready(...)");
  }

  static IllegalStateException outsidePoll(String task) {
    return new IllegalStateException(
        "the context of task '"
            + task
            + "' was used outside its poll; keep the waker, cx.waker(why), not the context");
  }

  static IllegalStateException alreadyPosted(Task task) {
    return new IllegalStateException(
        "task '"
            + task.name()
            + "' is posted already; it can be posted again after its end, when cleanup() has"
            + " returned");
  }

  static IllegalStateException drivenElsewhere(String operation, String dispatcher, Thread driver) {
    return new IllegalStateException(
        operation
            + " belongs on the loop of dispatcher '"
            + dispatcher
            + "', which thread '"
            + driver.getName()
            + "' drives now; it was called from thread '"
            + Thread.currentThread().getName()
            + "'; post() it");
  }

  static IllegalStateException secondDriver(String operation, String dispatcher, Thread driver) {
    return new IllegalStateException(
        "dispatcher '"
            + dispatcher
            + "' is driven by thread '"
            + driver.getName()
            + "' already; "
            + operation
            + " was called from thread '"
            + Thread.currentThread().getName()
            + "'; a dispatcher has one driver at a time");
  }

  static IllegalStateException fromItsOwnLoop(
      String operation, String dispatcher, @Nullable String task, String instead) {
    return new IllegalStateException(
        operation
            + " of dispatcher '"
            + dispatcher
            + "' was called from its own loop"
            + (task == null ? "" : ", in task '" + task + "'")
            + "; "
            + instead);
  }

  static RejectedExecutionException refused(String what, String name, String dispatcher, int life) {
    return new RejectedExecutionException(
        what
            + " '"
            + name
            + "' was refused: dispatcher '"
            + dispatcher
            + (life == Loop.CLOSED
                ? "' is closed"
                : "' is shutting down and takes posts only from the work that it still runs"));
  }
}
