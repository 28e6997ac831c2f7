package dev.reveille.io;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The channels that a dispatcher owns, in no order: a list whose links are in its elements, so that
 * an idle connection costs two references. Any thread; nobody is called under its lock.
 */
final class Registrations {
  private @Nullable Registration first;
  private int size;

  synchronized void add(Registration registration) {
    Registration next = first;
    if (next != null) {
      next.before = registration;
    }
    registration.after = next;
    first = registration;
    size++;
  }

  /** Does nothing if it is not there. */
  synchronized void remove(Registration registration) {
    Registration before = registration.before;
    Registration after = registration.after;
    if (before != null) {
      before.after = after;
    } else if (first == registration) {
      first = after;
    } else {
      return;
    }
    if (after != null) {
      after.before = before;
    }
    registration.before = null;
    registration.after = null;
    size--;
  }

  synchronized boolean contains(Registration registration) {
    return registration.before != null || first == registration;
  }

  synchronized int size() {
    return size;
  }

  /** As of now. */
  synchronized List<Registration> list() {
    List<Registration> all = new ArrayList<>(size);
    for (Registration r = first; r != null; r = r.after) {
      all.add(r);
    }
    return all;
  }
}
