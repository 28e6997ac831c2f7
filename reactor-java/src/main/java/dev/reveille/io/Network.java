package dev.reveille.io;

import dev.reveille.Pollable;
import java.io.IOException;
import java.net.SocketAddress;

/**
 * Where streams come from: the {@link SelectorDispatcher}, or a simulation.
 *
 * <p>A task that asks whether a peer is there:
 *
 * <pre>{@code
 * final class Probe extends Task {
 *   private final Pollable<TcpStream> connect;
 *
 *   Probe(Network network, SocketAddress peer) { // the reactor, or a simulation of it
 *     super("probe");
 *     connect = network.connect(peer);
 *   }
 *
 *   @Override
 *   protected Poll<Complete> doPoll(Context cx) throws Exception {
 *     Poll<TcpStream> stream = connect.poll(cx);
 *     if (stream.isPending()) {
 *       return Poll.pending();
 *     }
 *     stream.value().close(); // the peer is there, and that is all
 *     return Poll.ready();
 *   }
 *
 *   @Override
 *   protected void cleanup() {
 *     connect.cancel(); // closes a socket that is half open
 *   }
 * }
 * }</pre>
 */
public interface Network {

  /**
   * Opens a listening socket with the default options. Any thread.
   *
   * @param address as for {@link #listen(SocketAddress, ListenOptions)}
   * @return the listener
   * @throws IOException if the address can not be bound
   */
  default TcpListener listen(SocketAddress address) throws IOException {
    return listen(address, ListenOptions.defaults());
  }

  /**
   * Opens a listening socket. Any thread.
   *
   * <p>With a {@link java.net.UnixDomainSocketAddress} it is a stream socket of the Unix domain.
   * The system makes a file for it, which is deleted when the listener is closed; if there is a
   * file already, it stays as it is, and a {@link java.net.BindException} says so: perhaps somebody
   * listens there.
   *
   * @param address the address to bind to; port 0 lets the system choose, see {@link
   *     TcpListener#localAddress}
   * @param options backlog, buffers and other options
   * @return the listener
   * @throws java.net.BindException if somebody else has the address, or it is none of this machine
   * @throws java.nio.channels.UnresolvedAddressException for a name that was not resolved
   * @throws UnsupportedOperationException if the socket does not know an option, or the system
   *     knows no Unix-domain sockets
   * @throws IllegalStateException if the dispatcher is closed
   * @throws IOException if the address can not be bound for another reason
   */
  TcpListener listen(SocketAddress address, ListenOptions options) throws IOException;

  /**
   * Connects to a peer with the default options: without a time-out but the system's own.
   *
   * @param address as for {@link #connect(SocketAddress, ConnectOptions)}
   * @return a new one-shot operation
   */
  default Pollable<TcpStream> connect(SocketAddress address) {
    return connect(address, ConnectOptions.defaults());
  }

  /**
   * Connects to a peer: over TCP, or to a {@link java.net.UnixDomainSocketAddress} over a stream
   * socket of the Unix domain. Ready with the stream once it is established; pending until then,
   * and the reactor wakes. {@code cancel()} closes the half-open socket.
   *
   * <p>Throws, with the peer in the message: {@link java.net.ConnectException} if the peer refuses;
   * {@link java.net.SocketTimeoutException} if it does not answer in the time of the options, which
   * counts from the first poll; {@link java.net.NoRouteToHostException} if it can not be reached;
   * {@link java.nio.channels.UnresolvedAddressException} for a name that was not resolved; {@link
   * java.net.BindException} if the local address can not be had; {@link
   * UnsupportedOperationException} if the socket does not know an option; and another {@link
   * IOException} for whatever else the system says. A connection that is established wins against
   * the time-out.
   *
   * @param address the peer
   * @param options time-out, local address and other options
   * @return a new one-shot operation
   */
  Pollable<TcpStream> connect(SocketAddress address, ConnectOptions options);

  /**
   * Opens a socket for datagrams. Any thread.
   *
   * @param address the address to bind to; port 0 lets the system choose, see {@link
   *     UdpSocket#localAddress}
   * @return the socket
   * @throws IllegalStateException if the dispatcher is closed
   * @throws IOException if the address can not be bound
   */
  default UdpSocket bindUdp(SocketAddress address) throws IOException {
    return bindUdp(address, UdpOptions.defaults());
  }

  /**
   * Opens a socket for datagrams. Any thread.
   *
   * @param address the address to bind to; port 0 lets the system choose
   * @param options what has to be known before the address is bound
   * @return the socket
   * @throws UnsupportedOperationException if the system does not know the family, or an option
   * @throws java.nio.channels.UnsupportedAddressTypeException if the address is not of the family
   * @throws IllegalStateException if the dispatcher is closed
   * @throws IOException if the address can not be bound
   */
  UdpSocket bindUdp(SocketAddress address, UdpOptions options) throws IOException;
}
