package dev.reveille.io.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Complete;
import dev.reveille.JoinHandle;
import dev.reveille.Pollable;
import dev.reveille.combine.Pollables;
import dev.reveille.contract.Rig;
import dev.reveille.io.SelectorDispatcher;
import dev.reveille.io.TcpListener;
import dev.reveille.io.TcpStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our ends against the JDK's blocking sockets, over real connections. */
class TlsJdkTest {
  private static final int MEGABYTE = 1 << 20;

  private final Rig rig = new Rig(SelectorDispatcher::new);
  private final SelectorDispatcher loop = (SelectorDispatcher) rig.onSystemClock();

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  @FunctionalInterface
  private interface Peer<T> {
    T talk(SSLSocket socket) throws Exception;
  }

  private static <T> Callable<T> talking(Callable<SSLSocket> open, Peer<T> peer) {
    return () -> {
      try (SSLSocket socket = open.call()) {
        socket.setSoTimeout((int) Rig.PATIENCE.toMillis());
        return peer.talk(socket);
      }
    };
  }

  /** A JDK server that serves one connection. */
  private <T> FutureTask<T> jdkServer(SSLServerSocket server, Peer<T> peer) {
    return rig.start(
        "jdk server",
        talking(
            () -> {
              try (server) {
                return (SSLSocket) server.accept();
              }
            },
            peer));
  }

  private static SSLServerSocket listening() throws IOException {
    return (SSLServerSocket)
        TestKeys.serverContext()
            .getServerSocketFactory()
            .createServerSocket(0, 5, InetAddress.getLoopbackAddress());
  }

  private <T> FutureTask<T> jdkClient(TcpListener listener, Peer<T> peer) {
    InetSocketAddress address = (InetSocketAddress) listener.localAddress();
    return rig.start(
        "jdk client",
        talking(
            () -> {
              Socket plain = new Socket(address.getAddress(), address.getPort());
              SSLSocket socket =
                  (SSLSocket)
                      TestKeys.clientContext()
                          .getSocketFactory()
                          .createSocket(plain, "server.test", address.getPort(), true);
              SSLParameters parameters = socket.getSSLParameters();
              parameters.setEndpointIdentificationAlgorithm("HTTPS");
              socket.setSSLParameters(parameters);
              return socket;
            },
            peer));
  }

  private TcpListener listen() throws IOException {
    return loop.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  private TlsStream accept(TcpListener listener, TlsOptions options) throws Exception {
    return loop.runUntil(Pollables.then(listener.accept(), tcp -> Tls.server(tcp, options)))
        .value();
  }

  private TlsStream connect(SSLServerSocket server, TlsOptions options) throws Exception {
    Pollable<TcpStream> connect =
        loop.connect(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort()));
    return loop.runUntil(
            Pollables.then(
                connect, tcp -> Tls.client(tcp, options, "server.test", server.getLocalPort())))
        .value();
  }

  /** Reads to the end while another thread writes: full duplex on the JDK's side. */
  private byte[] exchange(SSLSocket socket, byte[] bytes) throws Exception {
    FutureTask<Boolean> writer =
        rig.start(
            "jdk writer",
            () -> {
              OutputStream out = socket.getOutputStream();
              out.write(bytes);
              socket.shutdownOutput();
              return true;
            });
    byte[] read = socket.getInputStream().readAllBytes();
    Rig.await(writer);
    return read;
  }

  private byte[] exchange(TlsStream stream, byte[] bytes) throws Exception {
    JoinHandle<Complete> writer =
        loop.spawn(
            "our writer",
            Pollables.then(stream.write(ByteBuffer.wrap(bytes)), n -> TlsRig.finish(stream)));
    byte[] read = loop.runUntil(TlsRig.readAll(stream, 20_000)).value();
    loop.runUntil(writer.join());
    return read;
  }

