package dev.reveille.io;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;

/**
 * Whether a channel of the user's own can be read or written: for code that does its I/O itself,
 * and only wants to know when. From {@link SelectorDispatcher#watch}; whoever asks seldom takes
 * {@link SelectorDispatcher#readable} and {@link SelectorDispatcher#writable}.
 *
 * <pre>{@code
 * Pollable<Complete> drain(ChannelReadiness readiness, DatagramChannel channel) {
 *   ByteBuffer buffer = ByteBuffer.allocate(1500);
 *   return cx -> {
 *     while (readiness.pollReadable(cx).isReady()) {
 *       while (channel.receive(buffer.clear()) != null) {
 *         handle(buffer.flip());
 *       }
 *     }
 *     return Poll.pending();
 *   };
 * }
 * }</pre>
 *
 * <p><b>Level-triggered.</b> Ready means that the selector has found the channel ready since this
 * direction was waited for. It is told once; who polls again waits for the selector to find it once
 * more. So it does not matter how much was read in between: what is still there is reported again,
 * at the price of another look of the loop, and what is not there is not. Read until there is no
 * more, then poll: that is the cheapest, and nothing is missed by reading less. A direction in
 * which nobody waits is reported twice at most, and then not any more until somebody waits; it does
 * not keep the loop busy. Ready is a hint: somebody else may have read before.
 *
 * <p><b>Directions.</b> One task waits to read and one to write at a time; they may be the same. A
 * {@link java.nio.channels.ServerSocketChannel} is readable when {@code accept} has something to
 * give, and a {@link java.nio.channels.SocketChannel} whose connection is pending is writable when
 * {@code finishConnect} can tell how it ended.
 *
 * <p><b>Closed meanwhile.</b> A poll on a closed channel throws {@link ClosedChannelException}. If
 * the channel is closed while a task waits, the task is woken when the loop looks at I/O next:
 * after 64 polls, or after all that were ready at the last look were polled if those are more, and
 * in any case before it sleeps. A loop that is asleep is not woken by the JDK when another thread
 * closes the channel; it notices when it next wakes up for whatever reason. {@link
 * SelectorDispatcher#closeChannel} closes the channel and wakes the loop, from any thread. Each
 * look asks every watched channel whether it is open.
 *
 * <p><b>Threading.</b> On the loop; {@link #channel} and {@link #isWatching} also elsewhere, and
 * {@link #close} from any thread while nobody drives the dispatcher.
 */
public interface ChannelReadiness extends AutoCloseable {

  /**
   * Waits until the channel can be read, or accept; may be called again and again. Ready once for
   * each time the selector has found it so, and also for an error or the end of a stream, which the
   * read then tells; pending otherwise, and the reactor wakes. Spends budget.
   *
   * @param cx the context of the poll
   * @return ready or pending
   * @throws ClosedChannelException if the channel was closed
   * @throws IllegalArgumentException if this kind of channel can not be read
   * @throws IllegalStateException if the channel is no longer watched; or if two tasks wait in this
   *     direction, naming both
   */
  Poll<Complete> pollReadable(Context cx) throws ClosedChannelException;

  /**
   * Waits until the channel can be written, or its connection be finished; may be called again and
   * again. Ready once for each time the selector has found it so, and also for an error, which the
   * write then tells; pending otherwise, and the reactor wakes. Spends budget.
   *
   * @param cx the context of the poll
   * @return ready or pending
   * @throws ClosedChannelException if the channel was closed
   * @throws IllegalArgumentException if this kind of channel can not be written
   * @throws IllegalStateException if the channel is no longer watched; or if two tasks wait in this
   *     direction, naming both
   */
  Poll<Complete> pollWritable(Context cx) throws ClosedChannelException;

  /**
   * The channel.
   *
   * @return what is watched
   */
  SelectableChannel channel();

  /**
   * Whether the channel is still watched.
   *
   * @return false after {@link #close}, and when the channel was closed
   */
  boolean isWatching();

  /**
   * Gives the channel back: the loop forgets it, and it may be made blocking again. The channel
   * stays open. Tasks that wait are woken, and their polls throw {@link IllegalStateException}.
   * Idempotent.
   *
   * @throws IllegalStateException if another thread drives the dispatcher
   */
  @Override
  void close();
}
