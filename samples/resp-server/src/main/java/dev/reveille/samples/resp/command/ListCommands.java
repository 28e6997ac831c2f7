package dev.reveille.samples.resp.command;

import static dev.reveille.samples.resp.command.Flag.BLOCKING;
import static dev.reveille.samples.resp.command.Flag.FAST;
import static dev.reveille.samples.resp.command.Flag.READONLY;
import static dev.reveille.samples.resp.command.Flag.WRITE;

import dev.reveille.samples.resp.protocol.Decimal;
import dev.reveille.samples.resp.store.Key;
import dev.reveille.samples.resp.store.ListEnd;
import dev.reveille.samples.resp.store.ListValue;

/** Commands on lists. */
final class ListCommands {
  private static final KeyPositions KEY = KeyPositions.FIRST;
  private static final KeyPositions KEYS = KeyPositions.ALL_BUT_LAST;

  private ListCommands() {}

  static void addTo(CommandTable table) {
    table
        .group("list")
        .add("blpop", -3, KEYS, "2.0.0", "Wait, pop first", Handler.ELSEWHERE, WRITE, BLOCKING)
        .add("brpop", -3, KEYS, "2.0.0", "Wait, pop last", Handler.ELSEWHERE, WRITE, BLOCKING)
        .add("llen", 2, KEY, "1.0.0", "Get the length", ListCommands::llen, READONLY, FAST)
        .add("lpop", -2, KEY, "1.0.0", "Pop first", pop(ListEnd.LEFT), WRITE, FAST)
        .add("lpush", -3, KEY, "1.0.0", "Prepend elements", push(ListEnd.LEFT), WRITE, FAST)
        .add("lrange", 4, KEY, "1.0.0", "Get a range", ListCommands::lrange, READONLY)
        .add("rpop", -2, KEY, "1.0.0", "Pop last", pop(ListEnd.RIGHT), WRITE, FAST)
        .add("rpush", -3, KEY, "1.0.0", "Append elements", push(ListEnd.RIGHT), WRITE, FAST);
  }

  private static Handler push(ListEnd end) {
    return call -> push(call, end);
  }

  private static void push(Call call, ListEnd end) throws CommandError {
    Key key = call.key(1);
    ListValue list = call.list(key);
    if (list == null) {
      list = new ListValue();
      call.keyspace().set(key, list);
    }
    for (int i = 2; i < call.size(); i++) {
      list.push(end, call.argument(i));
    }
    call.changed();
    call.out().integer(list.size());
    call.keyspace().listGrew(key);
  }

  private static Handler pop(ListEnd end) {
    return call -> {
      if (call.size() == 2) {
        popOne(call, end);
      } else {
        popSeveral(call, end);
      }
    };
  }

  private static void popOne(Call call, ListEnd end) throws CommandError {
    Key key = call.key(1);
    ListValue list = call.list(key);
    if (list == null) {
      call.out().nullBulk();
      return;
    }
    call.out().bulk(list.pop(end));
    removeIfEmpty(call, key, list);
    call.changed();
  }

  private static void popSeveral(Call call, ListEnd end) throws CommandError {
    if (call.size() > 3) {
      throw CommandError.wrongNumberOfArguments(call.command().name());
    }
    long wanted = Decimal.parse(call.argument(2)).orElse(-1);
    if (wanted < 0) {
      throw new CommandError("ERR value is out of range, must be positive");
    }
    Key key = call.key(1);
    ListValue list = call.list(key);
    if (list == null) {
      call.out().nullArray();
      return;
    }
    int count = (int) Math.min(wanted, list.size());
    call.out().array(count);
    for (int i = 0; i < count; i++) {
      call.out().bulk(list.pop(end));
    }
    if (count > 0) {
      removeIfEmpty(call, key, list);
      call.changed();
    }
  }

  private static void removeIfEmpty(Call call, Key key, ListValue list) {
    if (list.size() == 0) {
      call.keyspace().remove(key);
    }
  }

  private static void llen(Call call) throws CommandError {
    ListValue list = call.list(call.key(1));
    call.out().integer(list == null ? 0 : list.size());
  }

  private static void lrange(Call call) throws CommandError {
    long start = call.integer(2);
    long stop = call.integer(3);
    ListValue list = call.list(call.key(1));
    int size = list == null ? 0 : list.size();
    long first = Math.max(0, start < 0 ? start + size : start);
    long last = Math.min(size - 1, stop < 0 ? stop + size : stop);
    if (list == null || first > last) {
      call.out().array(0);
      return;
    }
    call.out().array((int) (last - first + 1));
    for (int i = (int) first; i <= last; i++) {
      call.out().bulk(list.get(i));
    }
  }
}
