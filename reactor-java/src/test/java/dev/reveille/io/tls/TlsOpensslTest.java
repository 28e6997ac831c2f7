package dev.reveille.io.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reveille.Pollable;
import dev.reveille.combine.Pollables;
import dev.reveille.contract.Rig;
import dev.reveille.io.SelectorDispatcher;
import dev.reveille.io.TcpListener;
import dev.reveille.io.TcpStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Our ends against {@code openssl s_server} and {@code s_client}, where they are installed. */
class TlsOpensslTest {
  @TempDir private static Path directory;

  private final Rig rig = new Rig(SelectorDispatcher::new);
  private final SelectorDispatcher loop = (SelectorDispatcher) rig.onSystemClock();

  @BeforeAll
  static void keys() throws Exception {
    assumeTrue(OpenSsl.isInstalled(), "openssl is not installed");
    OpenSsl.writeKeys(directory);
  }

  @AfterEach
  void close() throws Exception {
    rig.close();
  }

  private void send(TlsStream stream, String text) throws Exception {
    loop.runUntil(stream.write(ByteBuffer.wrap(text.getBytes(US_ASCII))));
  }

  private String receive(TlsStream stream, int count) throws Exception {
    return new String(loop.runUntil(TlsRig.read(stream, count)).value(), US_ASCII);
  }

  private static String version(String option) {
    return option.equals("-tls1_2") ? "TLSv1.2" : "TLSv1.3";
  }

  @ParameterizedTest
  @ValueSource(strings = {"-tls1_2", "-tls1_3"})
  void ourClientTalksToTheirServer(String option) throws Exception {
    try (OpenSsl server =
        new OpenSsl(
            rig,
            directory,
            "s_server",
            "-accept",
            "127.0.0.1:0",
            "-cert",
            "cert.pem",
            "-key",
            "key.pem",
            "-alpn",
            "first,second",
            "-naccept",
            "1",
            "-msg",
            option)) {
      int port = Integer.parseInt(server.await("ACCEPT [^\n]*:(\\d+)").group(1));
      Pollable<TcpStream> connect =
          loop.connect(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port));
      TlsOptions options = TlsRig.CLIENT.withApplicationProtocols("second", "third");
      TlsStream stream =
          loop.runUntil(
                  Pollables.then(connect, tcp -> Tls.client(tcp, options, "server.test", port)))
              .value();
      assertThat(stream.session().getProtocol()).isEqualTo(version(option));
      assertThat(stream.applicationProtocol()).isEqualTo("second");

      send(stream, "this is a client\n");
      server.await("this is a client");
      server.say("and a server\n");
      assertThat(receive(stream, 13)).isEqualTo("and a server\n");
      if (option.equals("-tls1_3")) {
        for (int i = 0; i < 3; i++) {
          server.say("K\n"); // new keys, and please new ones of yours
          server.await(
              "(>>> TLS 1.3, Handshake \\[length 0005\\], KeyUpdate[\\s\\S]*){" + (i + 1) + "}");
          server.say("after key " + i + "\n");
          assertThat(receive(stream, 12)).isEqualTo("after key " + i + "\n");
          send(stream, "answer " + i + "\n");
          server.await("<<< TLS 1.3, Handshake \\[length 0005\\], KeyUpdate[\\s\\S]*answer " + i);
        }
      }
      loop.runUntil(TlsRig.finish(stream)); // its own command to quit would cut the connection
      assertThat(loop.runUntil(TlsRig.readAll(stream)).value()).isEmpty();
      loop.post(stream::close);
      loop.runUntilStalled();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-tls1_2", "-tls1_3"})
  void theirClientTalksToOurServer(String option) throws Exception {
    TcpListener listener =
        loop.listen(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
    int port = ((InetSocketAddress) listener.localAddress()).getPort();
    try (OpenSsl client =
        new OpenSsl(
            rig,
            directory,
            "s_client",
            "-connect",
            "127.0.0.1:" + port,
            "-servername",
            "server.test",
            "-verify_hostname",
            "server.test",
            "-verify_return_error",
            "-CAfile",
            "cert.pem",
            "-alpn",
            "first,second",
            "-msg",
            option)) {
      TlsOptions options = TlsRig.SERVER.withApplicationProtocols("second", "first");
      TlsStream stream =
          loop.runUntil(Pollables.then(listener.accept(), tcp -> Tls.server(tcp, options))).value();
      assertThat(stream.session().getProtocol()).isEqualTo(version(option));
      assertThat(stream.applicationProtocol()).isEqualTo("second");

      client.say("this is a client\n");
      assertThat(receive(stream, 17)).isEqualTo("this is a client\n");
      send(stream, "and a server\n");
      client.await("and a server");
      if (option.equals("-tls1_3")) {
        for (int i = 0; i < 3; i++) {
          client.say("K\n");
          client.await(
              "(>>> TLS 1.3, Handshake \\[length 0005\\], KeyUpdate[\\s\\S]*){" + (i + 1) + "}");
          client.say("after key " + i + "\n");
          assertThat(receive(stream, 12)).isEqualTo("after key " + i + "\n");
          send(stream, "answer " + i + "\n");
          client.await("<<< TLS 1.3, Handshake \\[length 0005\\], KeyUpdate[\\s\\S]*answer " + i);
        }
      }
      client.say("Q\n");
      assertThat(loop.runUntil(TlsRig.readAll(stream)).value()).isEmpty();
      loop.post(stream::close);
      loop.runUntilStalled();
    }
  }
}
