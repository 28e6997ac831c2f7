package dev.reveille.io;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import java.io.IOException;
import java.net.SocketAddress;

/**
 * A listening socket. One task accepts at a time.
 *
 * <p><b>Threading.</b> {@link #localAddress} and {@link #isOpen} may be called by any thread, the
 * rest on the loop; {@link #close} also from any thread while nobody drives the dispatcher.
 *
 * <p>A task that accepts all who come:
 *
 * <pre>{@code
 * final class Acceptor extends Task {
 *   private final TcpListener listener;
 *
 *   Acceptor(TcpListener listener) {
 *     super("acceptor");
 *     this.listener = listener;
 *   }
 *
 *   @Override
 *   protected Poll<Complete> doPoll(Context cx) throws IOException {
 *     for (; ; ) {
 *       Poll<TcpStream> stream = listener.pollAccept(cx);
 *       if (stream.isPending()) {
 *         return Poll.pending();
 *       }
 *       cx.dispatcher().post(new Session(stream.value())); // a task of its own
 *     }
 *   }
 *
 *   @Override
 *   protected void cleanup() {
 *     listener.close();
 *   }
 * }
 * }</pre>
 */
public interface TcpListener extends AutoCloseable {

  /**
   * Accepts a connection; may be called again and again. Ready with a connection that has arrived;
   * pending while there is none, and the reactor wakes when one arrives, or when the listener is
   * closed. Spends budget.
   *
   * @param cx the context of the poll
   * @return ready with a new stream, or pending
   * @throws java.nio.channels.ClosedChannelException if the listener was closed
   * @throws IOException what the system says, as when file descriptors have run out; the listener
   *     stays open, and a later poll may succeed
   */
  Poll<TcpStream> pollAccept(Context cx) throws IOException;

  /**
   * Accepts one connection: {@link #pollAccept} as a one-shot operation. {@code cancel()} leaves
   * what has arrived to the next one.
   *
   * @return a new operation
   */
  default Pollable<TcpStream> accept() {
    return new AcceptOperation(this);
  }

  /**
   * The address it is bound to.
   *
   * @return the address, with the port that the system chose
   */
  SocketAddress localAddress();

  /**
   * Whether it was not closed.
   *
   * @return false after {@link #close}
   */
  boolean isOpen();

  /**
   * Closes the socket and wakes the task that waits, whose poll then throws {@link
   * java.nio.channels.ClosedChannelException}. Idempotent.
   *
   * @throws IllegalStateException if another thread drives the dispatcher
   */
  @Override
  void close();
}
