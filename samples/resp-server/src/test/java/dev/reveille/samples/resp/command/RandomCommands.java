package dev.reveille.samples.resp.command;

import java.util.List;
import java.util.Random;

/** Commands of all kinds, right and wrong, on few keys, so that they meet. */
final class RandomCommands {
  static final List<String> KEYS = List.of("a", "b", "c", "d", "e");

  private static final List<String> FORMS =
      List.of(
          "SET K V",
          "SET K V EX N",
          "SET K V PX T",
          "SET K V NX",
          "SET K V XX",
          "SET K V KEEPTTL",
          "SET K V GET",
          "SET K V XX GET",
          "SET K V NX GET PX T",
          "SET K V PX N XX",
          "GET K",
          "GETSET K V",
          "MGET K K K",
          "MSET K V K V",
          "DEL K",
          "DEL K K",
          "EXISTS K K",
          "INCR K",
          "DECR K",
          "INCRBY K N",
          "DECRBY K N",
          "APPEND K V",
          "STRLEN K",
          "EXPIRE K N",
          "PEXPIRE K T",
          "PEXPIRE K T NX",
          "PEXPIRE K T XX",
          "PEXPIRE K T GT",
          "PEXPIRE K T LT",
          "EXPIRE K N XX GT",
          "PERSIST K",
          "LPUSH K V",
          "LPUSH K V V V",
          "RPUSH K V",
          "RPUSH K V V",
          "LPOP K",
          "RPOP K",
          "LPOP K N",
          "RPOP K N",
          "LLEN K",
          "LRANGE K N N",
          "TYPE K",
          "DBSIZE",
          "SET K",
          "SET K V EX N PX N",
          "GET K K",
          "EXPIRE K V",
          "LRANGE K V V",
          "NOSUCH K V");

  private final Random random;

  RandomCommands(Random random) {
    this.random = random;
  }

  String next() {
    StringBuilder command = new StringBuilder();
    for (String word : FORMS.get(random.nextInt(FORMS.size())).split(" ")) {
      command.append(command.length() == 0 ? "" : " ");
      command.append(
          switch (word) {
            case "K" -> KEYS.get(random.nextInt(KEYS.size()));
            case "V" -> random.nextBoolean() ? "v" + random.nextInt(10) : random.nextInt(100);
            case "N" -> random.nextInt(8) - 3;
            case "T" -> 1 + random.nextInt(100);
            default -> word;
          });
    }
    return command.toString();
  }
}
