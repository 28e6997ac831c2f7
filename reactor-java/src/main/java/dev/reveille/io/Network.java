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
   * Opens a listening socket. Any thread.
   *
   * @param address the address to bind to; port 0 lets the system choose, see {@link
   *     TcpListener#localAddress}
   * @return the listener
   * @throws IOException if the address can not be bound
   */
  TcpListener listen(SocketAddress address) throws IOException;

  /**
   * Connects to a peer. Ready with the stream once it is established; pending until then, and the
   * reactor wakes. Throws {@link IOException} if the peer refuses or can not be reached, and {@link
   * java.nio.channels.UnresolvedAddressException} for a name that was not resolved. {@code
   * cancel()} closes the half-open socket. There is no time-out but the system's own.
   *
   * @param address the peer
   * @return a new one-shot operation
   */
  Pollable<TcpStream> connect(SocketAddress address);

  /**
   * Opens a socket for datagrams. Any thread.
   *
   * @param address the address to bind to; port 0 lets the system choose, see {@link
   *     UdpSocket#localAddress}
   * @return the socket
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
   * @throws IOException if the address can not be bound
   */
  UdpSocket bindUdp(SocketAddress address, UdpOptions options) throws IOException;
}
