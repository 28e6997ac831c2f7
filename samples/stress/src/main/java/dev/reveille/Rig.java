package dev.reveille;

/**
 * What the tests share.
 *
 * <p>jcstress makes thousands of states, each with a dispatcher of its own. It constructs them on a
 * thread of its own, so a constructor may drive its dispatcher, give the role back, and leave wakes
 * and posts by the foreign path: what a thread does while nobody drives is what a foreign thread
 * does.
 */
final class Rig {
  /** A clock that stands: what is tested here is not time, and reading the real one hides races. */
  static final DispatcherOptions OPTIONS =
      DispatcherOptions.defaults()
          .withName("stress")
          .withTicker(() -> 0)
          .withUncaughtHandler((dispatcher, task, failure) -> {});

  private Rig() {}

  static BasicDispatcher dispatcher() {
    return new BasicDispatcher(OPTIONS);
  }

  /** Does something as the driver that runs nothing. */
  static void onLoop(Dispatcher dispatcher, Runnable action) {
    dispatcher.loop.enter("rig");
    try {
      action.run();
    } finally {
      dispatcher.loop.leave();
    }
  }
}
