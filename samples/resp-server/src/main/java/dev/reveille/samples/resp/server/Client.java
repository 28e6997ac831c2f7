package dev.reveille.samples.resp.server;

import dev.reveille.samples.resp.command.Session;
import dev.reveille.samples.resp.protocol.ReplyBuffer;

/** A connection as the commands see it that are not just request and reply. On the loop only. */
public interface Client {
  /** What the server remembers about it. */
  Session session();

  /**
   * Where its replies go. Who writes to it outside of a command that the client waits for calls
   * {@link #wake} after that.
   */
  ReplyBuffer replies();

  /**
   * Has the connection look at its buffer, and close itself if the client leaves too much in it.
   */
  void wake();
}
