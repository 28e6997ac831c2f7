package dev.reveille.samples.resp.protocol;

/**
 * The peer sent what is no RESP request. The stream cannot be read any further: answer {@link
 * #reply()} and close the connection.
 */
public final class ProtocolException extends Exception {
  private static final long serialVersionUID = 1L;

  ProtocolException(String detail) {
    // Thrown on behalf of the peer: our own stack would tell nobody anything.
    super("Protocol error: " + detail, null, false, false);
  }

  /** The text of the error reply, with Redis' own words after {@code "ERR "}. */
  public String reply() {
    return "ERR " + getMessage();
  }
}
