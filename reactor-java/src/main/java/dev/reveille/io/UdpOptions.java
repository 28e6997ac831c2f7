package dev.reveille.io;

import static java.util.Objects.requireNonNull;

import java.net.ProtocolFamily;
import java.net.SocketOption;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link UdpSocket} is opened with: that which has to be known before the address is bound.
 *
 * <p>Two programs of a machine that listen to the same group share its port:
 *
 * <pre>{@code
 * UdpOptions options =
 *     UdpOptions.defaults()
 *         .withFamily(StandardProtocolFamily.INET)
 *         .withSocketOption(StandardSocketOptions.SO_REUSEADDR, true)
 *         .withSocketOption(StandardSocketOptions.SO_RCVBUF, 1 << 20);
 * }</pre>
 *
 * <p><b>Threading.</b> Immutable.
 *
 * @param family the protocol of the socket, or null for that of the platform: where IPv6 is there,
 *     one that speaks both. For multicast name the family of the group: not every system lets a
 *     socket for both join a group of IPv4
 * @param socketOptions options to set before the address is bound
 */
public record UdpOptions(
    @Nullable ProtocolFamily family, Map<SocketOption<?>, Object> socketOptions) {
  private static final UdpOptions DEFAULTS = new UdpOptions(null, Map.of());

  /**
   * Copies the options.
   *
   * @param family the protocol of the socket, or null for that of the platform
   * @param socketOptions options to set before the address is bound
   */
  public UdpOptions {
    socketOptions = Map.copyOf(socketOptions);
  }

  /**
   * The platform's family, and no options.
   *
   * @return the defaults
   */
  public static UdpOptions defaults() {
    return DEFAULTS;
  }

  /**
   * Chooses the protocol.
   *
   * @param newFamily such as {@link java.net.StandardProtocolFamily#INET}
   * @return a copy with that family
   */
  public UdpOptions withFamily(ProtocolFamily newFamily) {
    return new UdpOptions(requireNonNull(newFamily, "newFamily"), socketOptions);
  }

  /**
   * Adds an option of the socket.
   *
   * @param <T> the type of the value
   * @param option the option, such as {@link java.net.StandardSocketOptions#SO_REUSEADDR}
   * @param value the value
   * @return a copy with that option
   */
  public <T> UdpOptions withSocketOption(SocketOption<T> option, T value) {
    requireNonNull(option, "option");
    requireNonNull(value, "value");
    Map<SocketOption<?>, Object> more = new HashMap<>(socketOptions);
    more.put(option, value);
    return new UdpOptions(family, more);
  }
}
