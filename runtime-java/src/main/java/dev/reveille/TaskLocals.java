package dev.reveille;

import org.jspecify.annotations.Nullable;

/**
 * The {@link TaskLocal} values of a task as a whole, for adapters that run code on a loop in the
 * name of something that is no task of its own: a coroutine for one. They take the values when it
 * begins, put them in place around each of its runs, and so what it spawns begins with them.
 *
 * <pre>{@code
 * TaskLocals values = TaskLocals.current(); // of the task that makes the segment
 * Runnable segment =
 *     () -> {
 *       TaskLocals before = TaskLocals.exchange(values);
 *       try {
 *         body.run();
 *       } finally {
 *         TaskLocals.exchange(before);
 *       }
 *     };
 * }</pre>
 *
 * <p>Immutable, so that a task and what it spawns share one until one of them sets a value; null
 * stands for no values. A list with a link per value: there are few of them, and a look-up compares
 * references.
 *
 * <p><b>Threading.</b> {@link #current} and {@link #exchange} mean the calling thread: the
 * innermost loop that it runs, and there the running task or, if none runs, the running callback.
 * Outside all runs there are no values.
 */
public final class TaskLocals {
  private final TaskLocal<?> key;
  private final Object value;
  private final @Nullable TaskLocals rest;

  private TaskLocals(TaskLocal<?> key, Object value, @Nullable TaskLocals rest) {
    this.key = key;
    this.value = value;
    this.rest = rest;
  }

  /**
   * The values of what the calling thread runs: what it would spawn now begins with them.
   *
   * @return the values, or null if there are none
   */
  public static @Nullable TaskLocals current() {
    return of(Loop.onThisThread());
  }

  /**
   * Puts other values in place of those that {@link #current} returns. Whoever does so puts the old
   * ones back before the poll or the callback returns. Does nothing outside all runs.
   *
   * @param values the values; null for none
   * @return the values that were there, or null
   */
  public static @Nullable TaskLocals exchange(@Nullable TaskLocals values) {
    Loop loop = Loop.onThisThread();
    TaskLocals before = of(loop);
    if (loop != null) {
      Posting running = loop.current();
      if (running == null) {
        loop.locals = values;
      } else {
        running.locals(values);
      }
    }
    return before;
  }

  private static @Nullable TaskLocals of(@Nullable Loop loop) {
    if (loop == null) {
      return null;
    }
    Posting running = loop.current();
    return running == null ? loop.locals : running.locals();
  }

  /** What a task that is posted now by the calling thread starts with. */
  static @Nullable TaskLocals inherited(Loop to) {
    return of(to.isDriver() ? to : Loop.onThisThread());
  }

  /**
   * The value for a key.
   *
   * @param <T> the type of the value
   * @param values where to look; null for no values
   * @param key the key
   * @return the value, or null if there is none
   */
  @SuppressWarnings("unchecked") // put there by with, for this key
  public static <T> @Nullable T get(@Nullable TaskLocals values, TaskLocal<T> key) {
    for (TaskLocals l = values; l != null; l = l.rest) {
      if (l.key == key) {
        return (T) l.value;
      }
    }
    return null;
  }

  /**
   * The same values with another one for a key.
   *
   * @param <T> the type of the value
   * @param values the values; null for none
   * @param key the key
   * @param value its value; null takes it out
   * @return the new values, or null if none is left
   */
  public static <T> @Nullable TaskLocals with(
      @Nullable TaskLocals values, TaskLocal<T> key, @Nullable T value) {
    TaskLocals others = without(values, key);
    return value == null ? others : new TaskLocals(key, value, others);
  }

  private static @Nullable TaskLocals without(@Nullable TaskLocals values, TaskLocal<?> key) {
    if (get(values, key) == null) {
      return values; // nothing is copied
    }
    TaskLocals kept = null;
    for (TaskLocals l = values; l != null; l = l.rest) {
      if (l.key != key) {
        kept = new TaskLocals(l.key, l.value, kept);
      }
    }
    return kept;
  }
}
