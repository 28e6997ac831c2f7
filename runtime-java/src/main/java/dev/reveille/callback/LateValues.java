package dev.reveille.callback;

import dev.reveille.BlockOwner;
import dev.reveille.Dispatcher;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * Takes values that nobody waits for to those who dispose of them, on the loop of one dispatcher.
 *
 * <p>They are blocks of an adapter, not posts: a value that comes while the dispatcher drains
 * belongs to something that began before, and one that was queued when the dispatcher is closed has
 * to be disposed of all the same.
 */
final class LateValues extends BlockOwner {
  private final Dispatcher dispatcher;

  private LateValues(Dispatcher dispatcher) {
    super("late value");
    this.dispatcher = dispatcher;
  }

  static LateValues of(Dispatcher dispatcher) {
    return dispatcher.service(LateValues.class, LateValues::new);
  }

  /** Any thread. Throws what the disposer throws, if it had to be called here. */
  void dispose(String operation, Consumer<Object> disposer, Object value) {
    LateValue late = new LateValue(operation, disposer, value);
    try {
      dispatcher.post(this, late);
    } catch (RejectedExecutionException e) {
      late.run(); // nobody runs the loop any more
    }
  }

  @Override
  protected void giveBack(Runnable block) {
    block.run();
  }

  private record LateValue(String operation, Consumer<Object> disposer, Object value)
      implements Runnable {
    @Override
    public void run() {
      disposer.accept(value);
    }

    /** The name of a failing disposer; the value may not have a text that is fit to print. */
    @Override
    public String toString() {
      return "late value of '" + operation + "'";
    }
  }
}
