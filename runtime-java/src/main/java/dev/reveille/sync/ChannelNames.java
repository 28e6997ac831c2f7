package dev.reveille.sync;

import org.jspecify.annotations.Nullable;

/**
 * The words of one channel, built once: what waits at it names it in dumps, and a wait is not to
 * build texts. Channels without a name share theirs.
 */
final class ChannelNames {
  private static final ChannelNames UNNAMED = new ChannelNames("a channel");

  /** The channel, as it is called within a sentence. */
  final String channel;

  /** The three operations. */
  final String send;

  final String reserve;
  final String receive;

  /** What a sender waits for. */
  final String place;

  /** What a receiver waits for. */
  final String value;

  private ChannelNames(String channel) {
    this.channel = channel;
    send = "send to " + channel;
    reserve = "reserve of " + channel;
    receive = "receive from " + channel;
    place = "a place in " + channel;
    value = "a value from " + channel;
  }

  static ChannelNames named(@Nullable String name) {
    return name == null ? UNNAMED : new ChannelNames("channel '" + name + "'");
  }
}
