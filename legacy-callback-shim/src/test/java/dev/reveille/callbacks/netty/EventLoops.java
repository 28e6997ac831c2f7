package dev.reveille.callbacks.netty;

import dev.reveille.contract.Rig;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutorGroup;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/** Event loops whose threads can be told apart, and that end with the test. */
final class EventLoops {
  private EventLoops() {}

  static ThreadFactory named(String name) {
    return new DefaultThreadFactory(name, true);
  }

  /** Shuts down at once, and waits until the threads are gone. */
  static void end(EventExecutorGroup group, String name) throws InterruptedException {
    group.shutdownGracefully(0, 20, TimeUnit.SECONDS);
    if (!group.awaitTermination(20, TimeUnit.SECONDS)) {
      throw new AssertionError("the event loops of '" + name + "' do not end");
    }
    awaitGone(name);
  }

  static void awaitGone(String name) {
    Rig.awaitState("no thread of '" + name + "' is left", () -> !isAlive(name));
  }

  private static boolean isAlive(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().startsWith(name));
  }
}
