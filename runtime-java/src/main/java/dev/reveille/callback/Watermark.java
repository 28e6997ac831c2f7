package dev.reveille.callback;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;
import static java.util.Objects.requireNonNull;

import dev.reveille.BlockOwner;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Asks a source to pause and to go on: {@link Overflow#watermark}.
 *
 * <p>Whoever finds a mark reached posts this as a block, unless it is posted already; all else
 * happens there, on the loop, by the level of that moment. So the actions alternate, whatever
 * races: {@link #paused} says which of the two is next, and only the loop sets it.
 *
 * <p>No mark is overlooked. The block first takes back that it is posted, and then reads the size;
 * one who emits first counts up, and then looks whether it is posted. Both are volatile, so either
 * the block sees the new size, or a new block is posted. The same holds for {@code paused}: it is
 * taken back, and then the size is read. The other way only the loop is involved.
 */
final class Watermark extends BlockOwner implements Runnable {
  private static final VarHandle POSTED =
      fieldVarHandle(
          MethodHandles.lookup(), "posted", VarHandle.class, Watermark.class, boolean.class);

  private final LinkedEmissions<?> emissions;
  private final int low;
  private final int high;

  /** This and the next belong to the loop; null once the stream has let go of its source. */
  private @Nullable Runnable pause;

  private @Nullable Runnable resume;

  /** CAS to true by any thread, set to false by the block (volatile). */
  private volatile boolean posted;

  /** Written by the loop; read by any thread (volatile), where an old value costs a block. */
  private volatile boolean paused;

  Watermark(Overflow overflow, LinkedEmissions<?> emissions) {
    super("watermark");
    this.emissions = emissions;
    this.low = overflow.low;
    this.high = overflow.capacity;
    this.pause = overflow.pause;
    this.resume = overflow.resume;
  }

  /** Any thread: there are {@code high} elements or more. */
  void reached() {
    if (!paused) {
      post();
    }
  }

  /** On the loop: so many elements are left. */
  void drained(int left) {
    if (left <= low && paused) {
      post();
    }
  }

  /** On the loop, behind the end: a listener that is never dropped must not keep the source. */
  void close() {
    pause = null;
    resume = null;
  }

  private void post() {
    if (!posted && POSTED.compareAndSet(this, false, true)) {
      try {
        emissions.dispatcher.post(this, this);
      } catch (RejectedExecutionException e) {
        posted = false; // the dispatcher is closed, and so is the stream
      }
    }
  }

  @Override
  public void run() {
    posted = false;
    if (emissions.isTerminated()) {
      return;
    }
    int size = emissions.size();
    try {
      if (!paused && size >= high) {
        paused = true;
        requireNonNull(pause).run();
      } else if (paused && size <= low) {
        paused = false;
        requireNonNull(resume).run();
        if (emissions.size() >= high) { // by one who still found it paused
          post();
        }
      }
    } catch (Throwable t) {
      if (!emissions.terminate(t)) {
        throw t; // to the uncaught handler: nobody else would hear of it
      }
    }
  }

  /** Of a closed dispatcher. The stream has ended with it. */
  @Override
  protected void giveBack(Runnable block) {}

  /** The name under which the loop reports a failure. */
  @Override
  public String toString() {
    return "watermark of '" + emissions.name + "'";
  }
}
