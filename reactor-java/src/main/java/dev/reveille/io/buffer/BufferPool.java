package dev.reveille.io.buffer;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;
import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.sync.ClosedException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A bounded number of direct buffers of one size, to be borrowed by the tasks of one loop. Who
 * needs several sizes makes several pools.
 *
 * <p>A buffer is allocated when it is first needed, and then kept. When all are in use, the choice
 * is the borrower's: {@link #acquire} and {@link BufferLease#pollAcquire} wait, first come, first
 * served, which is back pressure; {@link #tryAcquire} gives null; {@link #acquireOrAllocate}
 * allocates on the heap, to be left to the garbage collector.
 *
 * <pre>{@code
 * try (var pool = new BufferPool(dispatcher, BufferPoolOptions.of(16 * 1024, 256))) {
 *   Pollable<Integer> firstRead =
 *       Pollables.then(
 *           pool.acquire(), // waits if 256 are in use
 *           lease -> Pollables.withCleanup(source.read(lease.buffer()), lease::close));
 *   dispatcher.spawn("first read", firstRead);
 *   dispatcher.runToCompletion();
 * }
 * }</pre>
 *
 * <p>As with every bounded thing, whoever holds one and waits for somebody who needs one as well
 * may wait for ever: so the two ends of one conversation do not share a pool.
 *
 * <p>The JDK gives direct memory back when the garbage collector finds that a buffer is gone, and
 * at no time before; so memory that comes and goes with each connection is memory that runs out. A
 * pool never has more than its maximum; {@link #close} lets go of it.
 *
 * <p><b>Threading.</b> Acquiring is for the loop of the dispatcher, and a pool of its own for each
 * loop costs no lock and no contention. A lease may be given back by any thread. {@link #close} and
 * {@link #stats} may be called by any thread. <b>Memory effects.</b> As of {@link BufferLease}.
 */
public final class BufferPool implements AutoCloseable {
  // On the loop: a stack of idle buffers, so that the one used last, which is in the cache, comes
  // first; and the queue of those who wait. All plain.
  //
  // From elsewhere: a buffer that is given back is pushed on "returned", and the loop takes all of
  // them at once when it runs out of idle ones. (A stack that is only ever taken whole has no ABA
  // problem.) Then, if somebody waits, the first one is woken, whose poll serves itself and those
  // behind it. That nobody sleeps beside a returned buffer:
  //
  //   the loop:  register the waker, publish the first one in "head", then look at "returned"
  //   elsewhere: push on "returned", then look at "head"
  //
  // all four volatile, so at least one of the two sees the other. When the first one goes, because
  // it was served or gave up, the next one is published and "returned" is looked at again.

  private static final VarHandle RETURNED =
      fieldVarHandle(
          MethodHandles.lookup(), "returned", VarHandle.class, BufferPool.class, Returned.class);

  private record Returned(
      ByteBuffer buffer, @Nullable LeakTracker tracker, @Nullable Returned next) {}

  private final Dispatcher dispatcher;
  private final BufferPoolOptions options;
  private final String why;
  private final @Nullable Leaks leaks;
  private final @Nullable WriteGuard guard;

  // On the loop.
  private final @Nullable ByteBuffer[] idle;
  private final LoopCounter idleCount = new LoopCounter();
  private final LoopCounter allocated = new LoopCounter();
  private final LoopCounter highWater = new LoopCounter();
  private final LoopCounter overflows = new LoopCounter();
  private final LeaseQueue waiting = new LeaseQueue();

  /** By way of RETURNED: compareAndSet elsewhere, getVolatile and getAndSet on the loop. */
  private volatile @Nullable Returned returned;

  /** The first of those who wait, or null. Volatile write on the loop, volatile read elsewhere. */
  private volatile @Nullable BufferLease head;

  private volatile boolean closed;

  /**
   * Creates a pool. It has no buffers yet.
   *
   * @param dispatcher the loop whose tasks borrow
   * @param options sizes, name, leak reports
   */
  public BufferPool(Dispatcher dispatcher, BufferPoolOptions options) {
    this.dispatcher = requireNonNull(dispatcher, "dispatcher");
    this.options = requireNonNull(options, "options");
    this.why = "a buffer of '" + options.name() + "'";
    this.idle = new @Nullable ByteBuffer[options.maximum()];
    this.leaks = options.leakReports() ? new Leaks(options.name(), options.leakHandler()) : null;
    this.guard = options.leakReports() ? new WriteGuard(options) : null;
  }

  // ------------------------------------------------------------------ borrowing

  /**
   * A lease that holds nothing yet, to be acquired as often as one likes: the layer without an
   * object per acquisition.
   *
   * @return a new lease
   */
  public BufferLease lease() {
    return new BufferLease(this);
  }

  /**
   * Acquires a buffer: a one-shot operation. Ready with a lease that holds it; pending while all
   * are in use or somebody waits before it, and whoever gives one back wakes; throws as {@link
   * BufferLease#pollAcquire}. {@code cancel()} gives up the place, or passes on what was granted
   * already.
   *
   * @return a new operation
   */
  public Pollable<BufferLease> acquire() {
    return new AcquireOperation(lease());
  }

  /**
   * Acquires a buffer if that needs no waiting.
   *
   * @return a new lease that holds it, or null if all are in use or somebody waits
   * @throws ClosedException if the pool was closed
   * @throws IllegalStateException off the loop
   */
  public @Nullable BufferLease tryAcquire() {
    BufferLease lease = lease();
    return lease.tryAcquire() ? lease : null;
  }

  /**
   * Acquires a buffer, or allocates one of the same size on the heap if all are in use: for those
   * who cannot wait.
   *
   * @return a new lease that holds a buffer
   * @throws ClosedException if the pool was closed
   * @throws IllegalStateException off the loop
   */
  public BufferLease acquireOrAllocate() {
    BufferLease lease = lease();
    lease.acquireOrAllocate();
    return lease;
  }

  /**
   * The bytes of each buffer.
   *
   * @return at least one
   */
  public int bufferSize() {
    return options.bufferSize();
  }

  /**
   * The name.
   *
   * @return what messages call this pool
   */
  public String name() {
    return options.name();
  }

  /**
   * Whether more than half of the buffers are in use. Who would hold one for a long time, because a
   * slow peer decides how long, had better copy what is in it then, and give it back: else a few
   * such peers hold all of them.
   *
   * @return a hint; on the loop it is exact but for buffers on their way back
   */
  public boolean isScarce() {
    return allocated.fromAnyThread() - idleCount.fromAnyThread() > options.maximum() / 2;
  }

  /**
   * The numbers. On the loop they are exact; elsewhere each is a recent one.
   *
   * @return a snapshot
   */
  public BufferPoolStats stats() {
    if (dispatcher.onLoop()) {
      collect();
      findLeaks();
    }
    int free = idleCount.fromAnyThread();
    return new BufferPoolStats(
        Math.max(0, allocated.fromAnyThread() - free),
        free,
        highWater.fromAnyThread(),
        overflows.fromAnyThread(),
        leaks == null ? 0 : leaks.found());
  }

  /**
   * Refuses all who wait and who come later, and lets go of the idle buffers. Those in use may be
   * used on; they are let go of when they are given back. Leaks that are known by now are reported.
   * Idempotent.
   */
  @Override
  public void close() {
    closed = true;
    letGo();
    if (leaks != null) {
      leaks.report();
    }
  }

  /**
   * Whether {@link #close} was called.
   *
   * @return true after it
   */
  public boolean isClosed() {
    return closed;
  }

  @Override
  public String toString() {
    return "BufferPool['" + name() + "', " + stats() + (closed ? ", closed]" : "]");
  }

  // ------------------------------------------------------------------ for the leases

  Poll<Complete> pollAcquire(BufferLease lease, Context cx) {
    checkLoop();
    if (!lease.isHeld()) {
      checkOpen(lease);
      if (!take(lease)) {
        lease.slot.register(cx, why);
        if (!lease.queued) {
          lease.waitedAt = leaks == null ? null : leaks.here();
          waiting.addLast(lease);
        }
        serve(lease);
        if (!lease.isHeld()) {
          return Poll.pending();
        }
      }
    }
    // What is held stays held: the next poll, or close(), finds it.
    return cx.tryProceed() ? Poll.ready() : Poll.pending();
  }

  boolean tryAcquire(BufferLease lease) {
    checkLoop();
    if (lease.isHeld()) {
      return true;
    }
    checkOpen(lease);
    return take(lease);
  }

  void acquireOrAllocate(BufferLease lease) {
    if (!tryAcquire(lease)) {
      ByteBuffer buffer = ByteBuffer.allocate(options.bufferSize());
      leave(lease);
      overflows.add(1);
      lease.grant(buffer, false, track(lease, false));
    }
  }

  /** A lease that holds nothing was closed. */
  void leave(BufferLease lease) {
    if (lease.queued) {
      checkLoop();
      lease.slot.clear();
      waiting.remove(lease);
      lease.waitedAt = null;
      serve(null); // who is first now has to be made known
    }
  }

  /** By whoever has the lease. Any thread. */
  void giveBack(ByteBuffer buffer, boolean pooled, @Nullable LeakTracker tracker) {
    if (tracker != null) {
      tracker.done();
    }
    if (!pooled) {
      return;
    }
    if (dispatcher.onLoop()) {
      findLeaks();
      keep(buffer, tracker);
      serve(null);
      return;
    }
    Returned top;
    do {
      top = returned;
    } while (!RETURNED.compareAndSet(this, top, new Returned(buffer, tracker, top)));
    if (closed) { // perhaps just now: one of the two sees the other
      letGo();
    } else {
      wakeFirst();
    }
  }

  // ------------------------------------------------------------------ on the loop

  /** Without waiting, and not before those who wait. */
  private boolean take(BufferLease lease) {
    findLeaks();
    if (waiting.first() != null) {
      return false;
    }
    ByteBuffer buffer = next();
    if (buffer == null) {
      return false;
    }
    grant(lease, buffer);
    return true;
  }

  /**
   * Serves those who wait, in order, and sees to it that a return from elsewhere finds the first.
   */
  private void serve(@Nullable BufferLease polling) {
    for (BufferLease lease = waiting.first(); lease != null; lease = waiting.first()) {
      ByteBuffer buffer = closed ? null : next();
      if (buffer == null) {
        if (closed) {
          lease.slot.wake(); // its poll throws, and as it leaves, the next one is woken here
          return;
        }
        if (head == lease) {
          return;
        }
        head = lease; // and look again, also whether it was closed
      } else {
        waiting.remove(lease);
        grant(lease, buffer);
        if (lease == polling) {
          lease.slot.clear();
        } else {
          lease.slot.wake();
        }
      }
    }
    if (head != null) {
      head = null;
    }
  }

  private void grant(BufferLease lease, ByteBuffer buffer) {
    highWater.raiseTo(allocated.get() - idleCount.get());
    lease.grant(buffer, true, track(lease, true));
    lease.waitedAt = null;
  }

  private @Nullable LeakTracker track(BufferLease lease, boolean pooled) {
    return leaks == null ? null : leaks.track(lease, lease.waitedAt, pooled);
  }

  private @Nullable ByteBuffer next() {
    if (idleCount.get() == 0) {
      collect();
    }
    if (idleCount.get() > 0) {
      int top = idleCount.add(-1);
      ByteBuffer buffer = idle[top];
      idle[top] = null;
      assert buffer != null;
      if (leaks != null && guard != null) {
        Throwable misuse = guard.open(top, buffer, name());
        if (misuse != null) {
          leaks.tell(misuse);
        }
      }
      buffer.clear().order(ByteOrder.BIG_ENDIAN);
      return buffer;
    }
    if (allocated.get() == options.maximum()) {
      return null;
    }
    ByteBuffer buffer =
        options.direct()
            ? ByteBuffer.allocateDirect(options.bufferSize())
            : ByteBuffer.allocate(options.bufferSize());
    allocated.add(1); // after it: it may throw
    return buffer;
  }

  /** Takes what was given back elsewhere. */
  private void collect() {
    if (returned != null) {
      for (Returned r = (Returned) RETURNED.getAndSet(this, null); r != null; r = r.next) {
        keep(r.buffer, r.tracker);
      }
    }
  }

  private void keep(ByteBuffer buffer, @Nullable LeakTracker tracker) {
    if (closed) {
      allocated.add(-1);
    } else {
      int top = idleCount.add(1) - 1;
      idle[top] = buffer;
      if (guard != null) {
        guard.close(top, buffer, tracker == null ? null : tracker.acquiredAt);
      }
    }
  }

  private void findLeaks() {
    if (leaks != null) {
      leaks.report();
      int places = leaks.takePlaces();
      if (places > 0) {
        allocated.add(-places);
      }
    }
  }

  private void empty() {
    collect();
    findLeaks();
    int count = idleCount.get();
    Arrays.fill(idle, 0, count, null);
    idleCount.add(-count);
    allocated.add(-count);
    BufferLease first = waiting.first();
    if (first != null) {
      first.slot.wake();
    }
  }

  private void checkOpen(BufferLease lease) {
    if (closed) {
      leave(lease);
      throw new ClosedException("buffer pool '" + name() + "' was closed");
    }
  }

  private void checkLoop() {
    if (!dispatcher.onLoop()) {
      throw new IllegalStateException(
          "buffers of pool '"
              + name()
              + "' are acquired on the loop of dispatcher '"
              + dispatcher.name()
              + "' only, not on thread '"
              + Thread.currentThread().getName()
              + "'");
    }
  }

  // ------------------------------------------------------------------ any thread

  /** After a close: what lies here is dropped, and those who wait are told. */
  private void letGo() {
    if (dispatcher.onLoop()) {
      empty();
      return;
    }
    try {
      dispatcher.post(this::empty);
    } catch (RejectedExecutionException e) {
      // Nobody posts any more, but a task may still run there, and wait: its poll will find out.
      RETURNED.setVolatile(this, null);
      wakeFirst();
    }
  }

  private void wakeFirst() {
    BufferLease first = head;
    if (first != null) {
      first.slot.wake();
    }
  }
}
