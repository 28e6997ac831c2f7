package dev.reveille.callback;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;

/**
 * Finds the handles that the legacy side has dropped: one daemon thread for the whole JVM, begun
 * with the first handle. It does what a completion does, store and wake, and runs no user code.
 */
final class Reaper implements Runnable {
  private static final ReferenceQueue<Object> GARBAGE = start();

  private Reaper() {}

  /**
   * What waits on this side for a handle that is held by the legacy side only. It must not hold the
   * handle, and has to be held itself by the one who waits: if nobody waits, nothing is to be found
   * out.
   */
  abstract static class Watched extends PhantomReference<Object> {

    Watched(Object handle) {
      super(handle, GARBAGE);
    }

    /** The handle became garbage, completed or not. On the reaper's thread. */
    abstract void lost();
  }

  private static ReferenceQueue<Object> start() {
    // No inheritable thread-locals, and nobody's class loader: it outlives who began it.
    Thread thread = new Thread(null, new Reaper(), "reveille-reaper", 0, false);
    thread.setContextClassLoader(null);
    thread.setDaemon(true);
    thread.start();
    return new ReferenceQueue<>();
  }

  @Override
  public void run() {
    for (; ; ) {
      try {
        ((Watched) GARBAGE.remove()).lost();
      } catch (InterruptedException e) {
        // nobody of ours interrupts it, and it has nothing to end for
      } catch (Throwable t) { // a sink, or a waker, of somebody else
        report(t);
      }
    }
  }

  private static void report(Throwable failure) {
    try {
      System.getLogger("dev.reveille.callback")
          .log(System.Logger.Level.ERROR, "a report of a lost callback failed", failure);
    } catch (Throwable unheard) {
      // The log is what fails, most likely. This thread must live: there is no other.
    }
  }
}
