package dev.reveille.samples.resp.command;

import static dev.reveille.samples.resp.command.Flag.FAST;
import static dev.reveille.samples.resp.command.Flag.PUBSUB;

/** What the table says of publish/subscribe; what it does lives elsewhere. */
final class PubSubCommands {
  private static final KeyPositions NONE = KeyPositions.NONE;

  private PubSubCommands() {}

  static void addTo(CommandTable table) {
    table
        .group("pubsub")
        .add("publish", 3, NONE, "2.0.0", "Send a message", Handler.ELSEWHERE, PUBSUB, FAST)
        .add("subscribe", -2, NONE, "2.0.0", "Listen to channels", Handler.ELSEWHERE, PUBSUB)
        .add("unsubscribe", -1, NONE, "2.0.0", "Stop listening", Handler.ELSEWHERE, PUBSUB);
  }
}