  @Test
  void megabytesGoBothWaysAtOnceAsAClient() throws Exception {
    byte[] ours = TlsRig.noise(1, 2 * MEGABYTE);
    byte[] theirs = TlsRig.noise(2, MEGABYTE);
    SSLServerSocket server = listening();
    FutureTask<byte[]> peer = jdkServer(server, socket -> exchange(socket, theirs));
    TlsStream stream = connect(server, TlsRig.CLIENT);
    assertThat(exchange(stream, ours)).isEqualTo(theirs);
    assertThat(Rig.await(peer)).isEqualTo(ours);
    assertThat(stream.heldBytes()).isZero();
    closeOnLoop(stream);
  }

  @Test
  void megabytesGoBothWaysAtOnceAsAServer() throws Exception {
    byte[] ours = TlsRig.noise(1, 2 * MEGABYTE);
    byte[] theirs = TlsRig.noise(2, MEGABYTE);
    TcpListener listener = listen();
    FutureTask<byte[]> peer = jdkClient(listener, socket -> exchange(socket, theirs));
    TlsStream stream = accept(listener, TlsRig.SERVER);
    assertThat(exchange(stream, ours)).isEqualTo(theirs);
    assertThat(Rig.await(peer)).isEqualTo(ours);
    closeOnLoop(stream);
  }

