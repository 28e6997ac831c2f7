package dev.reveille.examples;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.Complete;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.combine.Pollables;
import dev.reveille.io.Network;
import dev.reveille.io.SelectorDispatcher;
import dev.reveille.io.TcpListener;
import dev.reveille.io.tls.Tls;
import dev.reveille.io.tls.TlsOptions;
import dev.reveille.io.tls.TlsStream;
import dev.reveille.io.tls.TlsTestContexts;
import dev.reveille.io.tls.TlsTruncatedException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TlsExampleTest {
  private final SelectorDispatcher dispatcher = new SelectorDispatcher();
  private final ExecutorService cpu = Executors.newSingleThreadExecutor();

  @AfterEach
  void close() {
    dispatcher.close();
    cpu.shutdownNow();
  }

  static Pollable<TlsStream> greet(
      Network network, InetSocketAddress address, TlsOptions options, ByteBuffer greeting) {
    String host = address.getHostString(); // the name that the certificate has to be for
    return Pollables.then(
        network.connect(address),
        tcp ->
            Pollables.then(
                Tls.client(tcp, options, host, address.getPort()),
                tls -> Pollables.map(tls.write(greeting), written -> tls)));
  }

  static Pollable<Complete> serve(TlsStream stream, ByteBuffer request, ByteBuffer answer) {
    return Pollables.then(
        stream.read(request),
        n ->
            Pollables.then(
                stream.write(answer),
                written -> {
                  stream.shutdownOutput();
                  return stream::pollFlush; // ready when the close_notify is on its way
                }));
  }

  static Pollable<String> readToTheEnd(TlsStream stream, ByteBuffer body) {
    return cx -> {
      try {
        while (stream.pollReadable(cx).isReady()) {
          if (stream.tryRead(body) < 0) {
            return Poll.ready("complete");
          }
        }
        return Poll.pending();
      } catch (TlsTruncatedException cut) {
        return Poll.ready("only the first " + body.position() + " bytes"); // and not: the end
      }
    };
  }

  private static TlsOptions http(SSLContext context, ExecutorService cpu) {
    TlsOptions options =
        TlsOptions.of(context) // keys, certificates, trust
            .withApplicationProtocols("h2", "http/1.1")
            .withHandshakeTimeout(Duration.ofSeconds(5))
            .withTaskExecutor(cpu); // certificates are checked elsewhere than on the loop
    return options;
  }

  private TcpListener listen() throws IOException {
    return dispatcher.listen(new InetSocketAddress(InetAddress.getByName("localhost"), 0));
  }

  @Test
  void aGreetingIsAnsweredAndTheEndTold() throws Exception {
    TlsOptions server = http(TlsTestContexts.server(), cpu);
    TlsOptions client = http(TlsTestContexts.client(), cpu);
    TcpListener listener = listen();
    int port = ((InetSocketAddress) listener.localAddress()).getPort();
    ByteBuffer request = ByteBuffer.allocate(100);
    JoinHandle<Complete> served =
        dispatcher.spawn(
            Pollables.then(
                listener.accept(),
                tcp ->
                    Pollables.then(
                        Tls.server(tcp, server),
                        tls ->
                            serve(tls, request, ByteBuffer.wrap("and hello".getBytes(US_ASCII))))));
    TlsStream stream =
        dispatcher
            .runUntil(
                greet(
                    dispatcher,
                    new InetSocketAddress("localhost", port),
                    client,
                    ByteBuffer.wrap("hello".getBytes(US_ASCII))))
            .value();
    assertThat(stream.applicationProtocol()).isEqualTo("h2");
    ByteBuffer body = ByteBuffer.allocate(100);
    assertThat(dispatcher.runUntil(readToTheEnd(stream, body)).value()).isEqualTo("complete");
    assertThat(body.flip()).isEqualTo(ByteBuffer.wrap("and hello".getBytes(US_ASCII)));
    dispatcher.runUntil(served.join());
    assertThat(request.flip()).isEqualTo(ByteBuffer.wrap("hello".getBytes(US_ASCII)));
    dispatcher.post(stream::close);
    dispatcher.runUntilStalled();
  }

  @Test
  void aCutConnectionIsNotTheEnd() throws Exception {
    TcpListener listener = listen();
    int port = ((InetSocketAddress) listener.localAddress()).getPort();
    TlsOptions server = TlsOptions.of(TlsTestContexts.server());
    JoinHandle<Complete> cut =
        dispatcher.spawn(
            Pollables.then(
                listener.accept(),
                tcp ->
                    Pollables.then(
                        Tls.server(tcp, server),
                        tls ->
                            Pollables.then(
                                tls.write(ByteBuffer.allocate(7)),
                                written -> {
                                  tcp.close(); // below it
                                  return cx -> Poll.ready();
                                }))));
    TlsStream stream =
        dispatcher
            .runUntil(
                greet(
                    dispatcher,
                    new InetSocketAddress("localhost", port),
                    TlsOptions.of(TlsTestContexts.client()),
                    ByteBuffer.allocate(0)))
            .value();
    ByteBuffer body = ByteBuffer.allocate(100);
    assertThat(dispatcher.runUntil(readToTheEnd(stream, body)).value())
        .isEqualTo("only the first 7 bytes");
    dispatcher.runUntil(cut.join());
    assertThatThrownBy(() -> dispatcher.runUntil(stream.read(body)))
        .isInstanceOf(TlsTruncatedException.class);
    dispatcher.post(stream::close);
    dispatcher.runUntilStalled();
  }
}
