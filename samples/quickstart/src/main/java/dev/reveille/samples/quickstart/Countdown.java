package dev.reveille.samples.quickstart;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.Poll;
import dev.reveille.Task;
import dev.reveille.Timer;
import java.time.Duration;
import java.util.function.IntConsumer;

// readme: runtime
/** Counts down, once every ten milliseconds. */
final class Countdown extends Task {
  private final Timer timer;
  private final IntConsumer display;
  private int left;

  Countdown(Dispatcher dispatcher, int from, IntConsumer display) {
    super("countdown");
    this.timer = new Timer(dispatcher);
    this.left = from;
    this.display = display;
  }

  @Override
  protected void init() {
    timer.reset(Duration.ofMillis(10));
  }

  @Override
  protected Poll<Complete> doPoll(Context cx) {
    while (left > 0) {
      if (timer.poll(cx).isPending()) {
        return Poll.pending(); // the timer has our waker: nothing runs until it fires
      }
      display.accept(left--);
      timer.reset(Duration.ofMillis(10));
    }
    return Poll.ready();
  }

  @Override
  protected void cleanup() {
    timer.cancel();
  }

  static void run(IntConsumer display) {
    try (var dispatcher = new BasicDispatcher()) {
      dispatcher.post(new Countdown(dispatcher, 3, display));
      dispatcher.runToCompletion();
    }
  }
}
// readme: end
