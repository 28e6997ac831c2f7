package dev.reveille.sync;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;
import static java.util.Objects.requireNonNull;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A place in a channel that was reserved: {@link Sender#reserve}. With it, a task takes its next
 * value from wherever it comes from only when it can be sent; to give up waiting loses nothing.
 *
 * <p>It is used once, by {@link #send}, or given back, by {@link #close}. One that is neither holds
 * its place for ever.
 *
 * <pre>{@code
 * Pollable<SendPermit<String>> reserve = sender.reserve();
 * loop.spawn(
 *     Pollable.owning(
 *         List.of(reserve),
 *         cx -> {
 *           Poll<SendPermit<String>> poll = reserve.poll(cx);
 *           if (poll.isPending()) {
 *             return Poll.pending(); // and no job was taken from the queue
 *           }
 *           try (SendPermit<String> permit = poll.value()) {
 *             permit.send(queue.remove()); // if that throws, the place is given back
 *           }
 *           return Poll.ready();
 *         }));
 * }</pre>
 *
 * <p><b>A permit is a place, not a promise that the channel stays open.</b> If it is closed before
 * the permit is used, {@link #send} throws {@link ChannelClosedException} with the value. In a
 * rendezvous it was granted because a receiver waited; if that one gives up before the permit is
 * used, the value waits for the next receiver.
 *
 * <p><b>Threading.</b> Any thread, also after the sender that reserved it was closed. <b>Memory
 * effects.</b> Those of the {@link Channel}.
 *
 * @param <T> the type of the values
 */
public final class SendPermit<T> implements AutoCloseable {
  private static final VarHandle USED =
      fieldVarHandle(
          MethodHandles.lookup(), "used", VarHandle.class, SendPermit.class, boolean.class);

  private final ChannelCore<T> core;

  /** CAS (volatile) by both methods, so that of several that race one has the place. */
  private volatile boolean used;

  SendPermit(ChannelCore<T> core) {
    this.core = core;
  }

  /**
   * Sends a value into the place. Does not wait.
   *
   * @param value the value
   * @throws ChannelClosedException if the channel is closed; the value did not go
   * @throws IllegalStateException if the permit was used or closed before
   */
  public void send(T value) {
    requireNonNull(value, "value");
    if (!USED.compareAndSet(this, false, true)) {
      throw new IllegalStateException(
          "this permit of "
              + core.names.channel
              + " was used or closed before; reserve() gives one for each value");
    }
    if (core.settlePermit(value) == TrySendResult.CLOSED) {
      throw core.closedFor(value);
    }
  }

  /** Gives the place to the next who waits for one. Does nothing if it was used or closed. */
  @Override
  public void close() {
    if (USED.compareAndSet(this, false, true)) {
      core.settlePermit(null);
    }
  }

  @Override
  public String toString() {
    return "SendPermit[" + core.names.channel + (used ? ", used]" : "]");
  }
}
