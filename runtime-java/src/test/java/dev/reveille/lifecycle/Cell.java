package dev.reveille.lifecycle;

import dev.reveille.lifecycle.Axes.Ending;
import dev.reveille.lifecycle.Axes.Host;
import dev.reveille.lifecycle.Axes.Joining;
import dev.reveille.lifecycle.Axes.Kind;
import dev.reveille.lifecycle.Axes.Moment;
import dev.reveille.lifecycle.Axes.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One case: one word of each axis.
 *
 * @param kind what is on the dispatcher
 * @param ending what is brought about
 * @param moment how far the task has come by then
 * @param joining who waits for the end
 * @param origin who brings it about
 * @param host what the dispatcher has come to just before
 */
record Cell(Kind kind, Ending ending, Moment moment, Joining joining, Origin origin, Host host) {

  /** The whole product, in the order of the axes. */
  static List<Cell> all() {
    List<Cell> cells = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      for (Host host : Host.values()) {
        for (Ending ending : Ending.values()) {
          for (Moment moment : Moment.values()) {
            for (Joining joining : Joining.values()) {
              for (Origin origin : Origin.values()) {
                cells.add(new Cell(kind, ending, moment, joining, origin, host));
              }
            }
          }
        }
      }
    }
    return cells;
  }

  /**
   * Why this case can not be what its name says. Such a case is played all the same: the event that
   * would end the task comes at that moment, and the end comes at the next one that there is.
   */
  Optional<String> impossible() {
    if (moment != Moment.BEFORE_FIRST_POLL) {
      return Optional.empty();
    }
    if (ending == Ending.COMPLETES) {
      return Optional.of("only a poll completes: it can not be before the first");
    }
    if (ending == Ending.THROWS && kind == Kind.POLLABLE) {
      return Optional.of("only a task has an init() that can throw before the first poll");
    }
    return Optional.empty();
  }

  /** While it runs, what happens happens within its poll; a close waits for the end of that. */
  boolean isRunning() {
    return moment == Moment.WHILE_RUNNING;
  }

  /** The close has ended everything before the event comes. */
  boolean isTooLate() {
    return host == Host.CLOSED && !isRunning();
  }

  @Override
  public String toString() {
    return String.join(
            ", ", kind.words + " " + ending.words + " " + moment.words, joining.words, origin.words)
        + "; "
        + host.words
        + impossible().map(why -> " (can not be: " + why + ")").orElse("");
  }
}
