package dev.reveille.io.process;

import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Timer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** {@link ChildProcess#stop}: asks, waits, kills, waits. */
final class StopOperation extends Operation<Integer> {
  private final ChildProcess child;
  private final Duration grace;
  private final Pollable<Integer> exit;

  /** Null before the first poll. */
  private @Nullable Timer timer;

  private boolean killed;

  StopOperation(ChildProcess child, Duration grace) {
    super("stop of " + child.pid());
    this.child = child;
    this.grace = grace;
    this.exit = child.exit();
  }

  @Override
  protected Poll<Integer> doPoll(Context cx) throws Exception {
    Timer t = timer;
    if (t == null) {
      t = new Timer(cx.dispatcher());
      timer = t;
      t.reset(grace);
      child.terminate();
    }
    Poll<Integer> exited = exit.poll(cx);
    if (exited.isReady()) {
      t.cancel();
    } else if (!killed && t.poll(cx).isReady()) {
      killed = true;
      child.kill();
    }
    return exited;
  }

  @Override
  protected void doCancel() {
    if (timer != null) {
      timer.cancel();
    }
    exit.cancel();
  }
}
