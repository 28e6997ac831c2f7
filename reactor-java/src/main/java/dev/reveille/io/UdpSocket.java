package dev.reveille.io;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A socket for datagrams. Each is sent and received whole, or it is lost: on the way, and where
 * there is no room for it. One task waits to receive and one to send at a time; they may be the
 * same.
 *
 * <p>A service that answers each datagram with what was in it:
 *
 * <pre>{@code
 * static Pollable<Complete> echo(UdpSocket socket, ByteBuffer buffer) {
 *   return cx -> {
 *     while (socket.pollReadable(cx).isReady()) {
 *       SocketAddress from = socket.tryReceive(buffer.clear());
 *       if (from != null && socket.truncatedBytes() == 0) {
 *         socket.trySend(buffer.flip(), from); // false: no room, and datagrams may be lost
 *       }
 *     }
 *     return Poll.pending();
 *   };
 * }
 * }</pre>
 *
 * <p><b>A datagram that does not fit.</b> The buffer gets its beginning, the rest is dropped, and
 * {@link #truncatedBytes} tells how much that was. It can not be told by a full buffer, which may
 * just have fitted. A buffer of 65,535 bytes is never too small; none is filled before something
 * has arrived, so that one for all sockets of a loop is enough.
 *
 * <p><b>Connected.</b> After {@link #connect} the socket receives from one peer only, {@link
 * #tryRead} and {@link #tryWrite} need no address, and the system reports that nobody listens
 * there: the next of these calls, or of {@link #tryReceive} and {@link #trySend}, throws {@link
 * java.net.PortUnreachableException}, once for each report, and the socket goes on. A socket that
 * is not connected is told nothing of that kind.
 *
 * <p><b>Costs.</b> A datagram that is received or sent allocates nothing on a connected socket, nor
 * if its source is that of the one before, whose address object is given again; otherwise it costs
 * an address object.
 *
 * <p><b>Threading.</b> Addresses and {@link #isOpen} may be asked for by any thread. The rest is
 * for the loop of the dispatcher that it belongs to; {@link #connect}, {@link #disconnect}, {@link
 * #join}, the options and {@link #close} also for any thread while nobody drives the dispatcher.
 */
public interface UdpSocket extends AutoCloseable {

  /**
   * Waits until receiving makes sense; may be called again and again. Ready when a datagram or an
   * error is likely to be there; pending otherwise, and the reactor wakes. It can be ready for
   * nothing: {@link #tryReceive} is then null. Spends budget.
   *
   * @param cx the context of the poll
   * @return ready or pending
   * @throws java.nio.channels.ClosedChannelException if the socket was closed
   * @throws IOException a failure of the socket
   */
  Poll<Complete> pollReadable(Context cx) throws IOException;

  /**
   * Waits until sending makes sense; may be called again and again. Ready when there is likely to
   * be room in the system; pending otherwise, and the reactor wakes. Spends budget.
   *
   * @param cx the context of the poll
   * @return ready or pending
   * @throws java.nio.channels.ClosedChannelException if the socket was closed
   * @throws IOException a failure of the socket
   */
  Poll<Complete> pollWritable(Context cx) throws IOException;

  // ------------------------------------------------------------------ from and to anyone

  /**
   * Receives a datagram, perhaps an empty one, with its source. Never waits. If it does not fit
   * into the buffer, see {@link #truncatedBytes}.
   *
   * @param buffer where the bytes go; it belongs to the caller and has to have room
   * @return the source; null if nothing is there
   * @throws IllegalArgumentException if the buffer is read-only or has no room: the datagram would
   *     be lost
   * @throws java.net.PortUnreachableException if the socket is connected and nobody listens there
   * @throws java.nio.channels.ClosedChannelException if the socket was closed
   * @throws IOException what the system says
   */
  @Nullable SocketAddress tryReceive(ByteBuffer buffer) throws IOException;

  /**
   * Sends a datagram, whole or not at all. Never waits.
   *
   * @param buffer the bytes, perhaps none; it belongs to the caller, and its position is at its
   *     limit if they were sent
   * @param to where to
   * @return false if the system has no room. Of an empty datagram the JDK does not tell: true
   * @throws UnsupportedOperationException if it is empty and the socket is connected: the JDK would
   *     not send it, and not say so
   * @throws java.net.SocketException if it is longer than the protocol or the system allows
   * @throws java.net.PortUnreachableException if the socket is connected and nobody listens there;
   *     this datagram was not sent
   * @throws java.nio.channels.AlreadyConnectedException if the socket is connected to somebody else
   * @throws java.nio.channels.UnresolvedAddressException for a name that was not resolved
   * @throws java.nio.channels.ClosedChannelException if the socket was closed
   * @throws IOException what the system says
   */
  boolean trySend(ByteBuffer buffer, SocketAddress to) throws IOException;

  /**
   * How much of the datagram that was received last did not fit into the buffer.
   *
   * @return bytes that were dropped; 0 if all of it was received
   */
  int truncatedBytes();

  /**
   * Receives a datagram: a one-shot operation. Ready with its source; pending until then, and the
   * reactor wakes; throws as {@link #tryReceive}. {@code cancel()} leaves what has arrived to the
   * next one.
   *
   * @param buffer where the bytes go; it has to have room
   * @return a new operation
   * @throws IllegalArgumentException if the buffer is read-only or has no room
   */
  default Pollable<SocketAddress> receive(ByteBuffer buffer) {
    return new DatagramReceive(this, buffer);
  }

  /**
   * Sends a datagram: a one-shot operation. Ready when it is in the system's hands; pending until
   * then, and the reactor wakes; throws as {@link #trySend}. {@code cancel()} sends nothing.
   *
   * @param buffer the bytes; not to be changed before the end
   * @param to where to
   * @return a new operation
   */
  default Pollable<Complete> send(ByteBuffer buffer, SocketAddress to) {
    return new DatagramSend(this, buffer, to);
  }

  // ------------------------------------------------------------------ connected

  /**
   * Connects to a peer: nothing is sent, and it does not wait. What had arrived before, also from
   * that peer, is dropped.
   *
   * @param peer the peer
   * @throws java.nio.channels.AlreadyConnectedException if the socket is connected
   * @throws java.nio.channels.UnresolvedAddressException for a name that was not resolved
   * @throws java.nio.channels.ClosedChannelException if the socket was closed
   * @throws IOException what the system says
   * @throws IllegalStateException if another thread drives the dispatcher
   */
  void connect(SocketAddress peer) throws IOException;

  /**
   * Receives from anyone again. Does nothing if the socket is not connected.
   *
   * @throws java.nio.channels.ClosedChannelException if the socket was closed
   * @throws IOException what the system says
   * @throws IllegalStateException if another thread drives the dispatcher
   */
  void disconnect() throws IOException;

  /**
   * Receives a datagram of the peer. Never waits. If it does not fit into the buffer, see {@link
   * #truncatedBytes}.
   *
   * @param buffer where the bytes go; it belongs to the caller and has to have room
   * @return how many bytes the buffer got, 0 for an empty datagram; -1 if nothing is there: a
   *     socket for datagrams knows no end of the stream
   * @throws IllegalArgumentException if the buffer is read-only or has no room: the datagram would
   *     be lost
   * @throws java.net.PortUnreachableException if nobody listens there
   * @throws java.nio.channels.NotYetConnectedException if the socket is not connected
   * @throws java.nio.channels.ClosedChannelException if the socket was closed
   * @throws IOException what the system says
   */
  int tryRead(ByteBuffer buffer) throws IOException;

  /**
   * Sends a datagram to the peer, whole or not at all. Never waits.
   *
   * @param buffer the bytes; it belongs to the caller, and its position is at its limit if they
   *     were sent
   * @return false if the system has no room
   * @throws UnsupportedOperationException if there are none: the JDK would not send an empty
   *     datagram here, and not say so
   * @throws java.net.SocketException if it is longer than the protocol or the system allows
   * @throws java.net.PortUnreachableException if nobody listens there; this datagram was not sent
   * @throws java.nio.channels.NotYetConnectedException if the socket is not connected
   * @throws java.nio.channels.ClosedChannelException if the socket was closed
   * @throws IOException what the system says
   */
  boolean tryWrite(ByteBuffer buffer) throws IOException;

  /**
   * Receives a datagram of the peer: a one-shot operation. Ready with the number of bytes; pending
   * until then, and the reactor wakes; throws as {@link #tryRead}. {@code cancel()} leaves what has
   * arrived to the next one.
   *
   * @param buffer where the bytes go; it has to have room
   * @return a new operation
   * @throws IllegalArgumentException if the buffer is read-only or has no room
   */
  default Pollable<Integer> read(ByteBuffer buffer) {
    return new DatagramRead(this, buffer);
  }

  /**
   * Sends a datagram to the peer: a one-shot operation. Ready when it is in the system's hands;
   * pending until then, and the reactor wakes; throws as {@link #tryWrite}. {@code cancel()} sends
   * nothing.
   *
   * @param buffer the bytes; not to be changed before the end
   * @return a new operation
   */
  default Pollable<Complete> write(ByteBuffer buffer) {
    return new DatagramSend(this, buffer, null);
  }

  // ------------------------------------------------------------------ groups

  /**
   * Joins a group, from all sources. Twice the same is one membership. To share the port of a group
   * with others, open the socket with {@code SO_REUSEADDR}: {@link UdpOptions}.
   *
   * @param group the address of the group
   * @param networkInterface where its datagrams arrive; what is sent leaves by the one of {@link
   *     java.net.StandardSocketOptions#IP_MULTICAST_IF}
   * @return the membership
   * @throws IllegalArgumentException if that is no group, or of a family that this socket cannot
   *     join
   * @throws IllegalStateException if the socket is in this group for certain sources only, or
   *     another thread drives the dispatcher
   * @throws java.nio.channels.ClosedChannelException if the socket was closed
   * @throws IOException what the system says
   */
  MulticastMembership join(InetAddress group, NetworkInterface networkInterface) throws IOException;

  /**
   * Joins a group, from one source only; further ones may be joined beside it.
   *
   * @param group the address of the group
   * @param networkInterface where its datagrams arrive
   * @param source whose datagrams are received
   * @return the membership
   * @throws IllegalArgumentException if that is no group or no source, or of a family that this
   *     socket cannot join
   * @throws IllegalStateException if the socket is in this group for all sources, or another thread
   *     drives the dispatcher
   * @throws UnsupportedOperationException if the system cannot filter sources
   * @throws java.nio.channels.ClosedChannelException if the socket was closed
   * @throws IOException what the system says
   */
  MulticastMembership join(InetAddress group, NetworkInterface networkInterface, InetAddress source)
      throws IOException;

  // ------------------------------------------------------------------ the socket

  /**
   * Sets an option of the socket, such as {@link java.net.StandardSocketOptions#SO_BROADCAST}
   * (without which sending to a broadcast address is refused), {@code IP_MULTICAST_IF}, {@code
   * IP_MULTICAST_LOOP}, {@code IP_MULTICAST_TTL} or {@code SO_RCVBUF}.
   *
   * @param <T> the type of the value
   * @param option the option
   * @param value the value
   * @throws UnsupportedOperationException if the socket does not know the option
   * @throws java.nio.channels.ClosedChannelException if the socket was closed
   * @throws IOException what the system says
   */
  <T> void setOption(SocketOption<T> option, T value) throws IOException;

  /**
   * The value of an option, which may be another one than was set: systems round sizes.
   *
   * @param <T> the type of the value
   * @param option the option
   * @return the value; null for an option that has none, as {@code IP_MULTICAST_IF} at first
   * @throws UnsupportedOperationException if the socket does not know the option
   * @throws java.nio.channels.ClosedChannelException if the socket was closed
   * @throws IOException what the system says
   */
  <T> @Nullable T getOption(SocketOption<T> option) throws IOException;

  /**
   * The address of this side. One that was bound to the wildcard knows more while it is connected.
   *
   * @return the address
   */
  SocketAddress localAddress();

  /**
   * The peer.
   *
   * @return its address, or null if the socket is not connected
   */
  @Nullable SocketAddress remoteAddress();

  /**
   * Whether the socket was not closed.
   *
   * @return false after {@link #close}
   */
  boolean isOpen();

  /**
   * Closes the socket, leaves all groups, and wakes the tasks that wait, whose polls then throw
   * {@link java.nio.channels.ClosedChannelException}. What has arrived and was not received is
   * lost. Idempotent.
   *
   * @throws IllegalStateException if another thread drives the dispatcher
   */
  @Override
  void close();
}
