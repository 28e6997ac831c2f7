package dev.reveille.samples.resp.server;

import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** Addresses as Redis writes them. */
final class Addresses {
  private Addresses() {}

  static String text(SocketAddress address) {
    return address instanceof InetSocketAddress inet
        ? inet.getAddress().getHostAddress() + ":" + inet.getPort()
        : address.toString();
  }
}
