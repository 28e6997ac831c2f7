package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import org.jspecify.annotations.Nullable;

/**
 * The sending of one value: {@link Sender#send}. It takes its place among those who wait in its
 * first poll.
 *
 * <p>Ready when the value is in the channel, in a rendezvous when a receiver took it. Pending while
 * there is no place for it or others wait before it; whoever frees the place takes the value out of
 * this operation and wakes. Throws {@link ChannelClosedException} with the value if the channel is
 * closed before that.
 *
 * <p>{@code cancel()} gives up: the value is not sent, unless it went before. A task that gives up
 * by a time-out may not have seen that, so it asks {@link #isSent}:
 *
 * <pre>{@code
 * Send<String> send = sender.send("report");
 * loop.spawn(send).cancel();
 * loop.runUntilStalled();
 * if (!send.isSent()) {
 *   keep.add("report");
 * }
 * }</pre>
 *
 * <p><b>Threading.</b> As every operation, on one loop only; {@link #isSent} also there. <b>Memory
 * effects.</b> Those of the {@link Channel}.
 *
 * @param <T> the type of the value
 */
public final class Send<T> extends Operation<Complete> {
  /** The value; once it had to wait, its node, which has the value. */
  private Object held;

  private boolean waited;
  private boolean sent;

  Send(ChannelCore<T> core, T value) {
    super(core.names.send);
    core.claim(this);
    this.held = requireNonNull(value, "value");
  }

  @Override
  protected Poll<Complete> doPoll(Context cx) {
    Poll<Complete> poll = core().pollSend(node(), this, cx, value());
    sent = poll.isReady();
    return poll;
  }

  @Override
  protected void doCancel() {
    ChannelNode<T> node = node();
    sent = node != null && !core().cancelSend(node);
  }

  /** Most sends never wait, and need no node. */
  ChannelNode<T> newNode() {
    ChannelNode<T> node = new ChannelNode<>();
    node.offered = value();
    held = node;
    waited = true;
    return node;
  }

  private ChannelCore<T> core() {
    return ChannelCore.of(this);
  }

  @SuppressWarnings("unchecked") // by what was made above
  private @Nullable ChannelNode<T> node() {
    return waited ? (ChannelNode<T>) held : null;
  }

  /**
   * Whether the value went into the channel; known before the poll that says so, and after a
   * cancel.
   *
   * @return true if a receiver has got the value or will
   */
  public boolean isSent() {
    ChannelNode<T> node = node();
    return sent || (node != null && core().isGranted(node));
  }

  /**
   * The value.
   *
   * @return what is, was or was to be sent
   */
  @SuppressWarnings("unchecked") // it holds nothing else
  public T value() {
    ChannelNode<T> node = node();
    return node == null ? (T) held : requireNonNull(node.offered);
  }

  @Override
  public String toString() {
    return core().names.send;
  }
}
