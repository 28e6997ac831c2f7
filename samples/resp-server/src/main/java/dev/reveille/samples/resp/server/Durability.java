package dev.reveille.samples.resp.server;

import dev.reveille.Complete;
import dev.reveille.Pollable;

/** Tells when the changes that commands made are safe enough to be confirmed. On the loop only. */
public interface Durability {
  /** How many changes have been recorded so far. */
  long changes();

  /**
   * Hands all that was recorded to the journal. Ready when it is as safe as a confirmation
   * promises, which may be at once; throws when the journal has failed.
   */
  Pollable<Complete> commit();
}
