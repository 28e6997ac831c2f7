package dev.reveille.io.tls;

import static java.util.Objects.requireNonNull;

import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * How to speak TLS. Immutable: each {@code with} returns a copy. One object serves all connections
 * of a client or a server; sessions are resumed among those that share the {@link SSLContext}.
 *
 * <pre>{@code
 * TlsOptions options =
 *     TlsOptions.of(context) // keys, certificates, trust
 *         .withApplicationProtocols("h2", "http/1.1")
 *         .withHandshakeTimeout(Duration.ofSeconds(5))
 *         .withTaskExecutor(cpu); // certificates are checked elsewhere than on the loop
 * }</pre>
 *
 * <p><b>By default</b> TLS 1.3 and 1.2 are spoken, with the cipher suites of the context; a client
 * verifies that the certificate is for the host that it asked for; a server asks for no
 * certificate; a handshake may take ten seconds; renegotiation is always refused.
 *
 * <p><b>The expensive steps.</b> An engine makes keys and signatures and checks certificates in
 * tasks of about a millisecond each; a trust manager of your own may even ask the network. Without
 * {@linkplain #withTaskExecutor an executor} they run on the loop, which does nothing else
 * meanwhile, one in each turn. That is right for a client with few connections, and for tests; a
 * server that sees many handshakes gives an executor with about as many threads as cores.
 *
 * <p><b>Threading.</b> Any thread.
 */
public final class TlsOptions {

  /** What a server asks of its clients. */
  public enum ClientAuth {
    /** No certificate. */
    NONE,
    /** A certificate, if the client has one. */
    WANT,
    /** A certificate; a handshake without one fails. */
    NEED
  }

  private static final String[] UNCHANGED = {};

  private final @Nullable SSLContext context;
  private String[] protocols = {"TLSv1.3", "TLSv1.2"};
  private String[] cipherSuites = UNCHANGED;
  private String[] applicationProtocols = UNCHANGED;
  private ClientAuth clientAuth = ClientAuth.NONE;
  private boolean hostnameVerification = true;
  private @Nullable Duration handshakeTimeout = Duration.ofSeconds(10);
  private @Nullable Executor taskExecutor;
  private @Nullable Consumer<? super SSLEngine> engineSetup;

  private TlsOptions(@Nullable SSLContext context) {
    this.context = context;
  }

  private TlsOptions(TlsOptions other) {
    this.context = other.context;
    this.protocols = other.protocols;
    this.cipherSuites = other.cipherSuites;
    this.applicationProtocols = other.applicationProtocols;
    this.clientAuth = other.clientAuth;
    this.hostnameVerification = other.hostnameVerification;
    this.handshakeTimeout = other.handshakeTimeout;
    this.taskExecutor = other.taskExecutor;
    this.engineSetup = other.engineSetup;
  }

  /**
   * The JDK's {@linkplain SSLContext#getDefault default context}, which trusts the authorities that
   * the JDK trusts: for clients. It is looked for when it is used first.
   *
   * @return the options
   */
  public static TlsOptions defaults() {
    return new TlsOptions((SSLContext) null);
  }

  /**
   * Options with keys, certificates and trust of your own.
   *
   * @param context a context that was initialized
   * @return the options
   */
  public static TlsOptions of(SSLContext context) {
    return new TlsOptions(requireNonNull(context, "context"));
  }

  /**
   * A copy with other versions of TLS.
   *
   * @param values their names, as in {@link SSLParameters#setProtocols}: "TLSv1.3", "TLSv1.2"
   * @return the copy
   * @throws IllegalArgumentException if there is none
   */
  public TlsOptions withProtocols(String... values) {
    TlsOptions copy = new TlsOptions(this);
    copy.protocols = atLeastOne("protocols", values);
    return copy;
  }

  /**
   * A copy with other cipher suites.
   *
   * @param values their names, the preferred first, as in {@link SSLParameters#setCipherSuites}
   * @return the copy
   * @throws IllegalArgumentException if there is none
   */
  public TlsOptions withCipherSuites(String... values) {
    TlsOptions copy = new TlsOptions(this);
    copy.cipherSuites = atLeastOne("cipherSuites", values);
    return copy;
  }

  /**
   * A copy with protocols to be agreed on in the handshake (ALPN, RFC 7301). A server that has some
   * takes the first of its own that the client offers, and fails the handshake of a client that
   * offers others only. If one side has none, none is agreed on: see {@link
   * TlsStream#applicationProtocol}.
   *
   * @param values their names, the preferred first: "h2", "http/1.1"; none means no ALPN
   * @return the copy
   */
  public TlsOptions withApplicationProtocols(String... values) {
    TlsOptions copy = new TlsOptions(this);
    copy.applicationProtocols = List.of(values).toArray(UNCHANGED); // no nulls
    return copy;
  }

  /**
   * A copy for servers that ask for certificates.
   *
   * @param value what is asked for; default {@link ClientAuth#NONE}
   * @return the copy
   */
  public TlsOptions withClientAuth(ClientAuth value) {
    TlsOptions copy = new TlsOptions(this);
    copy.clientAuth = requireNonNull(value, "clientAuth");
    return copy;
  }

  /**
   * A copy for clients that do not, or do, verify that the certificate was made for the host that
   * they asked for (RFC 2818). Without it everybody who has any certificate of a trusted authority
   * can stand in the middle.
   *
   * @param value whether to verify; default true
   * @return the copy
   */
  public TlsOptions withHostnameVerification(boolean value) {
    TlsOptions copy = new TlsOptions(this);
    copy.hostnameVerification = value;
    return copy;
  }

  /**
   * A copy with another limit to the time that a handshake takes, on the clock of the dispatcher,
   * from its first poll.
   *
   * @param value the limit; default ten seconds
   * @return the copy
   * @throws IllegalArgumentException if it is zero or negative
   */
  public TlsOptions withHandshakeTimeout(Duration value) {
    if (value.isZero() || value.isNegative()) {
      throw new IllegalArgumentException(
          "a handshake takes some time: "
              + value
              + "; for one without a limit call withoutHandshakeTimeout()");
    }
    TlsOptions copy = new TlsOptions(this);
    copy.handshakeTimeout = value;
    return copy;
  }

  /**
   * A copy whose handshakes may take for ever: somebody else limits them.
   *
   * @return the copy
   */
  public TlsOptions withoutHandshakeTimeout() {
    TlsOptions copy = new TlsOptions(this);
    copy.handshakeTimeout = null;
    return copy;
  }

  /**
   * A copy that runs the expensive steps of a handshake elsewhere: see the comment of the class.
   * The loop does not touch the connection meanwhile, and goes on with others. A handshake that is
   * cancelled interrupts the step that is running.
   *
   * @param value runs the steps; not a view of a dispatcher
   * @return the copy
   */
  public TlsOptions withTaskExecutor(Executor value) {
    TlsOptions copy = new TlsOptions(this);
    copy.taskExecutor = requireNonNull(value, "taskExecutor");
    return copy;
  }

  /**
   * A copy with a last word on each new engine, for what has no option here: matchers of server
   * names, a {@linkplain SSLEngine#setHandshakeApplicationProtocolSelector selector} of the
   * application protocol, algorithm constraints. It replaces an earlier one.
   *
   * @param value called for each connection, by the thread that calls {@link Tls}, after everything
   *     else was set
   * @return the copy
   */
  public TlsOptions withEngineSetup(Consumer<? super SSLEngine> value) {
    TlsOptions copy = new TlsOptions(this);
    copy.engineSetup = requireNonNull(value, "engineSetup");
    return copy;
  }

  private static String[] atLeastOne(String what, String[] values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("no " + what + ": nothing could be agreed on");
    }
    return List.of(values).toArray(UNCHANGED);
  }

  // ------------------------------------------------------------------ for Tls

  @Nullable Duration handshakeTimeout() {
    return handshakeTimeout;
  }

  @Nullable Executor taskExecutor() {
    return taskExecutor;
  }

  /** Host and port name the session that may be resumed, too. */
  SSLEngine newClientEngine(String host, int port) {
    // "example.com." is the same host, but no name that a certificate or SNI may have.
    String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    SSLEngine engine = context().createSSLEngine(name, port);
    engine.setUseClientMode(true);
    SSLParameters parameters = common(engine);
    if (hostnameVerification) {
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
    }
    if (!isAddress(name)) { // RFC 6066 3: names only
      parameters.setServerNames(List.of(new SNIHostName(name)));
    }
    engine.setSSLParameters(parameters);
    return setUp(engine);
  }

  SSLEngine newServerEngine() {
    SSLEngine engine = context().createSSLEngine();
    engine.setUseClientMode(false);
    SSLParameters parameters = common(engine);
    if (clientAuth == ClientAuth.NEED) {
      parameters.setNeedClientAuth(true);
    } else if (clientAuth == ClientAuth.WANT) {
      parameters.setWantClientAuth(true);
    }
    engine.setSSLParameters(parameters);
    return setUp(engine);
  }

  private SSLContext context() {
    SSLContext c = context;
    if (c != null) {
      return c;
    }
    try {
      return SSLContext.getDefault();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(
          "the JDK has no default SSLContext; make one, and give it to TlsOptions.of", e);
    }
  }

  private SSLParameters common(SSLEngine engine) {
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(protocols);
    if (cipherSuites.length > 0) {
      parameters.setCipherSuites(cipherSuites);
    }
    parameters.setApplicationProtocols(applicationProtocols);
    return parameters;
  }

  private SSLEngine setUp(SSLEngine engine) {
    if (engineSetup != null) {
      engineSetup.accept(engine);
    }
    return engine;
  }

  /**
   * An IPv6 address has a colon, an IPv4 address ends in a digit; a name of a host does neither.
   */
  private static boolean isAddress(String host) {
    return host.indexOf(':') >= 0 || Character.isDigit(host.charAt(host.length() - 1));
  }
}
