package dev.reveille.samples.resp.server;

import dev.reveille.Complete;
import dev.reveille.Pollable;
import dev.reveille.samples.resp.protocol.Request;

/**
 * Carries out what the executor leaves: commands that wait, and those that speak to other
 * connections. On the loop only.
 */
public interface Delegate {
  /**
   * Begins a command.
   *
   * @return ready when the command is done and its replies are in the client's buffer; its {@code
   *     cancel()} is called when the client is gone
   */
  Pollable<Complete> begin(Request request, Client client);

  /** A command was carried out, by the executor; its changes are all made. */
  void commandDone();

  /** The client is gone: forget it. */
  void disconnected(Client client);
}
