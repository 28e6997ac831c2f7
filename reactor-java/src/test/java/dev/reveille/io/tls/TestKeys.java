package dev.reveille.io.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Keys and self-signed certificates, made by the JDK's keytool when they are asked for first. */
final class TestKeys {
  private static final char[] PASSWORD = "changeit".toCharArray();

  /** Of "server.test", "localhost" and 127.0.0.1. */
  static TestKeys server() {
    return Server.KEYS;
  }

  /** Of a client; no server's. */
  static TestKeys client() {
    return Client.KEYS;
  }

  private static final class Server {
    static final TestKeys KEYS =
        new TestKeys("server", "-ext", "san=dns:server.test,dns:localhost,ip:127.0.0.1");
  }

  private static final class Client {
    static final TestKeys KEYS = new TestKeys("client");
  }

  private final KeyStore store;
  final X509Certificate certificate;

  private TestKeys(String name, String... extensions) {
    try {
      Path directory = Files.createTempDirectory("tls");
      Path file = directory.resolve(name + ".p12");
      try {
        generate(name, file, extensions);
        store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
          store.load(in, PASSWORD);
        }
      } finally {
        Files.deleteIfExists(file);
        Files.delete(directory);
      }
      certificate = (X509Certificate) store.getCertificate("key");
    } catch (IOException | GeneralSecurityException | InterruptedException e) {
      throw new IllegalStateException("no keys for " + name, e);
    }
  }

  private static void generate(String name, Path file, String... extensions)
      throws IOException, InterruptedException {
    ProcessBuilder keytool =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair",
            "-alias",
            "key",
            "-keyalg",
            "EC",
            "-groupname",
            "secp256r1",
            "-dname",
            "CN=" + name,
            "-storetype",
            "PKCS12",
            "-storepass",
            new String(PASSWORD),
            "-keystore",
            file.toString());
    keytool.command().addAll(java.util.List.of(extensions));
    Process process = keytool.redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes());
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IllegalStateException("keytool: " + output);
    }
  }

  KeyManager[] keyManagers() throws GeneralSecurityException {
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, PASSWORD);
    return factory.getKeyManagers();
  }

  /** Trust in this certificate and no other. */
  TrustManager[] trust() throws GeneralSecurityException, IOException {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("it", certificate);
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(trusted);
    return factory.getTrustManagers();
  }

  static SSLContext context(@Nullable TestKeys own, @Nullable TestKeys trusted) {
    try {
      return context(own, trusted == null ? null : trusted.trust());
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  static SSLContext context(@Nullable TestKeys own, TrustManager @Nullable [] trust)
      throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(own == null ? null : own.keyManagers(), trust, null);
    return context;
  }

  /** A server that everybody may ask, and knows the client's certificate. */
  static SSLContext serverContext() {
    return context(server(), client());
  }

  /** A client without a certificate, which trusts the server. */
  static SSLContext clientContext() {
    return context(null, server());
  }

  String certificatePem() throws GeneralSecurityException {
    return pem("CERTIFICATE", certificate.getEncoded());
  }

  String keyPem() throws GeneralSecurityException {
    return pem("PRIVATE KEY", store.getKey("key", PASSWORD).getEncoded());
  }

  private static String pem(String what, byte[] bytes) {
    return "-----BEGIN "
        + what
        + "-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes)
        + "\n-----END "
        + what
        + "-----\n";
  }
}
