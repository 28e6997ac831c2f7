package dev.reveille.samples.resp.demo;

import java.util.List;
import java.util.Random;

/** Writes the commands of one client: all kinds, on few keys of its own, so that they meet. */
final class Script {
  /** K is a key, V a value, N a number, D one that counts elements. */
  private static final List<String> FORMS =
      List.of(
          "PING",
          "ECHO V",
          "SET K V",
          "SET K V",
          "SET K V NX",
          "SET K V XX",
          "SET K V EX 1000",
          "SET K V KEEPTTL",
          "SET K N",
          "GET K",
          "GET K",
          "GET K",
          "GETSET K V",
          "MSET K V K V",
          "MGET K K K",
          "DEL K",
          "DEL K K",
          "EXISTS K K",
          "TYPE K",
          "EXPIRE K 1000",
          "PERSIST K",
          "STRLEN K",
          "APPEND K V",
          "INCR K",
          "DECR K",
          "INCRBY K N",
          "DECRBY K N",
          "LPUSH K V",
          "LPUSH K V V",
          "RPUSH K V",
          "RPUSH K V V V",
          "LPOP K",
          "RPOP K",
          "LPOP K D",
          "RPOP K D",
          "LLEN K",
          "LRANGE K D D",
          "LRANGE K 0 -1");

  private static final int KEYS = 12;

  private final String prefix;
  private final Random random;

  Script(String prefix, long seed) {
    this.prefix = prefix;
    this.random = new Random(seed);
  }

  List<String> next() {
    String form = FORMS.get(random.nextInt(FORMS.size()));
    return List.of(form.split(" ")).stream().map(this::fill).toList();
  }

  /** The command that leaves nothing behind. */
  List<String> cleanUp() {
    StringBuilder del = new StringBuilder("DEL");
    for (int i = 0; i < KEYS; i++) {
      del.append(' ').append(prefix).append(i);
    }
    return List.of(del.toString().split(" "));
  }

  private String fill(String word) {
    return switch (word) {
      case "K" -> prefix + random.nextInt(KEYS);
      case "V" -> value();
      case "N" -> Integer.toString(random.nextInt(2001) - 1000);
      case "D" -> Integer.toString(random.nextInt(4));
      default -> word;
    };
  }

  /** Mostly short; now and then with all bytes of one encoding, empty, or long. */
  private String value() {
    return switch (random.nextInt(20)) {
      case 0 -> "";
      case 1 -> "\r\n$-1\r\n*3\r\n\0 \"'\\";
      case 2 -> "x".repeat(random.nextInt(20_000));
      default -> "v" + random.nextInt(1_000_000);
    };
  }
}
