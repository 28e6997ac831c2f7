package dev.reveille.io.process;

import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.sync.Notify;
import java.util.OptionalInt;

/** {@link ChildProcess#exit}. First it listens, then it looks: so no exit is missed. */
final class ExitOperation extends Operation<Integer> {
  private final ChildProcess child;
  private final Notify.Listener listener;

  ExitOperation(ChildProcess child, Notify.Listener listener) {
    super("exit of " + child.pid());
    this.child = child;
    this.listener = listener;
  }

  @Override
  protected Poll<Integer> doPoll(Context cx) {
    OptionalInt status = child.tryExit();
    if (status.isEmpty()) {
      boolean notified = listener.pollNotified(cx).isReady();
      status = child.tryExit();
      if (status.isEmpty()) {
        return Poll.pending();
      }
      if (notified) {
        return Poll.ready(status.getAsInt()); // the notification has spent the budget
      }
    }
    if (!cx.tryProceed()) {
      return Poll.pending();
    }
    listener.close();
    return Poll.ready(status.getAsInt());
  }

  @Override
  protected void doCancel() {
    listener.close();
  }
}
