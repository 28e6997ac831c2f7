package dev.reveille.callbacks;

import dev.reveille.BlockOwner;
import dev.reveille.Dispatcher;
import java.lang.System.Logger;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/**
 * Gives the callbacks of ended tasks turns of their own on the loop of one dispatcher.
 *
 * <p>They are blocks of an adapter, not posts: the callback of a task that ends while the
 * dispatcher drains belongs to something that began before, and one that was queued when it is
 * closed has to be told all the same. A task that the close itself ends is still ending when it
 * says so; its callback waits until the services are closed, when all tasks have ended.
 */
final class CallbackTurns extends BlockOwner implements AutoCloseable {
  private static final Logger LOGGER = System.getLogger("dev.reveille.callbacks");

  /** A call, under the name by which the uncaught handler knows it. */
  private record Turn(String task, Runnable call) implements Runnable {
    @Override
    public void run() {
      call.run();
    }

    @Override
    public String toString() {
      return "callback of '" + task + "'";
    }
  }

  private final Dispatcher dispatcher;

  /** Of tasks that the close ends. Only the one who closes, and so has the loop, touches it. */
  private final Deque<Turn> atTheEnd = new ArrayDeque<>();

  private CallbackTurns(Dispatcher dispatcher) {
    super("callback");
    this.dispatcher = dispatcher;
  }

  static CallbackTurns of(Dispatcher dispatcher) {
    return dispatcher.service(CallbackTurns.class, CallbackTurns::new);
  }

  /** Of a task, in its last poll or in its cancel. On the loop. */
  void add(String task, Runnable call) {
    Turn turn = new Turn(task, call);
    try {
      dispatcher.post(this, turn);
    } catch (RejectedExecutionException e) {
      atTheEnd.add(turn); // the close is what ends the task
    }
  }

  /** Of a task that the dispatcher has not taken. Any thread. */
  void addRefused(String task, Consumer<? super RejectedExecutionException> call) {
    RejectedExecutionException refusal = refused(task);
    Turn turn = new Turn(task, () -> call.accept(refusal));
    try {
      dispatcher.post(this, turn); // it drains: the loop still runs
    } catch (RejectedExecutionException e) {
      runHere(turn);
    }
  }

  /** What a callback threw within a poll: it is not the task's failure. On the loop. */
  void report(String task, Throwable failure) {
    add(
        task,
        () -> {
          throw CallbackTurns.<RuntimeException>asItIs(failure);
        });
  }

  private RejectedExecutionException refused(String task) {
    return new RejectedExecutionException(
        "'"
            + task
            + "' was refused: dispatcher '"
            + dispatcher.name()
            + (dispatcher.isClosed()
                ? "' is closed"
                : "' is shutting down and takes only what its own work begins"));
  }

  /** Kotlin throws checked exceptions without declaring them, and other throwables too. */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the point of it
  static <E extends Throwable> E asItIs(Throwable cause) throws E {
    throw (E) cause;
  }

  private static void runHere(Turn turn) {
    try {
      turn.run();
    } catch (Throwable t) { // the dispatcher has no uncaught handler to offer any more
      LOGGER.log(Logger.Level.ERROR, turn + " failed, after its dispatcher was closed", t);
    }
  }

  /** Tasks have ended by now. What it throws goes to the uncaught handler. */
  @Override
  protected void giveBack(Runnable block) {
    block.run();
  }

  /** By the one who closes the dispatcher, once, after all tasks have ended. */
  @Override
  public void close() {
    Throwable failure = null;
    for (Turn turn = atTheEnd.poll(); turn != null; turn = atTheEnd.poll()) {
      try {
        turn.run();
      } catch (Throwable t) { // told below
        if (failure == null) {
          failure = t;
        } else if (failure != t) {
          failure.addSuppressed(t);
        }
      }
    }
    if (failure != null) {
      throw CallbackTurns.<RuntimeException>asItIs(failure);
    }
  }
}
