package dev.reveille.sync;

import dev.reveille.Waker;
import java.util.concurrent.locks.LockSupport;

/** The waker of a thread that waits at an endpoint: {@code blocking…}. */
final class ThreadWaker implements Waker {
  private final Thread thread = Thread.currentThread();

  @Override
  public void wake() {
    LockSupport.unpark(thread);
  }
}
