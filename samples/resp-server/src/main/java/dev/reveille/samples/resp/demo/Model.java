package dev.reveille.samples.resp.demo;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a Redis server ought to answer to one client that nobody interferes with: the commands that
 * {@link Script} writes, on strings. Replies are null, Long, String, List of these, or {@link
 * Failure}. Written without a look at the server.
 */
final class Model {
  /** An error reply. */
  record Failure(String message) {}

  private static final Failure WRONG_TYPE =
      new Failure("WRONGTYPE Operation against a key holding the wrong kind of value");
  private static final Failure NO_INTEGER =
      new Failure("ERR value is not an integer or out of range");

  private final Map<String, String> strings = new HashMap<>();
  private final Map<String, Deque<String>> lists = new HashMap<>();
  private final Set<String> expiring = new HashSet<>();

  @Nullable Object reply(List<String> words) {
    String key = words.size() > 1 ? words.get(1) : "";
    return switch (words.get(0)) {
      case "PING" -> "PONG";
      case "ECHO" -> key;
      case "SET" -> set(key, words.get(2), words.subList(3, words.size()));
      case "GETSET" -> lists.containsKey(key) ? WRONG_TYPE : put(key, words.get(2));
      case "MSET" -> mset(words);
      case "MGET" -> words.subList(1, words.size()).stream().map(strings::get).toList();
      case "DEL" -> count(words, this::remove);
      case "EXISTS" -> count(words, this::exists);
      case "TYPE" -> strings.containsKey(key) ? "string" : lists.containsKey(key) ? "list" : "none";
      case "EXPIRE" -> expire(key);
      case "PERSIST" -> bit(expiring.remove(key));
      case "GET", "STRLEN", "APPEND", "INCR", "DECR", "INCRBY", "DECRBY" ->
          lists.containsKey(key) ? WRONG_TYPE : onString(words, key);
      case "LPUSH", "RPUSH", "LPOP", "RPOP", "LLEN", "LRANGE" ->
          strings.containsKey(key) ? WRONG_TYPE : onList(words, key);
      default -> throw new IllegalArgumentException("not modelled: " + words);
    };
  }

  private @Nullable Object set(String key, String value, List<String> options) {
    boolean refused = options.contains(exists(key) ? "NX" : "XX");
    if (refused) {
      return null;
    }
    boolean keeps = options.contains("KEEPTTL") && expiring.contains(key);
    lists.remove(key);
    put(key, value);
    if (keeps || options.contains("EX")) {
      expiring.add(key);
    }
    return "OK";
  }

  private @Nullable String put(String key, String value) {
    expiring.remove(key);
    return strings.put(key, value);
  }

  private long expire(String key) {
    if (exists(key)) {
      expiring.add(key);
    }
    return bit(exists(key));
  }

  private String mset(List<String> words) {
    for (int i = 1; i < words.size(); i += 2) {
      lists.remove(words.get(i));
      put(words.get(i), words.get(i + 1));
    }
    return "OK";
  }

  private @Nullable Object onString(List<String> words, String key) {
    String value = strings.get(key);
    return switch (words.get(0)) {
      case "GET" -> value;
      case "STRLEN" -> value == null ? 0L : (long) value.length();
      case "APPEND" -> append(words, key, value);
      default -> add(words, key, value);
    };
  }

  private long append(List<String> words, String key, @Nullable String value) {
    String longer = (value == null ? "" : value) + words.get(2);
    strings.put(key, longer);
    return longer.length();
  }

  private Object add(List<String> words, String key, @Nullable String value) {
    String before = value == null ? "0" : value;
    if (!before.matches("0|-?[1-9]\\d{0,17}")) {
      return NO_INTEGER;
    }
    long by = words.size() > 2 ? Long.parseLong(words.get(2)) : 1;
    long after = Long.parseLong(before) + (words.get(0).startsWith("DECR") ? -by : by);
    strings.put(key, Long.toString(after));
    return after;
  }

  private @Nullable Object onList(List<String> words, String key) {
    Deque<String> list = lists.get(key);
    return switch (words.get(0)) {
      case "LPUSH", "RPUSH" -> push(words, key);
      case "LLEN" -> list == null ? 0L : (long) list.size();
      case "LRANGE" -> range(list, Integer.parseInt(words.get(2)), Integer.parseInt(words.get(3)));
      default -> list == null ? null : pop(words, key, list);
    };
  }

  private long push(List<String> words, String key) {
    Deque<String> list = lists.computeIfAbsent(key, k -> new ArrayDeque<>());
    for (String element : words.subList(2, words.size())) {
      if (words.get(0).equals("LPUSH")) {
        list.addFirst(element);
      } else {
        list.addLast(element);
      }
    }
    return list.size();
  }

  private Object pop(List<String> words, String key, Deque<String> list) {
    boolean left = words.get(0).equals("LPOP");
    List<String> popped = new ArrayList<>();
    long wanted = words.size() > 2 ? Long.parseLong(words.get(2)) : 1;
    while (popped.size() < wanted && !list.isEmpty()) {
      popped.add(left ? list.removeFirst() : list.removeLast());
    }
    if (list.isEmpty()) {
      remove(key);
    }
    return words.size() > 2 ? popped : popped.get(0);
  }

  private static List<String> range(@Nullable Deque<String> list, int start, int stop) {
    List<String> all = list == null ? List.of() : new ArrayList<>(list);
    int from = Math.max(0, start < 0 ? start + all.size() : start);
    int to = Math.min(all.size(), (stop < 0 ? stop + all.size() : stop) + 1);
    return from < to ? all.subList(from, to) : List.of();
  }

  private boolean exists(String key) {
    return strings.containsKey(key) || lists.containsKey(key);
  }

  private boolean remove(String key) {
    expiring.remove(key);
    boolean found = exists(key);
    strings.remove(key);
    lists.remove(key);
    return found;
  }

  private static long count(List<String> words, Predicate<String> predicate) {
    return words.subList(1, words.size()).stream().filter(predicate).count();
  }

  private static long bit(boolean value) {
    return value ? 1 : 0;
  }
}
