package dev.reveille.samples.resp.journal;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;

/** An executor whose work is done when the test says so, a piece at a time. */
final class Steps implements Executor {
  private final Deque<Runnable> work = new ArrayDeque<>();

  @Override
  public void execute(Runnable piece) {
    work.add(piece);
  }

  int size() {
    return work.size();
  }

  void runOne() {
    work.remove().run();
  }

  void runAll() {
    while (!work.isEmpty()) {
      runOne();
    }
  }
}