  private void closeOnLoop(TlsStream stream) {
    loop.post(stream::close);
    loop.runUntilStalled();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aQuestionIsAnsweredAsAClient(String protocol) throws Exception {
    SSLServerSocket server = listening();
    FutureTask<Integer> peer =
        jdkServer(
            server,
            socket -> {
              SSLParameters parameters = socket.getSSLParameters();
              parameters.setApplicationProtocols(new String[] {"echo", "h2"});
              parameters.setNeedClientAuth(true);
              socket.setSSLParameters(parameters);
              InputStream in = socket.getInputStream();
              socket.getOutputStream().write(in.readNBytes(5));
              assertThat(socket.getApplicationProtocol()).isEqualTo("echo");
              assertThat(socket.getSession().getPeerCertificates()[0])
                  .isEqualTo(TestKeys.client().certificate);
              return in.read();
            });
    TlsStream stream =
        connect(
            server,
            TlsOptions.of(TestKeys.context(TestKeys.client(), TestKeys.server()))
                .withProtocols(protocol)
                .withApplicationProtocols("h2", "echo"));
    assertThat(stream.session().getProtocol()).isEqualTo(protocol);
    assertThat(stream.applicationProtocol()).isEqualTo("echo");
    loop.runUntil(stream.write(ByteBuffer.wrap("hello".getBytes(US_ASCII))));
    assertThat(loop.runUntil(TlsRig.read(stream, 5)).value()).isEqualTo("hello".getBytes(US_ASCII));
    closeOnLoop(stream); // tells the end in order
    assertThat(Rig.await(peer)).isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aQuestionIsAnsweredAsAServer(String protocol) throws Exception {
    TcpListener listener = listen();
    FutureTask<byte[]> peer =
        jdkClient(
            listener,
            socket -> {
              socket.getOutputStream().write("hello".getBytes(US_ASCII));
              return socket.getInputStream().readAllBytes(); // until our close_notify
            });
    TlsStream stream = accept(listener, TlsRig.SERVER.withProtocols(protocol));
    assertThat(stream.session().getProtocol()).isEqualTo(protocol);
    assertThat(loop.runUntil(TlsRig.read(stream, 5)).value()).isEqualTo("hello".getBytes(US_ASCII));
    loop.runUntil(stream.write(ByteBuffer.wrap("bye".getBytes(US_ASCII))));
    closeOnLoop(stream);
    assertThat(Rig.await(peer)).isEqualTo("bye".getBytes(US_ASCII));
  }

  @Test
  void addressesAndOptionsAreTheSocketsBelow() throws Exception {
    TcpListener listener = listen();
    FutureTask<Integer> peer = jdkClient(listener, socket -> socket.getInputStream().read());
    TlsStream stream = accept(listener, TlsRig.SERVER);
    assertThat(stream.localAddress()).isEqualTo(listener.localAddress());
    assertThat(((InetSocketAddress) stream.remoteAddress()).getAddress().isLoopbackAddress())
        .isTrue();
    stream.setOption(StandardSocketOptions.TCP_NODELAY, true);
    assertThat(stream.getOption(StandardSocketOptions.TCP_NODELAY)).isTrue();
    closeOnLoop(stream);
    assertThat(Rig.await(peer)).isEqualTo(-1);
  }

  /** The JDK's client refuses our certificate: the reason comes with its alert. */
  @Test
  void anAlertOfTheJdksClientIsTheReason() throws Exception {
    TcpListener listener = listen();
    FutureTask<Boolean> peer =
        jdkClient(
            listener,
            socket -> {
              assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLException.class);
              return true;
            });
    TlsOptions wrong = TlsOptions.of(TestKeys.context(TestKeys.client(), TestKeys.server()));
    assertThatThrownBy(() -> accept(listener, wrong))
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("fatal alert");
    assertThat(Rig.await(peer)).isTrue();
  }

  @Test
  void ourAlertTellsTheJdksServerWhy() throws Exception {
    SSLServerSocket server = listening();
    FutureTask<String> peer =
        jdkServer(
            server,
            socket -> {
              try {
                return "read " + socket.getInputStream().read();
              } catch (SSLException e) {
                return e.getMessage();
              }
            });
    TlsOptions stranger = TlsOptions.of(TestKeys.context(null, TestKeys.client()));
    assertThatThrownBy(() -> connect(server, stranger)).isInstanceOf(SSLException.class);
    assertThat(Rig.await(peer)).contains("fatal alert: certificate_unknown");
  }

  @Test
  void aResetInTheMiddleOfARecordIsAFailure() throws Exception {
    TcpListener listener = listen();
    InetSocketAddress address = (InetSocketAddress) listener.localAddress();
    CountDownLatch accepted = new CountDownLatch(1);
    FutureTask<Boolean> peer =
        rig.start(
            "resetting",
            () -> {
              Socket plain = new Socket(address.getAddress(), address.getPort());
              SSLSocket socket =
                  (SSLSocket)
                      TestKeys.clientContext()
                          .getSocketFactory()
                          .createSocket(plain, "server.test", address.getPort(), false);
              socket.startHandshake();
              Rig.await(accepted);
              socket.getOutputStream().write(new byte[10]);
              plain.getOutputStream().write(new byte[] {23, 3, 3, 0x20, 0, 1, 2, 3});
              plain.setSoLinger(true, 0);
              plain.close();
              return true;
            });
    TlsStream stream = accept(listener, TlsRig.SERVER);
    accepted.countDown();
    assertThat(Rig.await(peer)).isTrue();
    assertThatThrownBy(() -> loop.runUntil(TlsRig.readAll(stream))).isInstanceOf(IOException.class);
    closeOnLoop(stream);
  }

  @Test
  void aCutConnectionIsTruncatedForBothKinds() throws Exception {
    TcpListener listener = listen();
    InetSocketAddress address = (InetSocketAddress) listener.localAddress();
    FutureTask<Boolean> peer =
        rig.start(
            "cutting",
            () -> {
              Socket plain = new Socket(address.getAddress(), address.getPort());
              SSLSocket socket =
                  (SSLSocket)
                      TestKeys.clientContext()
                          .getSocketFactory()
                          .createSocket(plain, "server.test", address.getPort(), false);
              socket.getOutputStream().write(new byte[10]);
              plain.shutdownOutput();
              while (plain.getInputStream().read() >= 0) {
                continue;
              }
              plain.close();
              return true;
            });
    TlsStream stream = accept(listener, TlsRig.SERVER);
    assertThat(loop.runUntil(TlsRig.read(stream, 10)).value()).hasSize(10);
    assertThatThrownBy(() -> loop.runUntil(TlsRig.readAll(stream)))
        .isInstanceOf(TlsTruncatedException.class);
    closeOnLoop(stream);
    assertThat(Rig.await(peer)).isTrue();
  }
}
