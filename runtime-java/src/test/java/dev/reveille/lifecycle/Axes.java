package dev.reveille.lifecycle;

/** What the cases differ in. Each axis is a list of words that make up the name of a case. */
final class Axes {
  private Axes() {}

  /** What is on the dispatcher. */
  enum Kind {
    TASK("a task"),
    POLLABLE("a spawned pollable");

    final String words;

    Kind(String words) {
      this.words = words;
    }
  }

  /** What is brought about. */
  enum Ending {
    COMPLETES("completes"),
    THROWS("throws"),
    CANCELLED("is cancelled");

    final String words;

    Ending(String words) {
      this.words = words;
    }
  }

  /** How far the task has come by then. */
  enum Moment {
    BEFORE_FIRST_POLL("before its first poll", 0),
    WHILE_QUEUED("while queued", 1),
    WHILE_RUNNING("while running", 1),
    WHILE_ASLEEP("while asleep", 1);

    final String words;

    /** Polls that are over at that moment. */
    final int polls;

    Moment(String words, int polls) {
      this.words = words;
      this.polls = polls;
    }
  }

  /** Who waits for the end. */
  enum Joining {
    JOINED("joined"),
    BY_FUTURE("joined by a future"),
    DROPPED("dropped"),
    JOINED_LATE("joined late");

    final String words;

    Joining(String words) {
      this.words = words;
    }

    /** Whether somebody waits when the end comes. */
    boolean isInTime() {
      return this == JOINED || this == BY_FUTURE;
    }
  }

  /** Who brings the end about. */
  enum Origin {
    /** A callback of the loop; while the task runs: the task itself. */
    LOOP("from the loop"),
    /** A task of the loop, inline where it has to be; of another loop where this one polls none. */
    OTHER_POLL("from another task's poll"),
    /** A thread that drives nothing. */
    OUTSIDE("from outside");

    final String words;

    Origin(String words) {
      this.words = words;
    }
  }

  /** What the dispatcher has come to just before that. */
  enum Host {
    OPEN("the dispatcher is open"),
    DRAINING("the dispatcher drains"),
    CLOSED("the dispatcher is closed"),
    DRIVER_CHANGED("each run has another driver"),
    REPOSTED("posted again afterwards");

    final String words;

    Host(String words) {
      this.words = words;
    }
  }
}
