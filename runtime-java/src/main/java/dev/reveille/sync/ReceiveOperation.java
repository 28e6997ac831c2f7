package dev.reveille.sync;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;
import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Waker;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * One who receives: {@link Receiver#receive}, {@link Channel#receive}, or what stands for an end
 * itself. One word for whatever it holds at a time:
 *
 * <pre>
 *   NEW      the receiver that it came from, which the first poll asks, or null
 *   ALONE    its waker: it came when nobody waited, and stands before the queue, without a node
 *   QUEUED   its node: it came when others waited, or was found to be polled by two tasks
 *   HANDED   the value that it was handed, which is its own
 *   IDLE     nothing
 * </pre>
 */
final class ReceiveOperation<T> extends Operation<@Nullable T> {
  private static final VarHandle STATE =
      fieldVarHandle(
          MethodHandles.lookup(), "state", VarHandle.class, ReceiveOperation.class, byte.class);

  static final byte NEW = 0;
  static final byte IDLE = 1;
  static final byte ALONE = 2;
  static final byte QUEUED = 3;
  static final byte HANDED = 4;

  private @Nullable Object held;

  /**
   * Guarded by the lock of the channel, as is what it holds. But an operation that was handed its
   * value is its owner's, who finds that out without the lock: {@link #isHanded}.
   */
  private byte state;

  ReceiveOperation(ChannelCore<T> core, @Nullable Receiver<T> end) {
    super(core.names.receive);
    core.claim(this);
    this.held = end;
  }

  @Override
  protected Poll<@Nullable T> doPoll(Context cx) {
    return ChannelCore.<T>of(this).pollReceive(this, null, cx);
  }

  @Override
  protected void doCancel() {
    ChannelCore.<T>of(this).cancelReceive(this);
  }

  @Override
  public String toString() {
    return ChannelCore.of(this).names.receive;
  }

  /** For the owner, without the lock: the acquire that pairs with the release in {@link #hand}. */
  boolean isHanded() {
    return (byte) STATE.getAcquire(this) == HANDED;
  }

  // ------------------------------------------------------------------ under the lock

  /** The end's own pending poll would get the value. */
  void begin() {
    if (state == NEW) {
      Receiver<?> end = (Receiver<?>) held;
      if (end != null) {
        end.refusePending("receive()");
      }
      become(IDLE, null);
    }
  }

  boolean isAlone() {
    return state == ALONE;
  }

  /** Stands in the queue or before it, or was woken there by a close and has not looked since. */
  boolean isWaiting() {
    return state == ALONE || state == QUEUED;
  }

  /** Waits, or was handed something. */
  boolean isPending() {
    return state == QUEUED ? node().isQueued() || node().value != null : state >= ALONE;
  }

  void become(byte next, @Nullable Object holding) {
    held = holding;
    state = next;
  }

  /** The state comes last: whoever sees it takes the value. */
  void hand(T value) {
    held = value;
    STATE.setRelease(this, HANDED);
  }

  /** Hands it a value while it is ALONE. Returns whom to wake. */
  Waker handAlone(T value) {
    Waker waker = waker();
    hand(value);
    return waker;
  }

  /** What ALONE holds. */
  Waker waker() {
    return (Waker) requireNonNull(held);
  }

  @SuppressWarnings("unchecked") // what QUEUED holds
  ChannelNode<T> node() {
    return (ChannelNode<T>) requireNonNull(held);
  }

  /** What HANDED holds. By the owner also without the lock. */
  @SuppressWarnings("unchecked")
  T takeValue() {
    Object value = requireNonNull(held);
    become(IDLE, null);
    return (T) value;
  }

  /** What it was handed, itself or by way of its node; or null. */
  @Nullable T takeHeld() {
    if (state == HANDED) {
      return takeValue();
    }
    if (state != QUEUED) {
      return null;
    }
    ChannelNode<T> node = node();
    T value = node.takeValue();
    if (!node.isQueued()) {
      become(IDLE, null);
    }
    return value;
  }
}
