package dev.reveille.io;

import java.net.SocketOption;
import java.util.Map;

/**
 * How a server listens: see {@link Network#listen(java.net.SocketAddress, ListenOptions)}.
 * Immutable: each {@code with} returns a copy.
 *
 * <pre>{@code
 * ListenOptions options = ListenOptions.defaults().withBacklog(64).withReceiveBuffer(256 * 1024);
 * TcpListener listener = dispatcher.listen(address, options);
 * }</pre>
 *
 * @param backlog how many connections the system keeps that nobody has accepted yet; the system
 *     caps it, Linux at {@code net.core.somaxconn}; default 1024
 * @param reuseAddress {@code SO_REUSEADDR}; default true, so that a server which is started again
 *     gets its port although connections of its predecessor linger in TIME_WAIT. Two listeners
 *     still can not have one port at the same time. Means nothing for Unix-domain sockets, nor on
 *     Windows, where the JDK always binds exclusively
 * @param receiveBuffer {@code SO_RCVBUF} in bytes, which accepted connections inherit: set here,
 *     before the handshake, it also decides on TCP's window scale; default 0, the system's choice
 * @param noDelay {@code TCP_NODELAY} of the accepted connections; default true, since who writes
 *     whole messages gains nothing from Nagle's algorithm and may wait 40 ms for it
 * @param socketOptions further options of the listening socket, set before it is bound; none by
 *     default
 */
public record ListenOptions(
    int backlog,
    boolean reuseAddress,
    int receiveBuffer,
    boolean noDelay,
    Map<SocketOption<?>, Object> socketOptions) {

  private static final ListenOptions DEFAULTS = new ListenOptions(1024, true, 0, true, Map.of());

  /**
   * Checks the values.
   *
   * @param backlog connections that nobody has accepted yet, at least 1
   * @param reuseAddress {@code SO_REUSEADDR}
   * @param receiveBuffer bytes, or 0 for the system's choice
   * @param noDelay {@code TCP_NODELAY} of the accepted connections
   * @param socketOptions further options
   * @throws IllegalArgumentException if a number is below its minimum
   */
  public ListenOptions {
    if (backlog < 1) {
      throw new IllegalArgumentException("backlog must be at least 1: " + backlog);
    }
    if (receiveBuffer < 0) {
      throw new IllegalArgumentException("receiveBuffer must not be negative: " + receiveBuffer);
    }
    socketOptions = Map.copyOf(socketOptions);
  }

  /**
   * The defaults.
   *
   * @return the shared instance
   */
  public static ListenOptions defaults() {
    return DEFAULTS;
  }

  /**
   * A copy with another backlog.
   *
   * @param value connections that nobody has accepted yet, at least 1
   * @return the copy
   */
  public ListenOptions withBacklog(int value) {
    return new ListenOptions(value, reuseAddress, receiveBuffer, noDelay, socketOptions);
  }

  /**
   * A copy with another {@code SO_REUSEADDR}.
   *
   * @param value whether an address may be bound whose former connections linger
   * @return the copy
   */
  public ListenOptions withReuseAddress(boolean value) {
    return new ListenOptions(backlog, value, receiveBuffer, noDelay, socketOptions);
  }

  /**
   * A copy with another receive buffer.
   *
   * @param value bytes, or 0 for the system's choice
   * @return the copy
   */
  public ListenOptions withReceiveBuffer(int value) {
    return new ListenOptions(backlog, reuseAddress, value, noDelay, socketOptions);
  }

  /**
   * A copy with another {@code TCP_NODELAY} of the accepted connections.
   *
   * @param value whether small writes are sent at once
   * @return the copy
   */
  public ListenOptions withNoDelay(boolean value) {
    return new ListenOptions(backlog, reuseAddress, receiveBuffer, value, socketOptions);
  }

  /**
   * A copy with a further option of the listening socket, such as {@link
   * java.net.StandardSocketOptions#SO_REUSEPORT}.
   *
   * @param <T> the type of the value
   * @param option the option
   * @param value the value
   * @return the copy
   */
  public <T> ListenOptions withSocketOption(SocketOption<T> option, T value) {
    return new ListenOptions(
        backlog, reuseAddress, receiveBuffer, noDelay, Sockets.with(socketOptions, option, value));
  }
}
