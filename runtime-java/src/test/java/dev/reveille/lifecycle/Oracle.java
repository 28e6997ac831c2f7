package dev.reveille.lifecycle;

import dev.reveille.lifecycle.Axes.Ending;
import dev.reveille.lifecycle.Axes.Host;
import dev.reveille.lifecycle.Axes.Kind;
import dev.reveille.lifecycle.Axes.Moment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What has to come of a case, as DESIGN 3.2 and 3.5 say it. The quotations are from there. */
final class Oracle {
  static final String INIT = "init";
  static final String POLL = "poll";
  static final String CLEANUP = "cleanup";
  static final String CANCEL = "cancel";
  static final String JOINER_WOKEN = "joiner woken";

  /** "Every accepted task reaches exactly one end, or is handed back by shutdownNow()." */
  enum End {
    COMPLETED,
    FAILED,
    CANCELLED,
    HANDED_BACK
  }

  private final Cell cell;

  Oracle(Cell cell) {
    this.cell = cell;
  }

  /**
   * "shutdownNow() also cancels, cleans and returns Unstarted(tasks, runnables)": what never began
   * is handed back if it is a task, and cancelled if it is not. What runs ends its poll first, and
   * "a result that was there first wins".
   */
  End end() {
    if (cell.isTooLate()) {
      return isTask() && beforeFirstPoll() ? End.HANDED_BACK : End.CANCELLED;
    }
    return switch (cell.ending()) {
      case COMPLETES -> End.COMPLETED;
      case THROWS -> End.FAILED;
      case CANCELLED -> End.CANCELLED;
    };
  }

  /** All that happens to the task in this stay, and then to those who joined, in order. */
  List<String> log() {
    List<String> log = new ArrayList<>();
    log.addAll(Collections.nCopies(inits(), INIT));
    log.addAll(Collections.nCopies(polls(), POLL));
    log.addAll(Collections.nCopies(releases(), isTask() ? CLEANUP : CANCEL));
    log.addAll(Collections.nCopies(cell.joining().isInTime() ? 1 : 0, JOINER_WOKEN));
    return log;
  }

  /** "a new posting, after init() was called": before the first poll, so not without one. */
  private int inits() {
    return isTask() && (polls() > 0 || initThrows()) ? 1 : 0;
  }

  /** Completing and throwing are what a poll does; a cancel needs none, and prevents the next. */
  private int polls() {
    boolean endsInAPoll = end() == End.COMPLETED || (end() == End.FAILED && !initThrows());
    return cell.moment().polls + (endsInAPoll || cell.isRunning() ? 1 : 0);
  }

  /**
   * "what the task polls is cancelled if unfinished, cleanup() exactly once": a task is cleaned up
   * at each end that there is, a pollable is cancelled unless it completed.
   */
  private int releases() {
    return end() == End.HANDED_BACK || (!isTask() && end() == End.COMPLETED) ? 0 : 1;
  }

  /** "if nobody has joined by then, also at once to the dispatcher's UncaughtHandler". */
  int uncaught() {
    return end() == End.FAILED && !cell.joining().isInTime() ? 1 : 0;
  }

  /** JoinHandle.cancel: true "if this call was the first to ask and the task had not ended". */
  boolean cancelIsInTime() {
    return !cell.isTooLate();
  }

  /** "JoinHandle.cancel() ... stops the token too", as does the close of a task that began. */
  boolean stopsTheToken() {
    return end() == End.CANCELLED;
  }

  /** A dispatcher that drains is closed by its driver when no work is left. */
  boolean closesTheDispatcher() {
    return cell.host() == Host.DRAINING || cell.host() == Host.CLOSED;
  }

  private boolean initThrows() {
    return isTask() && cell.ending() == Ending.THROWS && beforeFirstPoll() && !cell.isTooLate();
  }

  private boolean beforeFirstPoll() {
    return cell.moment() == Moment.BEFORE_FIRST_POLL;
  }

  private boolean isTask() {
    return cell.kind() == Kind.TASK;
  }
}
