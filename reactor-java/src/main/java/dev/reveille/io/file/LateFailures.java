package dev.reveille.io.file;

import dev.reveille.BlockOwner;
import dev.reveille.Dispatcher;
import java.lang.System.Logger;
import java.util.concurrent.RejectedExecutionException;

/**
 * Takes failures that nobody waits for to the uncaught handler of a dispatcher, on its loop; or to
 * the log, where there is no loop any more.
 *
 * <p>They are blocks of an adapter, not posts: one that comes while the dispatcher drains belongs
 * to something that began before.
 */
final class LateFailures extends BlockOwner {
  private static final Logger LOGGER = System.getLogger("dev.reveille.io.file");

  private final Dispatcher dispatcher;

  private LateFailures(Dispatcher dispatcher) {
    super("late failure of a file");
    this.dispatcher = dispatcher;
  }

  static LateFailures of(Dispatcher dispatcher) {
    return dispatcher.service(LateFailures.class, LateFailures::new);
  }

  /** Any thread. */
  void report(String operation, Throwable failure) {
    Report report = new Report(operation, failure);
    try {
      dispatcher.post(this, report);
    } catch (RejectedExecutionException e) {
      report.log();
    }
  }

  @Override
  protected void giveBack(Runnable block) {
    ((Report) block).log();
  }

  /** What a block throws is what the uncaught handler gets, under the block's name. */
  private record Report(String operation, Throwable failure) implements Runnable {
    @Override
    public void run() {
      throw Report.<RuntimeException>asItIs(failure);
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the handler takes them all
    private static <E extends Throwable> E asItIs(Throwable failure) throws E {
      throw (E) failure;
    }

    void log() {
      LOGGER.log(
          Logger.Level.ERROR, "'" + operation + "', which was given up, has failed", failure);
    }

    @Override
    public String toString() {
      return operation;
    }
  }
}
