package dev.reveille.io.buffer;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.WakerSlot;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A buffer of a {@link BufferPool}: held, waited for, or neither. It may be acquired again after it
 * was given back, so whoever borrows often keeps one lease and allocates nothing.
 *
 * <p>A task that waits with a lease closes it when it is cancelled: else it would be granted a
 * buffer that nobody gives back. The {@linkplain BufferPool#acquire operations} do that by
 * themselves.
 *
 * <pre>{@code
 * final class Session extends Task {
 *   private final ByteSource stream;
 *   private final BufferLease lease;
 *
 *   Session(ByteSource stream, BufferPool pool) {
 *     super("session");
 *     this.stream = stream;
 *     this.lease = pool.lease();
 *   }
 *
 *   @Override
 *   protected Poll<Complete> doPoll(Context cx) throws IOException {
 *     while (stream.pollReadable(cx).isReady()) {
 *       if (lease.pollAcquire(cx).isPending()) {
 *         return Poll.pending(); // woken when another session gives one back
 *       }
 *       ByteBuffer buffer = lease.buffer();
 *       if (stream.tryRead(buffer) < 0) {
 *         return Poll.ready();
 *       }
 *       handle(buffer.flip());
 *       lease.close(); // while it waits for more, it holds no buffer
 *     }
 *     return Poll.pending();
 *   }
 *
 *   @Override
 *   protected void cleanup() {
 *     lease.close();
 *     stream.close();
 *   }
 * }
 * }</pre>
 *
 * <p><b>Threading.</b> One task at a time acquires with it, on the loop of the pool. Whoever has
 * the lease may use the buffer and give it back on any thread; if two do so at once, it is given
 * back once. <b>Memory effects.</b> Actions before {@link #close} happen-before what follows the
 * acquisition of the same buffer by another lease.
 */
public final class BufferLease implements AutoCloseable {
  private static final VarHandle BUFFER =
      fieldVarHandle(
          MethodHandles.lookup(), "buffer", VarHandle.class, BufferLease.class, ByteBuffer.class);

  private final BufferPool pool;

  /** Who waits with this lease. */
  final WakerSlot slot = new WakerSlot();

  /** The list of those who wait, on the loop: see {@link LeaseQueue}. */
  @Nullable BufferLease previous;

  @Nullable BufferLease next;
  boolean queued;

  /**
   * Plain on the loop, which sets it, and wherever the user has taken the lease in an orderly way.
   * getAndSet in close: of two that close at once, one gets the buffer.
   */
  private @Nullable ByteBuffer buffer;

  /** Whether the buffer belongs to the pool. Set before the buffer, read by who has the lease. */
  private boolean pooled;

  /** With leak reports: where it was acquired. As {@link #pooled}. */
  private @Nullable LeakTracker tracker;

  /** With leak reports: where the wait for it began. On the loop. */
  @Nullable Throwable waitedAt;

  BufferLease(BufferPool pool) {
    this.pool = pool;
  }

  void grant(ByteBuffer granted, boolean ofThePool, @Nullable LeakTracker tracked) {
    pooled = ofThePool;
    tracker = tracked;
    buffer = granted;
  }

  /**
   * Acquires a buffer; may be called again and again. Ready when it is held, also if that was
   * before. Pending while all are in use, first come, first served; whoever gives one back wakes.
   * Spends budget. To give up, call {@link #close}.
   *
   * @param cx the context of the poll
   * @return ready when held
   * @throws dev.reveille.sync.ClosedException if the pool was closed before that
   * @throws IllegalStateException off the loop of the pool
   * @throws OutOfMemoryError if there is no memory for a new buffer; nothing is held then
   */
  public Poll<Complete> pollAcquire(Context cx) {
    return pool.pollAcquire(this, cx);
  }

  /**
   * Acquires a buffer if that needs no waiting.
   *
   * @return whether one is held, also if that was before; false if all are in use or somebody waits
   * @throws dev.reveille.sync.ClosedException if the pool was closed
   * @throws IllegalStateException off the loop of the pool
   * @throws OutOfMemoryError if there is no memory for a new buffer; nothing is held then
   */
  public boolean tryAcquire() {
    return pool.tryAcquire(this);
  }

  /**
   * Acquires a buffer, or allocates one of the heap that is left to the garbage collector when it
   * is given back. For those who cannot wait; {@link BufferPoolStats#overflows} tells how often.
   *
   * @throws dev.reveille.sync.ClosedException if the pool was closed
   * @throws IllegalStateException off the loop of the pool
   * @throws OutOfMemoryError if there is no memory for a new buffer; nothing is held then
   */
  public void acquireOrAllocate() {
    pool.acquireOrAllocate(this);
  }

  /**
   * The buffer, the same as long as the lease holds it; after the acquisition it is cleared and
   * big-endian, and what it contains means nothing. It must not be touched any more after {@link
   * #close}: somebody else has it then.
   *
   * @return the buffer
   * @throws IllegalStateException if no buffer is held
   */
  public ByteBuffer buffer() {
    ByteBuffer b = buffer;
    if (b == null) {
      throw new IllegalStateException(
          "this lease of pool '"
              + pool.name()
              + "' holds no buffer: it was not acquired, or was given back");
    }
    return b;
  }

  /**
   * Whether a buffer is held.
   *
   * @return true between an acquisition and {@link #close}
   */
  public boolean isHeld() {
    return buffer != null;
  }

  /**
   * Gives back what is held, on any thread, or stops waiting, on the loop. Those who wait are
   * served. Does nothing in a lease that is neither held nor waited for.
   *
   * @throws IllegalStateException if it is waited for, and this is not the loop of the pool
   */
  @Override
  public void close() {
    // Read before the buffer is taken out: after it, the lease may be acquired again on the loop.
    LeakTracker tracked = tracker;
    boolean ofThePool = pooled;
    // Who has the lease sees what it holds: so where there is nothing, no atomic step is needed.
    ByteBuffer held = buffer == null ? null : (ByteBuffer) BUFFER.getAndSet(this, null);
    if (held == null) {
      pool.leave(this);
    } else {
      pool.giveBack(held, ofThePool, tracked);
    }
  }

  @Override
  public String toString() {
    return "BufferLease['"
        + pool.name()
        + "', "
        + (isHeld() ? "held]" : queued ? "waiting]" : "not held]");
  }
}
