package dev.reveille.callbacks.executors;

import dev.reveille.RunnableDispatcher;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Tasks that write down their calls. */
final class CallbackTasks {
  final List<String> log = new ArrayList<>();

  /** A task that writes its name and status. */
  CallbackTask task(String name) {
    return new CallbackTask(name, (context, status) -> log.add(name + " " + status));
  }

  /** A task that does something, and writes its name and status before it. */
  CallbackTask task(String name, CallbackFunction function) {
    return new CallbackTask(
        name,
        (context, status) -> {
          log.add(name + " " + status);
          function.call(context, status);
        });
  }

  /** What was written since the last call. */
  List<String> take() {
    List<String> taken = List.copyOf(log);
    log.clear();
    return taken;
  }

  static void onLoop(RunnableDispatcher loop, Runnable action) {
    loop.post(action);
    loop.runUntilStalled();
  }

  static Duration millis(long millis) {
    return Duration.ofMillis(millis);
  }
}
