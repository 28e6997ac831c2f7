package dev.reveille;

import org.jspecify.annotations.Nullable;

/**
 * The {@link TaskLocal} values of a task: immutable, so that a task and what it spawns share one
 * until one of them sets a value. A list with a link per value: there are few of them, and a
 * look-up compares references.
 */
final class Locals {
  private final TaskLocal<?> key;
  private final Object value;
  private final @Nullable Locals rest;

  private Locals(TaskLocal<?> key, Object value, @Nullable Locals rest) {
    this.key = key;
    this.value = value;
    this.rest = rest;
  }

  /**
   * What a task that is posted now by the calling thread starts with: the values of the running
   * one.
   */
  static @Nullable Locals inherited(Loop to) {
    Loop from = to.isDriver() ? to : Loop.onThisThread();
    Posting running = from == null ? null : from.current();
    return running == null ? null : running.locals;
  }

  static @Nullable Object get(@Nullable Locals locals, TaskLocal<?> key) {
    for (Locals l = locals; l != null; l = l.rest) {
      if (l.key == key) {
        return l.value;
      }
    }
    return null;
  }

  /** Returns the same with another value for a key; null takes it out. */
  static @Nullable Locals with(@Nullable Locals locals, TaskLocal<?> key, @Nullable Object value) {
    Locals others = without(locals, key);
    return value == null ? others : new Locals(key, value, others);
  }

  private static @Nullable Locals without(@Nullable Locals locals, TaskLocal<?> key) {
    if (get(locals, key) == null) {
      return locals; // nothing is copied
    }
    Locals kept = null;
    for (Locals l = locals; l != null; l = l.rest) {
      if (l.key != key) {
        kept = new Locals(l.key, l.value, kept);
      }
    }
    return kept;
  }
}
