package dev.reveille.samples.resp.command;

import static dev.reveille.samples.resp.command.Flag.FAST;
import static dev.reveille.samples.resp.command.Flag.READONLY;
import static dev.reveille.samples.resp.command.Flag.WRITE;

import dev.reveille.samples.resp.store.Glob;
import dev.reveille.samples.resp.store.Key;
import dev.reveille.samples.resp.store.Keyspace;
import dev.reveille.samples.resp.store.Value;
import java.util.List;

/** Commands on keys of any type. */
final class KeyCommands {
  private static final KeyPositions KEY = KeyPositions.FIRST;
  private static final KeyPositions KEYS = KeyPositions.ALL;
  private static final KeyPositions NONE = KeyPositions.NONE;

  private KeyCommands() {}

  static void addTo(CommandTable table) {
    table
        .group("generic")
        .add("del", -2, KEYS, "1.0.0", "Delete keys", KeyCommands::del, WRITE)
        .add("exists", -2, KEYS, "1.0.0", "Count keys", KeyCommands::exists, READONLY, FAST)
        .add("keys", 2, NONE, "1.0.0", "Find keys by pattern", KeyCommands::keys, READONLY)
        .add("type", 2, KEY, "1.0.0", "Get the type of a key", KeyCommands::type, READONLY, FAST);
    table
        .group("server")
        .add("dbsize", 1, NONE, "1.0.0", "Count all keys", KeyCommands::dbsize, READONLY, FAST)
        .add("flushall", -1, NONE, "1.0.0", "Remove all keys", KeyCommands::flushall, WRITE);
  }

  private static void del(Call call) {
    int removed = 0;
    for (int i = 1; i < call.size(); i++) {
      if (call.keyspace().remove(call.key(i))) {
        removed++;
      }
    }
    if (removed > 0) {
      call.changed();
    }
    call.out().integer(removed);
  }

  private static void exists(Call call) {
    int found = 0;
    for (int i = 1; i < call.size(); i++) {
      if (call.keyspace().get(call.key(i)) != null) {
        found++;
      }
    }
    call.out().integer(found);
  }

  private static void keys(Call call) {
    List<Key> keys = call.keyspace().matching(new Glob(call.argument(1)));
    call.out().array(keys.size());
    for (Key key : keys) {
      call.out().bulk(key.bytes());
    }
  }

  private static void type(Call call) {
    Value value = call.keyspace().get(call.key(1));
    call.out().simple(value == null ? "none" : value.typeName());
  }

  private static void dbsize(Call call) {
    call.out().integer(call.keyspace().size());
  }

  private static void flushall(Call call) throws CommandError {
    boolean plain = call.size() == 1;
    if (!plain
        && !(call.size() == 2 && (call.request().is(1, "SYNC") || call.request().is(1, "ASYNC")))) {
      throw CommandError.syntax();
    }
    Keyspace keyspace = call.keyspace();
    keyspace.clear();
    call.changed("FLUSHALL");
    call.ok();
  }
}
