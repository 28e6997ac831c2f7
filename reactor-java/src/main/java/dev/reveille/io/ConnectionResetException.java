package dev.reveille.io;

import java.io.IOException;
import java.net.SocketException;

/**
 * The peer has broken the connection off: it reset it, or it takes no more of what is written to it
 * since it has closed both directions. Bytes that were on their way may be lost, unlike at the end
 * of a stream that was closed in order, which is a read of -1.
 *
 * <p>Thrown by reads and writes of a {@link TcpStream}, by all that follow the first one too, and
 * to reader and writer alike. A connection that failed for another reason, such as a time-out of
 * TCP's retransmissions, is a plain {@link IOException}, as the JDK has it. The cause is what the
 * JDK threw.
 *
 * <pre>{@code
 * static String end(int read, IOException failure) {
 *   return failure instanceof ConnectionResetException ? "aborted" : read < 0 ? "done" : "failed";
 * }
 * }</pre>
 */
public final class ConnectionResetException extends SocketException {
  private static final long serialVersionUID = 1;

  /**
   * Creates an exception.
   *
   * @param message which connection
   * @param cause what the system said
   */
  public ConnectionResetException(String message, IOException cause) {
    super(message);
    initCause(cause);
  }
}
