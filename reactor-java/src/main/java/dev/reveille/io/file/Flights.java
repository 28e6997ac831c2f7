package dev.reveille.io.file;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.WakerSlot;
import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is in flight on one file, in the order of its begin, and who waits for it to land.
 *
 * <p>Life: open; sealed when the file is told to close, so that nothing begins any more; closed
 * when the channel has given its descriptor back. Then no call touches a buffer any more, so those
 * that have not landed are ended here: their executor has dropped them, or their channel says
 * nothing.
 *
 * <p>All state is guarded by the lock of this object. Wakes go outside of it.
 */
final class Flights {
  /** What {@link Await} waits for if it is the close. */
  private static final long CLOSE = Long.MAX_VALUE;

  private static final long NOT_POLLED = -1;

  private @Nullable Flight<?> oldest;
  private @Nullable Flight<?> youngest;
  private long begun;
  private boolean sealed;
  private boolean closed;
  private @Nullable Throwable closeFailure;
  private final List<Await> waiting = new ArrayList<>(0);

  /** Returns false if the file was closed. */
  synchronized boolean add(Flight<?> flight) {
    if (sealed) {
      return false;
    }
    flight.number = ++begun;
    flight.previous = youngest;
    if (youngest == null) {
      oldest = flight;
    } else {
      youngest.next = flight;
    }
    youngest = flight;
    return true;
  }

  /** Does nothing if it was never added. */
  void remove(Flight<?> flight) {
    List<Await> woken;
    synchronized (this) {
      if (flight.number == 0) {
        return;
      }
      flight.number = 0;
      Flight<?> p = flight.previous;
      Flight<?> n = flight.next;
      flight.previous = null;
      flight.next = null;
      if (p == null) {
        oldest = n;
      } else {
        p.next = n;
      }
      if (n == null) {
        youngest = p;
      } else {
        n.previous = p;
      }
      woken = takeSettled();
    }
    wake(woken);
  }

  /** Returns false if it was sealed before. */
  synchronized boolean seal() {
    boolean first = !sealed;
    sealed = true;
    return first;
  }

  synchronized boolean isSealed() {
    return sealed;
  }

  /**
   * The channel is closed.
   *
   * @return whether somebody waits for that, and so will hear of the failure
   */
  boolean closed(@Nullable Throwable failure) {
    List<Flight<?>> lost = new ArrayList<>();
    boolean heard = false;
    synchronized (this) {
      closed = true;
      closeFailure = failure;
      for (Flight<?> f = oldest; f != null; f = f.next) {
        lost.add(f);
      }
      for (Await each : waiting) {
        heard |= each.upTo == CLOSE;
      }
    }
    for (Flight<?> each : lost) {
      each.failed(new AsynchronousCloseException(), Complete.COMPLETE);
    }
    List<Await> woken;
    synchronized (this) {
      woken = List.copyOf(waiting);
      waiting.clear();
    }
    wake(woken);
    return heard;
  }

  private List<Await> takeSettled() {
    assert Thread.holdsLock(this);
    if (waiting.isEmpty()) {
      return List.of();
    }
    List<Await> settled = new ArrayList<>();
    for (Await each : waiting) {
      if (isSettled(each.upTo)) {
        settled.add(each);
      }
    }
    waiting.removeAll(settled);
    return settled;
  }

  private boolean isSettled(long upTo) {
    if (upTo == CLOSE) {
      return closed;
    }
    return oldest == null || oldest.number > upTo;
  }

  private static void wake(List<Await> woken) {
    for (Await each : woken) {
      each.slot.wake();
    }
  }

  Operation<Complete> settled() {
    return new Await("landing of what is in flight on a file", NOT_POLLED);
  }

  Operation<Complete> close() {
    return new Await("close of a file", CLOSE);
  }

  private final class Await extends Operation<Complete> {
    final WakerSlot slot = new WakerSlot();

    /** The last flight to wait for. Guarded by the flights' lock. */
    long upTo;

    Await(String name, long upTo) {
      super(name);
      this.upTo = upTo;
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) throws IOException {
      slot.register(cx, name());
      Throwable failure;
      synchronized (Flights.this) {
        if (upTo == NOT_POLLED) {
          upTo = begun;
        }
        if (!isSettled(upTo)) {
          if (!waiting.contains(this)) {
            waiting.add(this);
          }
          return Poll.pending();
        }
        failure = upTo == CLOSE ? closeFailure : null;
      }
      slot.clear();
      if (!cx.tryProceed()) {
        return Poll.pending();
      }
      if (failure != null) {
        // A new one for each who waits: it is thrown in several places.
        throw new IOException("the file was not closed in order", failure);
      }
      return Poll.ready();
    }

    @Override
    protected void doCancel() {
      synchronized (Flights.this) {
        waiting.remove(this);
      }
      slot.clear();
    }
  }
}
