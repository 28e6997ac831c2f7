package dev.reveille.combine;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The children of a combinator, by their index; null in the place of one that has finished, so that
 * what has lost or failed is kept alive by nobody here.
 */
final class Children<T extends @Nullable Object> {
  private final List<@Nullable Pollable<? extends T>> list;
  private int unfinished;

  /**
   * Takes the children over.
   *
   * @param what the combinator, for messages
   * @param children one or more, each with a place, or null for a place without
   */
  Children(String what, List<? extends @Nullable Pollable<? extends T>> children) {
    this.list = new ArrayList<>(requireNonNull(children, what + ": children"));
    for (Pollable<? extends T> child : list) {
      unfinished += child == null ? 0 : 1;
    }
  }

  /** For combinators in which every place is taken. */
  static <T extends @Nullable Object> Children<T> all(
      String what, List<? extends Pollable<? extends T>> children) {
    Children<T> all = new Children<>(what, children);
    int missing = all.list.indexOf(null);
    if (missing >= 0) {
      throw new NullPointerException(what + ": child " + missing + " is null");
    }
    return all;
  }

  int size() {
    return list.size();
  }

  int unfinished() {
    return unfinished;
  }

  @Nullable Pollable<? extends T> get(int index) {
    return list.get(index);
  }

  void set(int index, Pollable<? extends T> child) {
    if (list.set(index, child) == null) {
      unfinished++;
    }
  }

  /** Lets a child go that is polled no more; null if there was none. */
  @Nullable Pollable<? extends T> take(int index) {
    Pollable<? extends T> child = list.set(index, null);
    if (child != null) {
      unfinished--;
    }
    return child;
  }

  /** Cancels and lets go all that are unfinished, in order. */
  @Nullable Throwable cancelAll(@Nullable Throwable earlier) {
    Throwable failure = earlier;
    for (int i = 0; i < list.size(); i++) {
      failure = Abandon.cancel(take(i), failure);
    }
    return failure;
  }

  /** The index that is so many places after another one, around the end. */
  int after(int start, int places) {
    int index = start + places;
    return index < list.size() ? index : index - list.size();
  }

  /** Polls a child; a poll of a subtype is one of the type, since nobody can write to it. */
  @SuppressWarnings("unchecked")
  static <T extends @Nullable Object> Poll<T> poll(Context cx, Pollable<? extends T> child)
      throws Exception {
    return (Poll<T>) cx.pollChild(child);
  }
}
