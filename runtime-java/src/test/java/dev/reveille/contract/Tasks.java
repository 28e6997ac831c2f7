package dev.reveille.contract;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Task;
import java.util.List;

/** Small tasks. */
final class Tasks {
  /** The poll of a task. */
  interface Body {
    Poll<Complete> poll(Context cx) throws Exception;
  }

  private Tasks() {}

  static Task of(String name, Body body) {
    return new Task(name) {
      @Override
      protected Poll<Complete> doPoll(Context cx) throws Exception {
        return body.poll(cx);
      }
    };
  }

  /** Writes its name into the log, and is done. */
  static Task logging(List<String> log, String name) {
    return of(
        name,
        cx -> {
          log.add(name);
          return Poll.ready();
        });
  }

  /** Wakes itself, so often. */
  static Task selfWaking(String name, int times) {
    int[] left = {times};
    return of(
        name,
        cx -> {
          if (left[0]-- == 0) {
            return Poll.ready();
          }
          cx.waker("itself").wake();
          return Poll.pending();
        });
  }
}
