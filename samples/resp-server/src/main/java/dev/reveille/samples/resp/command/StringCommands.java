package dev.reveille.samples.resp.command;

import static dev.reveille.samples.resp.command.Flag.FAST;
import static dev.reveille.samples.resp.command.Flag.READONLY;
import static dev.reveille.samples.resp.command.Flag.WRITE;

import dev.reveille.samples.resp.protocol.Decimal;
import dev.reveille.samples.resp.store.Key;
import dev.reveille.samples.resp.store.Keyspace;
import dev.reveille.samples.resp.store.StringValue;
import dev.reveille.samples.resp.store.Value;

/** Commands on strings, and on strings that are numbers. */
final class StringCommands {
  private static final KeyPositions KEY = KeyPositions.FIRST;
  private static final long LONGEST_STRING = 512L * 1024 * 1024;

  private StringCommands() {}

  static void addTo(CommandTable table) {
    CommandTable.Group strings = table.group("string");
    strings
        .add("append", 3, KEY, "2.0.0", "Append a value to a key", StringCommands::append, WRITE)
        .add("decr", 2, KEY, "1.0.0", "Decrement by one", c -> add(c, -1), WRITE, FAST)
        .add("decrby", 3, KEY, "1.0.0", "Decrement by", StringCommands::decrby, WRITE, FAST)
        .add("get", 2, KEY, "1.0.0", "Get the value of a key", StringCommands::get, READONLY, FAST)
        .add("getset", 3, KEY, "1.0.0", "Set and get old", StringCommands::getset, WRITE, FAST)
        .add("incr", 2, KEY, "1.0.0", "Increment by one", c -> add(c, 1), WRITE, FAST)
        .add("incrby", 3, KEY, "1.0.0", "Increment by", c -> add(c, c.integer(2)), WRITE, FAST)
        .add("set", -3, KEY, "1.0.0", "Set the value of a key", StringCommands::set, WRITE)
        .add("strlen", 2, KEY, "2.2.0", "Get the length", StringCommands::strlen, READONLY, FAST);
    KeyPositions all = KeyPositions.ALL;
    strings.add("mget", -2, all, "1.0.0", "Get several", StringCommands::mget, READONLY, FAST);
    KeyPositions pairs = KeyPositions.EVERY_OTHER;
    strings.add("mset", -3, pairs, "1.0.1", "Set several", StringCommands::mset, WRITE);
  }

  private static void get(Call call) throws CommandError {
    call.bulkOrNull(call.string(call.key(1)));
  }

  private static void mget(Call call) {
    call.out().array(call.size() - 1);
    for (int i = 1; i < call.size(); i++) {
      Value value = call.keyspace().get(call.key(i));
      call.bulkOrNull(value instanceof StringValue string ? string : null);
    }
  }

  private static void strlen(Call call) throws CommandError {
    StringValue value = call.string(call.key(1));
    call.out().integer(value == null ? 0 : value.length());
  }

  private static void set(Call call) throws CommandError {
    SetOptions options = SetOptions.parse(call.request());
    long deadline = options.hasDeadline() ? options.deadline(call) : Keyspace.NEVER;
    Key key = call.key(1);
    StringValue old = options.get ? call.string(key) : null;
    boolean present = options.get ? old != null : call.keyspace().get(key) != null;
    boolean refused = present ? options.onlyIfAbsent : options.onlyIfPresent;
    if (!refused) {
      store(call, key, options.keepDeadline, deadline);
    }
    if (options.get || refused) {
      call.bulkOrNull(old);
    } else {
      call.ok();
    }
  }

  private static void store(Call call, Key key, boolean keepDeadline, long deadline) {
    byte[] bytes = call.argument(2);
    StringValue value = new StringValue(bytes);
    if (keepDeadline) {
      call.keyspace().setKeepingDeadline(key, value);
      call.changed("SET", key.bytes(), bytes, Call.bytes("KEEPTTL"));
      return;
    }
    call.keyspace().set(key, value);
    if (deadline == Keyspace.NEVER) {
      call.changed("SET", key.bytes(), bytes);
    } else {
      call.keyspace().setDeadline(key, deadline);
      call.changed("SET", key.bytes(), bytes, Call.bytes("PXAT"), Call.bytes(deadline));
    }
  }

  private static void getset(Call call) throws CommandError {
    Key key = call.key(1);
    StringValue old = call.string(key);
    call.keyspace().set(key, new StringValue(call.argument(2)));
    call.changed("SET", key.bytes(), call.argument(2));
    call.bulkOrNull(old);
  }

  private static void mset(Call call) throws CommandError {
    if (call.size() % 2 == 0) {
      throw CommandError.wrongNumberOfArguments("mset");
    }
    for (int i = 1; i < call.size(); i += 2) {
      call.keyspace().set(call.key(i), new StringValue(call.argument(i + 1)));
    }
    call.changed();
    call.ok();
  }

  private static void append(Call call) throws CommandError {
    Key key = call.key(1);
    byte[] tail = call.argument(2);
    StringValue value = call.string(key);
    if (value == null) {
      value = new StringValue(tail);
      call.keyspace().set(key, value);
    } else if ((long) value.length() + tail.length > LONGEST_STRING) {
      throw new CommandError("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
    } else {
      value.append(tail);
    }
    call.changed();
    call.out().integer(value.length());
  }

  private static void decrby(Call call) throws CommandError {
    long decrement = call.integer(2);
    if (decrement == Long.MIN_VALUE) {
      throw new CommandError("ERR decrement would overflow");
    }
    add(call, -decrement);
  }

  private static void add(Call call, long increment) throws CommandError {
    Key key = call.key(1);
    StringValue old = call.string(key);
    long before =
        old == null ? 0 : Decimal.parse(old.bytes()).orElseThrow(CommandError::notAnInteger);
    long after = before + increment;
    if (((before ^ after) & (increment ^ after)) < 0) {
      throw new CommandError("ERR increment or decrement would overflow");
    }
    call.keyspace().setKeepingDeadline(key, new StringValue(Call.bytes(after)));
    call.changed();
    call.out().integer(after);
  }
}
