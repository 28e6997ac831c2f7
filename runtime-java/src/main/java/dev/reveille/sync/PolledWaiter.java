package dev.reveille.sync;

import dev.reveille.Context;
import dev.reveille.Waker;
import org.jspecify.annotations.Nullable;

/**
 * A waiter that is part of something which its owner polls: a permit, a guard, an end. It belongs
 * to one task at a time, but may move from one to another.
 *
 * <p>As in a {@code WakerSlot}, a task that finds another one here takes its place, and that one is
 * woken, so that it does not sleep for ever. If it comes back for its place although nothing has
 * happened in between, two tasks use one waiter and would chase each other for ever: that is a bug
 * in the program, and throws.
 */
abstract class PolledWaiter extends Waiter {
  /** Who was woken for having lost the place, since this waiter was served. By the lock. */
  private @Nullable Waker lostItsPlace;

  /** Notes whom to wake, under the lock. Returns who has lost the place, to be woken after it. */
  final @Nullable Waker takePlace(Context cx, String why) {
    Waker waker = cx.waker(why); // first: it may throw
    Waker before = takeWaker();
    if (before == waker || before == null) {
      waitAs(waker);
      return null;
    }
    if (waker == lostItsPlace) {
      waitAs(before); // who did nothing wrong
      throw new IllegalStateException(
          "two tasks wait in turns for "
              + why
              + " by polling one object; give each of them one of its own");
    }
    lostItsPlace = before;
    waitAs(waker);
    return before;
  }

  /** Whom to wake, once, as it was served or gives up. Under the lock. */
  final @Nullable Waker leave() {
    lostItsPlace = null;
    return takeWaker();
  }
}
