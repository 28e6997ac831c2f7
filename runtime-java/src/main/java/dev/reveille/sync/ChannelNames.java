package dev.reveille.sync;

import org.jspecify.annotations.Nullable;

/**
 * The words of one channel, built once: what waits at it names it in dumps, and a wait is not to
 * build texts. Channels without a name share theirs.
 *
 * @param channel the channel, as it is called within a sentence
 * @param send the operation
 * @param reserve the operation
 * @param receive the operation
 * @param place what a sender waits for
 * @param value what a receiver waits for
 */
record ChannelNames(
    String channel, String send, String reserve, String receive, String place, String value) {
  private static final ChannelNames UNNAMED = of("a channel");

  static ChannelNames named(@Nullable String name) {
    return name == null ? UNNAMED : of("channel '" + name + "'");
  }

  private static ChannelNames of(String channel) {
    return new ChannelNames(
        channel,
        "send to " + channel,
        "reserve of " + channel,
        "receive from " + channel,
        "a place in " + channel,
        "a value from " + channel);
  }
}
