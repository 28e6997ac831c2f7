package dev.reveille;

import java.util.concurrent.RejectedExecutionException;

/**
 * Takes failures of foreign threads that nobody waits for to the uncaught handler of a dispatcher,
 * on its loop.
 *
 * <p>They are blocks of an adapter, not posts: one that comes while the dispatcher drains belongs
 * to something that began before, and one that was queued when it is closed has to be told all the
 * same.
 */
final class LateFailures extends BlockOwner {
  private final Loop loop;

  private LateFailures(Dispatcher dispatcher) {
    super("late failure");
    this.loop = dispatcher.loop;
  }

  static LateFailures of(Dispatcher dispatcher) {
    return dispatcher.service(LateFailures.class, LateFailures::new);
  }

  /** Any thread. */
  void report(String operation, Throwable failure) {
    Runnable report = () -> loop.uncaught(operation, failure);
    try {
      loop.dispatcher.post(this, report);
    } catch (RejectedExecutionException e) {
      report.run(); // nobody runs the loop any more
    }
  }

  @Override
  protected void giveBack(Runnable block) {
    block.run();
  }
}
