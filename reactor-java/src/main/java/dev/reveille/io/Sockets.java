package dev.reveille.io;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketOption;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.HashMap;
import java.util.Map;

/** What sockets of the Internet and of the Unix domain have in common, and what not. */
final class Sockets {
  private Sockets() {}

  static boolean isUnix(SocketAddress address) {
    return address instanceof UnixDomainSocketAddress;
  }

  static SocketChannel openStream(SocketAddress peer) throws IOException {
    return isUnix(peer) ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
  }

  static ServerSocketChannel openServer(SocketAddress address) throws IOException {
    return isUnix(address)
        ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        : ServerSocketChannel.open();
  }

  static void setNoDelay(SocketChannel channel, boolean noDelay) throws IOException {
    if (noDelay && channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }
  }

  static <T> Map<SocketOption<?>, Object> with(
      Map<SocketOption<?>, Object> options, SocketOption<T> option, T value) {
    Map<SocketOption<?>, Object> copy = new HashMap<>(options);
    copy.put(requireNonNull(option, "option"), requireNonNull(value, "value"));
    return copy;
  }

  static void apply(NetworkChannel channel, Map<SocketOption<?>, Object> options)
      throws IOException {
    for (Map.Entry<SocketOption<?>, Object> entry : options.entrySet()) {
      set(channel, entry.getKey(), entry.getValue());
    }
  }

  private static <T> void set(NetworkChannel channel, SocketOption<T> option, Object value)
      throws IOException {
    channel.setOption(option, option.type().cast(value));
  }

  /** The same failure, of the same type, with the address in its message. */
  static IOException naming(String operation, SocketAddress address, IOException failure) {
    String message = operation + " " + address + ": " + failure.getMessage();
    IOException named;
    if (failure.getClass() == ConnectException.class) {
      named = new ConnectException(message);
    } else if (failure.getClass() == NoRouteToHostException.class) {
      named = new NoRouteToHostException(message);
    } else if (failure.getClass() == BindException.class) {
      named = new BindException(message);
    } else if (failure.getClass() == SocketException.class) {
      named = new SocketException(message);
    } else {
      return failure;
    }
    named.initCause(failure);
    return named;
  }
}
