package dev.reveille.samples.resp.demo;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.commands.ProtocolCommand;
import redis.clients.jedis.exceptions.JedisDataException;

/** Between the model's words and the bytes that Jedis has for commands and replies. */
final class Replies {
  private Replies() {}

  static ProtocolCommand command(List<String> words) {
    byte[] name = words.get(0).getBytes(StandardCharsets.US_ASCII);
    return () -> name;
  }

  static String[] arguments(List<String> words) {
    return words.subList(1, words.size()).toArray(new String[0]);
  }

  /** A reply in the model's terms; an error reply, which Jedis throws, as a failure. */
  static @Nullable Object normal(Supplier<? extends @Nullable Object> reply) {
    try {
      return normal(reply.get());
    } catch (JedisDataException error) {
      return new Model.Failure(String.valueOf(error.getMessage()));
    }
  }

  private static @Nullable Object normal(@Nullable Object reply) {
    if (reply instanceof byte[] bytes) {
      return new String(bytes, StandardCharsets.UTF_8);
    }
    if (reply instanceof List<?> elements) {
      List<@Nullable Object> list = new ArrayList<>();
      elements.forEach(element -> list.add(normal(element)));
      return list;
    }
    return reply;
  }
}
