package dev.reveille.io.tls;

import java.net.Socket;
import java.security.cert.X509Certificate;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/** Asks somebody who does not answer, until it is interrupted. */
final class StuckTrust extends X509ExtendedTrustManager {
  private final CountDownLatch asked;
  private final CountDownLatch interrupted;

  StuckTrust(CountDownLatch asked, CountDownLatch interrupted) {
    this.asked = asked;
    this.interrupted = interrupted;
  }

  private void check() {
    asked.countDown();
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      interrupted.countDown();
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
    check();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
    check();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
    check();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
    check();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) {
    check();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) {
    check();
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
