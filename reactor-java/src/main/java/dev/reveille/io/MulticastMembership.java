package dev.reveille.io;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import org.jspecify.annotations.Nullable;

/**
 * That a {@link UdpSocket} receives what is sent to a group. It lasts until it is closed, or the
 * socket.
 *
 * <pre>{@code
 * try (MulticastMembership membership = socket.join(group, networkInterface)) {
 *   membership.block(babbler); // whatever else is sent to the group is received
 *   dispatcher.runUntil(socket.receive(buffer));
 * }
 * }</pre>
 *
 * <p><b>Threading.</b> As the socket.
 */
public interface MulticastMembership extends AutoCloseable {

  /**
   * The group.
   *
   * @return its address
   */
  InetAddress group();

  /**
   * The interface on which the group was joined.
   *
   * @return the interface
   */
  NetworkInterface networkInterface();

  /**
   * The only source that is received.
   *
   * @return the source, or null if all are
   */
  @Nullable InetAddress source();

  /**
   * Receives no more from a source. What has arrived already is still received.
   *
   * @param source the source
   * @throws IllegalArgumentException if that is no address to receive from
   * @throws IllegalStateException if this membership is over, or is one for a single source
   * @throws UnsupportedOperationException if the system cannot filter sources
   * @throws IOException what the system says
   */
  void block(InetAddress source) throws IOException;

  /**
   * Takes a {@link #block} back.
   *
   * @param source the source
   * @throws IllegalStateException if this membership is over, or the source was not blocked
   */
  void unblock(InetAddress source);

  /**
   * Whether the socket is still in the group.
   *
   * @return false after {@link #close}, and when the socket was closed
   */
  boolean isValid();

  /** Leaves the group. What has arrived already is still received. Idempotent. */
  @Override
  void close();
}
