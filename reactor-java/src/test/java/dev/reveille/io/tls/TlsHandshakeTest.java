package dev.reveille.io.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reveille.JoinHandle;
import dev.reveille.RunOutcome;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How handshakes end, well and badly: in memory, on mock time. */
class TlsHandshakeTest {
  private TlsRig tls = new TlsRig();

  @AfterEach
  void close() throws Exception {
    tls.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void bothEndsAgreeAndBytesGoBothWays(String protocol) throws Exception {
    TlsStream[] ends = tls.connect(protocol);
    assertThat(ends[0].session().getProtocol()).isEqualTo(protocol);
    assertThat(ends[1].session().getProtocol()).isEqualTo(protocol);
    assertThat(ends[0].peerCertificates()).containsExactly(TestKeys.server().certificate);
    assertThat(ends[1].peerCertificates()).isEmpty();
    assertThat(ends[0].applicationProtocol()).isNull();
    assertThat(ends[0]).hasToString("TlsStream[" + protocol + " over " + tls.clientEnd + "]");

    tls.run(ends[0].write(ByteBuffer.wrap("hello".getBytes(US_ASCII))));
    assertThat(tls.run(TlsRig.read(ends[1], 5))).isEqualTo("hello".getBytes(US_ASCII));
    tls.run(ends[1].write(ByteBuffer.wrap("yes?".getBytes(US_ASCII))));
    assertThat(tls.run(TlsRig.read(ends[0], 4))).isEqualTo("yes?".getBytes(US_ASCII));
  }

  @Test
  void theNewestVersionThatBothSpeakIsSpoken() throws Exception {
    TlsStream[] ends = tls.connect(TlsRig.CLIENT, TlsRig.SERVER);
    assertThat(ends[0].session().getProtocol()).isEqualTo("TLSv1.3");
  }

  @Test
  void versionsThatDoNotMeetAreTold() throws Exception {
    Object[] ends =
        tls.shake(
            tls.client(TlsRig.CLIENT.withProtocols("TLSv1.2")),
            tls.server(TlsRig.SERVER.withProtocols("TLSv1.3")));
    assertThat(ends[0])
        .isInstanceOfSatisfying(
            SSLHandshakeException.class, e -> assertThat(e).hasMessageContaining("fatal alert"));
    assertThat(ends[1]).isInstanceOf(SSLHandshakeException.class);
    assertThat(tls.clientEnd.isOpen()).isFalse();
    assertThat(tls.serverEnd.isOpen()).isFalse();
  }

  // ------------------------------------------------------------------ ALPN

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void theServersFirstProtocolThatTheClientOffersIsTaken(String version) throws Exception {
    TlsStream[] ends =
        tls.connect(
            TlsRig.CLIENT.withProtocols(version).withApplicationProtocols("http/1.1", "h2"),
            TlsRig.SERVER.withProtocols(version).withApplicationProtocols("h2", "http/1.1"));
    assertThat(ends[0].applicationProtocol()).isEqualTo("h2");
    assertThat(ends[1].applicationProtocol()).isEqualTo("h2");
  }

  @Test
  void aProtocolThatTheServerDoesNotKnowFailsTheHandshakeByName() throws Exception {
    Object[] ends =
        tls.shake(
            tls.client(TlsRig.CLIENT.withApplicationProtocols("gopher")),
            tls.server(TlsRig.SERVER.withApplicationProtocols("h2")));
    assertThat(((Exception) ends[0])).hasMessageContaining("no_application_protocol");
    assertThat(ends[1]).isInstanceOf(SSLHandshakeException.class);
  }

  @Test
  void aServerWithoutProtocolsAgreesOnNone() throws Exception {
    TlsStream[] ends = tls.connect(TlsRig.CLIENT.withApplicationProtocols("h2"), TlsRig.SERVER);
    assertThat(ends[0].applicationProtocol()).isNull();
    assertThat(ends[1].applicationProtocol()).isNull();
  }

  @Test
  void theLastWordOnAnEngineIsTheCallers() throws Exception {
    TlsStream[] ends =
        tls.connect(
            TlsRig.CLIENT.withApplicationProtocols("one", "two"),
            TlsRig.SERVER.withEngineSetup(
                engine ->
                    engine.setHandshakeApplicationProtocolSelector(
                        (e, offered) -> offered.get(offered.size() - 1))));
    assertThat(ends[0].applicationProtocol()).isEqualTo("two");
  }

  // ------------------------------------------------------------------ who it is

  @ParameterizedTest
  @ValueSource(strings = {"server.test", "SERVER.TEST", "server.test.", "127.0.0.1"})
  void namesAndAddressesOfTheCertificateAreAccepted(String host) throws Exception {
    Object[] ends = tls.shake(tls.client(TlsRig.CLIENT, host), tls.server(TlsRig.SERVER));
    assertThat(ends).hasOnlyElementsOfType(TlsStream.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"other.test", "a.server.test", "test", "10.0.0.1", "::1"})
  void aCertificateForAnotherHostIsRefused(String host) throws Exception {
    Object[] ends =
        tls.shake(
            tls.client(TlsRig.CLIENT, host), tls.server(TlsRig.SERVER.withProtocols("TLSv1.2")));
    assertThat((Exception) ends[0])
        .isInstanceOf(SSLHandshakeException.class)
        .hasRootCauseInstanceOf(CertificateException.class);
    assertThat((Exception) ends[1])
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("fatal alert: certificate_unknown");
    assertThat(tls.clientEnd.isOpen()).isFalse();
  }

  @Test
  void verificationOfTheHostCanBeTurnedOffAndTrustNot() throws Exception {
    TlsOptions careless = TlsRig.CLIENT.withHostnameVerification(false);
    Object[] ends = tls.shake(tls.client(careless, "other.test"), tls.server(TlsRig.SERVER));
    assertThat(ends[0]).isInstanceOf(TlsStream.class);
    tls.close();

    tls = new TlsRig();
    TlsOptions stranger =
        TlsOptions.of(TestKeys.context(null, TestKeys.client())).withHostnameVerification(false);
    ends = tls.shake(tls.client(stranger), tls.server(TlsRig.SERVER));
    assertThat(ends[0]).isInstanceOf(SSLHandshakeException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void anUnknownAuthorityIsRefusedAndTheServerIsToldWhy(String protocol) throws Exception {
    TlsOptions stranger = TlsOptions.of(TestKeys.context(null, TestKeys.client()));
    Object[] ends =
        tls.shake(tls.client(stranger), tls.server(TlsRig.SERVER.withProtocols(protocol)));
    assertThat((Exception) ends[0])
        .isInstanceOf(SSLHandshakeException.class)
        .hasMessageContaining("unable to find valid certification path");
    assertThat((Exception) ends[1])
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("fatal alert: certificate_unknown");
  }

  @Test
  void theServerIsToldTheNameThatTheClientAskedFor() throws Exception {
    TlsStream[] ends = tls.connect(TlsRig.CLIENT, TlsRig.SERVER);
    assertThat(((javax.net.ssl.ExtendedSSLSession) ends[1].session()).getRequestedServerNames())
        .containsExactly(new javax.net.ssl.SNIHostName("server.test"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aClientShowsItsCertificate(String protocol) throws Exception {
    TlsOptions known = TlsOptions.of(TestKeys.context(TestKeys.client(), TestKeys.server()));
    TlsStream[] ends =
        tls.connect(
            known,
            TlsRig.SERVER.withProtocols(protocol).withClientAuth(TlsOptions.ClientAuth.NEED));
    assertThat(ends[1].peerCertificates()).containsExactly(TestKeys.client().certificate);
  }

  @Test
  void aServerThatOnlyWantsACertificateTakesClientsWithoutOne() throws Exception {
    TlsStream[] ends =
        tls.connect(TlsRig.CLIENT, TlsRig.SERVER.withClientAuth(TlsOptions.ClientAuth.WANT));
    assertThat(ends[1].peerCertificates()).isEmpty();
  }

  @Test
  void aClientWithoutACertificateIsRefusedInTls12ByTheHandshake() throws Exception {
    Object[] ends =
        tls.shake(
            tls.client(TlsRig.CLIENT.withProtocols("TLSv1.2")),
            tls.server(TlsRig.SERVER.withClientAuth(TlsOptions.ClientAuth.NEED)));
    // The first is what JDK 17 says, the other what JDK 25 does, as RFC 5246, 7.4.6 has it.
    assertThat((Exception) ends[0])
        .hasMessageMatching("(?s).*fatal alert: (bad_certificate|handshake_failure).*");
    assertThat(ends[1]).isInstanceOf(SSLHandshakeException.class);
  }

  @Test
  void aClientWithoutACertificateIsRefusedInTls13AtItsFirstRead() throws Exception {
    Object[] ends =
        tls.shake(
            tls.client(TlsRig.CLIENT),
            tls.server(TlsRig.SERVER.withClientAuth(TlsOptions.ClientAuth.NEED)));
    assertThat(ends[1]).isInstanceOf(SSLHandshakeException.class);
    TlsStream client = (TlsStream) ends[0];
    assertThatThrownBy(() -> tls.run(client.read(ByteBuffer.allocate(1))))
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("fatal alert: ");
    assertThat(client.isOpen()).isFalse();
  }

  // ------------------------------------------------------------------ not TLS, not in time

  @Test
  void plainHttpOnATlsPortIsRefused() throws Exception {
    JoinHandle<Object> server = tls.loop.spawn(TlsRig.settled(tls.server(TlsRig.SERVER)));
    tls.on(() -> tls.clientEnd.out.put("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII)));
    assertThat((Exception) tls.run(server.join()))
        .isInstanceOf(SSLException.class)
        .hasMessageContaining("SSL message");
    assertThat(tls.serverEnd.isOpen()).isFalse();
  }

  @Test
  void plainHttpInsteadOfAServersHelloIsRefused() throws Exception {
    JoinHandle<Object> client = tls.loop.spawn(TlsRig.settled(tls.client(TlsRig.CLIENT)));
    tls.on(() -> tls.serverEnd.out.put("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(US_ASCII)));
    assertThat((Exception) tls.run(client.join())).isInstanceOf(SSLException.class);
    assertThat(tls.clientEnd.isOpen()).isFalse();
  }

  @Test
  void anEndWithinTheHandshakeIsTold() throws Exception {
    JoinHandle<Object> client = tls.loop.spawn(TlsRig.settled(tls.client(TlsRig.CLIENT)));
    tls.on(() -> tls.serverEnd.out.end());
    assertThat((Exception) tls.run(client.join()))
        .isInstanceOf(TlsTruncatedException.class)
        .hasMessageContaining("TLS handshake with server.test");
    assertThat(tls.clientEnd.isOpen()).isFalse();
  }

  @Test
  void aResetWithinTheHandshakeIsTheTransports() throws Exception {
    JoinHandle<Object> client = tls.loop.spawn(TlsRig.settled(tls.client(TlsRig.CLIENT)));
    IOException reset = new IOException("reset");
    tls.on(() -> tls.serverEnd.out.fail(reset));
    assertThat(tls.run(client.join())).isSameAs(reset);
  }

  @Test
  void aPeerThatSaysNothingIsTooLate() throws Exception {
    TlsOptions hasty = TlsRig.SERVER.withHandshakeTimeout(Duration.ofSeconds(3));
    JoinHandle<Object> server = tls.loop.spawn(TlsRig.settled(tls.server(hasty)));
    assertThat(tls.loop.runUntilStalled()).isEqualTo(RunOutcome.ASLEEP);
    assertThat(tls.loop.snapshot().tasks().get(0).waitReason()).isEqualTo("bytes from memory");
    tls.rig.time().advance(Duration.ofMillis(2999));
    assertThat(server.isDone()).isFalse();
    tls.rig.time().advance(Duration.ofMillis(1));
    assertThat((Exception) tls.run(server.join()))
        .isInstanceOf(SocketTimeoutException.class)
        .hasMessage("TLS handshake with a client was not over after PT3S");
    assertThat(tls.serverEnd.isOpen()).isFalse();
  }

  /** A flood that spends each turn's budget does not keep the time-out from firing. */
  @Test
  void aPeerThatFloodsTheHandshakeIsTooLateAllTheSame() throws Exception {
    TlsOptions hasty = TlsRig.SERVER.withHandshakeTimeout(Duration.ofSeconds(3));
    JoinHandle<Object> server = tls.loop.spawn(TlsRig.settled(tls.server(hasty)));
    tls.loop.runUntilStalled();
    for (int i = 0; i < 4 && !server.isDone(); i++) {
      tls.on(
          () -> {
            for (int n = 0; n < 1000 && tls.clientEnd.out.room() > 0; n++) {
              tls.clientEnd.out.put(new byte[] {22}); // bytes of one record, one at a time
            }
          });
      tls.rig.time().advance(Duration.ofSeconds(1));
    }
    assertThat((Exception) tls.run(server.join())).isInstanceOf(IOException.class);
  }

  @Test
  void theTimeOutOfADoneHandshakeIsDisarmed() throws Exception {
    TlsStream[] ends = tls.connect(TlsRig.CLIENT, TlsRig.SERVER);
    tls.rig.time().advance(Duration.ofHours(1));
    tls.run(ends[0].write(ByteBuffer.allocate(1)));
    assertThat(tls.run(TlsRig.read(ends[1], 1))).hasSize(1);
  }

  @Test
  void theAlertOfAFailureWaitsForRoomButNotLongerThanTheLimit() throws Exception {
    TlsOptions hasty = TlsRig.SERVER.withHandshakeTimeout(Duration.ofSeconds(3));
    JoinHandle<Object> server =
        tls.loop.spawn(TlsRig.settled(tls.server(hasty.withProtocols("TLSv1.3"))));
    JoinHandle<Object> client =
        tls.loop.spawn(TlsRig.settled(tls.client(TlsRig.CLIENT.withProtocols("TLSv1.2"))));
    tls.serverEnd.out.block(true);
    tls.loop.runUntilStalled();
    assertThat(server.isDone()).isFalse();
    assertThat(tls.serverEnd.isOpen()).isTrue();
    tls.rig.time().advance(Duration.ofSeconds(3));
    assertThat(tls.run(server.join())).isInstanceOf(SSLHandshakeException.class);
    assertThat(tls.serverEnd.isOpen()).isFalse();
    assertThat(tls.run(client.join())).isInstanceOf(TlsTruncatedException.class);
  }

  @Test
  void aCancelledHandshakeClosesItsTransport() throws Exception {
    JoinHandle<TlsStream> client = tls.loop.spawn(tls.client(TlsRig.CLIENT));
    tls.loop.runUntilStalled();
    client.cancel();
    tls.loop.runUntilStalled();
    assertThat(tls.clientEnd.isOpen()).isFalse();
    assertThat(tls.loop.runToCompletion()).isEqualTo(RunOutcome.IDLE); // no timer is left
  }

  @Test
  void nonsenseIsRefusedAtTheCall() {
    assertThatThrownBy(() -> Tls.client(tls.clientEnd, TlsRig.CLIENT, "", 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Tls.client(tls.clientEnd, TlsRig.CLIENT, "x", 65_536))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> tls.client(TlsRig.CLIENT.withProtocols("TLSv9")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> tls.client(TlsRig.CLIENT.withCipherSuites("ROT13")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> TlsRig.CLIENT.withProtocols())
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> TlsRig.CLIENT.withHandshakeTimeout(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
  }

  // ------------------------------------------------------------------ delegated tasks

  @Test
  void tasksOfTheEngineRunElsewhereAndTheLoopGoesOn() throws Exception {
    List<Runnable> queued = new ArrayList<>();
    JoinHandle<Object> server =
        tls.loop.spawn(
            "server", TlsRig.settled(tls.server(TlsRig.SERVER.withTaskExecutor(queued::add))));
    JoinHandle<Object> client = tls.loop.spawn(TlsRig.settled(tls.client(TlsRig.CLIENT)));
    int rounds = 0;
    while (!server.isDone()) {
      assertThat(tls.loop.runUntilStalled()).isNotEqualTo(RunOutcome.STEP_LIMIT);
      if (queued.isEmpty()) {
        break;
      }
      // The loop is free: it runs others while the engine is away.
      boolean[] ran = {false};
      tls.loop.post(() -> ran[0] = true);
      tls.loop.runUntilStalled();
      assertThat(ran[0]).isTrue();
      Runnable task = queued.remove(0);
      assertThat(queued).isEmpty(); // one at a time
      tls.rig.elsewhere(task);
      rounds++;
    }
    assertThat(rounds).isPositive();
    assertThat(tls.run(server.join())).isInstanceOf(TlsStream.class);
    assertThat(tls.run(client.join())).isInstanceOf(TlsStream.class);
  }

  @Test
  void aRefusalThatAnExecutorsTaskFindsOutIsTold() throws Exception {
    Executor threads = task -> tls.rig.start("tasks", Executors.callable(task));
    TlsOptions stranger =
        TlsOptions.of(TestKeys.context(null, TestKeys.client())).withTaskExecutor(threads);
    Object[] ends = tls.shake(tls.client(stranger), tls.server(TlsRig.SERVER));
    assertThat(ends[0]).isInstanceOf(SSLHandshakeException.class);
    assertThat((Exception) ends[1]).hasMessageContaining("fatal alert: certificate_unknown");
  }

  @Test
  void anExecutorThatRefusesFailsTheHandshake() throws Exception {
    Executor full =
        task -> {
          throw new RejectedExecutionException("full");
        };
    Object[] ends =
        tls.shake(tls.client(TlsRig.CLIENT), tls.server(TlsRig.SERVER.withTaskExecutor(full)));
    assertThat(ends[0]).isInstanceOf(TlsTruncatedException.class);
    assertThat(ends[1]).isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void aCancelInterruptsTheTaskAndLeavesTheEngineAlone() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    Executor threads = task -> tls.rig.start("tasks", Executors.callable(task));
    TlsOptions slow =
        TlsOptions.of(
                TestKeys.context(null, new TrustManager[] {new StuckTrust(asked, interrupted)}))
            .withTaskExecutor(threads);
    JoinHandle<TlsStream> client = tls.loop.spawn(tls.client(slow));
    JoinHandle<Object> server = tls.loop.spawn(TlsRig.settled(tls.server(TlsRig.SERVER)));
    Rig.awaitState(
        "the certificate is checked",
        () -> {
          tls.loop.runUntilStalled();
          return asked.getCount() == 0;
        });
    client.cancel();
    tls.loop.runUntilStalled();
    Rig.await(interrupted);
    assertThat(tls.clientEnd.isOpen()).isFalse();
    assertThat(tls.run(server.join())).isInstanceOf(TlsTruncatedException.class);
  }
}
