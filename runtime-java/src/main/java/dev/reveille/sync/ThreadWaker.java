package dev.reveille.sync;

import dev.reveille.Dispatcher;
import dev.reveille.Waker;
import java.util.concurrent.locks.LockSupport;

/**
 * The waker of a thread that waits at an endpoint: {@code blocking…}. A thread that runs a loop has
 * no business here: the one who is to wake it may be waiting for that very loop.
 */
final class ThreadWaker implements Waker {
  private final Thread thread = Thread.currentThread();

  /**
   * Made before the first attempt, so that the mistake shows also where there was nothing to wait
   * for.
   */
  ThreadWaker() {
    Dispatcher loop = Dispatcher.current();
    if (loop != null) {
      throw new IllegalStateException(
          "a blocking call on the loop of dispatcher '"
              + loop.name()
              + "', which would stand still; poll instead, or call it on another thread");
    }
  }

  @Override
  public void wake() {
    LockSupport.unpark(thread);
  }
}
