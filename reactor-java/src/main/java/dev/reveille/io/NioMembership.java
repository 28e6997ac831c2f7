package dev.reveille.io;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.channels.MembershipKey;
import org.jspecify.annotations.Nullable;

/** A {@link MulticastMembership} over {@code java.nio}: without the way to its channel. */
final class NioMembership implements MulticastMembership {
  private final MembershipKey key;

  NioMembership(MembershipKey key) {
    this.key = key;
  }

  @Override
  public InetAddress group() {
    return key.group();
  }

  @Override
  public NetworkInterface networkInterface() {
    return key.networkInterface();
  }

  @Override
  public @Nullable InetAddress source() {
    return key.sourceAddress();
  }

  @Override
  public void block(InetAddress source) throws IOException {
    key.block(source);
  }

  @Override
  public void unblock(InetAddress source) {
    key.unblock(source);
  }

  @Override
  public boolean isValid() {
    return key.isValid();
  }

  @Override
  public void close() {
    key.drop();
  }

  @Override
  public String toString() {
    InetAddress source = source();
    return "MulticastMembership["
        + group().getHostAddress()
        + (source == null ? "" : " from " + source.getHostAddress())
        + " on "
        + networkInterface().getName()
        + (isValid() ? "]" : ", over]");
  }
}
