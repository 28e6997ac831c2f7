package dev.reveille.io.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A second connection to the same host and port spares the certificates. */
class TlsResumptionTest {

  private static final class CountingTrust extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager inner;
    int checks;

    CountingTrust(X509ExtendedTrustManager inner) {
      this.inner = inner;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      checks++;
      inner.checkServerTrusted(chain, type, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      throw new CertificateException("no sockets here");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException("no sockets here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      inner.checkClientTrusted(chain, type, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      inner.checkClientTrusted(chain, type, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      inner.checkClientTrusted(chain, type);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return inner.getAcceptedIssuers();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aSessionIsResumed(String protocol) throws Exception {
    CountingTrust trust =
        new CountingTrust((X509ExtendedTrustManager) TestKeys.server().trust()[0]);
    SSLContext client = TestKeys.context(null, new TrustManager[] {trust});
    TlsOptions ours = TlsOptions.of(client).withProtocols(protocol);
    TlsOptions theirs = TlsOptions.of(TestKeys.serverContext());
    for (int i = 0; i < 3; i++) {
      try (TlsRig tls = new TlsRig()) {
        TlsStream[] ends = tls.connect(ours, theirs);
        tls.run(ends[1].write(ByteBuffer.allocate(1)));
        tls.run(TlsRig.read(ends[0], 1)); // with it come the tickets of TLS 1.3
        tls.on(ends[0]::close);
        tls.on(ends[1]::close);
        assertThat(trust.checks).isEqualTo(1);
        assertThat(ends[0].peerCertificates()).containsExactly(TestKeys.server().certificate);
      }
    }
  }
}
