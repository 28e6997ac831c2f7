package dev.reveille.io;

import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import java.io.IOException;
import java.net.SocketAddress;

/**
 * A listening socket, of TCP or of the Unix domain. One task accepts at a time.
 *
 * <p><b>When descriptors run out</b>, the system can not give a connection that has arrived. Then
 * the listener reports that once, as a warning of {@link System.Logger} {@code dev.reveille.io},
 * and stays pending: it tries again after 10 ms, and then after times that double up to a second,
 * on the dispatcher's clock. The connections wait in the backlog; none is lost, and nothing spins.
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
   * pending while there is none, or while the system can not give it, and the reactor wakes when
   * one arrives, when it is time to try again, or when the listener is closed. Spends budget.
   *
   * @param cx the context of the poll
   * @return ready with a new stream, or pending
   * @throws java.nio.channels.ClosedChannelException if the listener was closed
   * @throws IOException a failure of the listener itself; what is wrong with one connection, or
   *     with the system for a while, is none
   */
  Poll<TcpStream> pollAccept(Context cx) throws IOException;

  /**
   * Accepts one connection: {@link #pollAccept} as a one-shot operation, ready, pending, woken and
   * throwing as that is. {@code cancel()} leaves what has arrived to the next one.
   *
   * @return a new operation
   */
  default Pollable<TcpStream> accept() {
    return new AcceptOperation(this);
  }

  /**
   * The address it is bound to.
   *
   * @return the address, with the port that the system chose, or the path
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
   * java.nio.channels.ClosedChannelException}. The address is free when the call returns, and the
   * file of a Unix-domain socket is deleted. Connections that nobody has accepted are reset.
   * Idempotent.
   *
   * @throws IllegalStateException if another thread drives the dispatcher
   */
  @Override
  void close();
}
