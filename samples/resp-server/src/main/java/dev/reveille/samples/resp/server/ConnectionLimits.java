package dev.reveille.samples.resp.server;

import dev.reveille.samples.resp.protocol.RequestLimits;

/**
 * What a client may cost.
 *
 * @param requests how large a request may be
 * @param pauseAt no further request is carried out while more bytes of replies than this wait for a
 *     client that does not read
 * @param closeAt a client is disconnected when more bytes than this wait for it, as a slow
 *     subscriber's messages do
 * @param clients how many clients there may be at once
 */
public record ConnectionLimits(RequestLimits requests, long pauseAt, long closeAt, int clients) {
  /** 256 KiB, 32 MiB (Redis' limit for subscribers), 10,000 clients. */
  public static final ConnectionLimits DEFAULTS =
      new ConnectionLimits(RequestLimits.DEFAULTS, 256 << 10, 32 << 20, 10_000);

  /** Checks that the limits leave room for work. */
  public ConnectionLimits {
    if (pauseAt < 1 || closeAt < pauseAt || clients < 1) {
      throw new IllegalArgumentException(
          "limits need 1 <= pauseAt <= closeAt and 1 <= clients: "
              + pauseAt
              + ", "
              + closeAt
              + ", "
              + clients);
    }
  }
}
