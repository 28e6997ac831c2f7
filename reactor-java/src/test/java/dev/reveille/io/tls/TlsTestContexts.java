package dev.reveille.io.tls;

import javax.net.ssl.SSLContext;

/** For tests in other packages. */
public final class TlsTestContexts {
  private TlsTestContexts() {}

  /**
   * A server for "server.test", "localhost" and 127.0.0.1.
   *
   * @return a context with a key and a certificate
   */
  public static SSLContext server() {
    return TestKeys.serverContext();
  }

  /**
   * A client that trusts that server.
   *
   * @return a context without a key
   */
  public static SSLContext client() {
    return TestKeys.clientContext();
  }
}
