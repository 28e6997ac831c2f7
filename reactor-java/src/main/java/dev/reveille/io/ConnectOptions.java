package dev.reveille.io;

import java.net.SocketAddress;
import java.net.SocketOption;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a client connects: see {@link Network#connect(SocketAddress, ConnectOptions)}. Immutable:
 * each {@code with} returns a copy.
 *
 * <pre>{@code
 * ConnectOptions options =
 *     ConnectOptions.defaults()
 *         .withTimeout(Duration.ofSeconds(3))
 *         .withSocketOption(StandardSocketOptions.SO_KEEPALIVE, true);
 * Pollable<TcpStream> connect = dispatcher.connect(peer, options);
 * }</pre>
 *
 * @param timeout how long the peer may take to answer, on the dispatcher's clock and from the first
 *     poll; default null, none but the system's own, which is minutes
 * @param localAddress the address of this side; default null, the system's choice
 * @param noDelay {@code TCP_NODELAY}; default true, since who writes whole messages gains nothing
 *     from Nagle's algorithm and may wait 40 ms for it
 * @param socketOptions further options of the socket, set before it is bound and connected; none by
 *     default
 */
public record ConnectOptions(
    @Nullable Duration timeout,
    @Nullable SocketAddress localAddress,
    boolean noDelay,
    Map<SocketOption<?>, Object> socketOptions) {

  private static final ConnectOptions DEFAULTS = new ConnectOptions(null, null, true, Map.of());

  /**
   * Checks the values.
   *
   * @param timeout how long the peer may take, or null
   * @param localAddress the address of this side, or null
   * @param noDelay {@code TCP_NODELAY}
   * @param socketOptions further options
   * @throws IllegalArgumentException if the time-out is not positive
   */
  public ConnectOptions {
    if (timeout != null && (timeout.isZero() || timeout.isNegative())) {
      throw new IllegalArgumentException("timeout must be positive: " + timeout);
    }
    socketOptions = Map.copyOf(socketOptions);
  }

  /**
   * The defaults.
   *
   * @return the shared instance
   */
  public static ConnectOptions defaults() {
    return DEFAULTS;
  }

  /**
   * A copy with a time-out.
   *
   * @param value how long the peer may take to answer, more than zero
   * @return the copy
   */
  public ConnectOptions withTimeout(Duration value) {
    return new ConnectOptions(
        Objects.requireNonNull(value, "timeout"), localAddress, noDelay, socketOptions);
  }

  /**
   * A copy with an address of this side.
   *
   * @param value the address; with port 0, the system chooses the port
   * @return the copy
   */
  public ConnectOptions withLocalAddress(SocketAddress value) {
    return new ConnectOptions(
        timeout, Objects.requireNonNull(value, "localAddress"), noDelay, socketOptions);
  }

  /**
   * A copy with another {@code TCP_NODELAY}.
   *
   * @param value whether small writes are sent at once
   * @return the copy
   */
  public ConnectOptions withNoDelay(boolean value) {
    return new ConnectOptions(timeout, localAddress, value, socketOptions);
  }

  /**
   * A copy with a further option of the socket.
   *
   * @param <T> the type of the value
   * @param option the option
   * @param value the value
   * @return the copy
   */
  public <T> ConnectOptions withSocketOption(SocketOption<T> option, T value) {
    return new ConnectOptions(
        timeout, localAddress, noDelay, Sockets.with(socketOptions, option, value));
  }
}
