package dev.reveille.samples.resp.command;

import static dev.reveille.samples.resp.command.Flag.FAST;
import static dev.reveille.samples.resp.command.Flag.READONLY;
import static dev.reveille.samples.resp.command.Flag.WRITE;

import dev.reveille.samples.resp.store.Key;
import dev.reveille.samples.resp.store.Keyspace;

/** Commands on the deadlines of keys. */
final class ExpiryCommands {
  private static final KeyPositions KEY = KeyPositions.FIRST;

  private ExpiryCommands() {}

  static void addTo(CommandTable table) {
    table
        .group("generic")
        .add("expire", -3, KEY, "1.0.0", "Expire in seconds", expire(ExpireTime.EX), WRITE, FAST)
        .add("expireat", -3, KEY, "1.2.0", "Expire at", expire(ExpireTime.EXAT), WRITE, FAST)
        .add("pexpire", -3, KEY, "2.6.0", "Expire in ms", expire(ExpireTime.PX), WRITE, FAST)
        .add("pexpireat", -3, KEY, "2.6.0", "Expire at ms", expire(ExpireTime.PXAT), WRITE, FAST)
        .add("persist", 2, KEY, "2.2.0", "Never expire", ExpiryCommands::persist, WRITE, FAST)
        .add("pttl", 2, KEY, "2.6.0", "Life left in ms", c -> left(c, 1), READONLY, FAST)
        .add("ttl", 2, KEY, "1.0.0", "Life left in seconds", c -> left(c, 1000), READONLY, FAST);
  }

  private static Handler expire(ExpireTime time) {
    return call -> expire(call, time);
  }

  private static void expire(Call call, ExpireTime time) throws CommandError {
    ExpireCondition condition = ExpireCondition.parse(call.request());
    long deadline = time.deadline(call, 2);
    Key key = call.key(1);
    Keyspace keyspace = call.keyspace();
    if (keyspace.get(key) == null || !condition.allows(keyspace.deadline(key), deadline)) {
      call.out().integer(0);
      return;
    }
    // A replay repeats what was decided then; that the deadline has passed since is no news.
    if (deadline <= keyspace.now() && !keyspace.isReplaying()) {
      keyspace.remove(key);
      call.changed("DEL", key.bytes());
    } else {
      keyspace.setDeadline(key, deadline);
      call.changed("PEXPIREAT", key.bytes(), Call.bytes(deadline));
    }
    call.out().integer(1);
  }

  private static void persist(Call call) {
    Key key = call.key(1);
    boolean hadDeadline = call.keyspace().deadline(key) != Keyspace.NEVER;
    if (hadDeadline) {
      call.keyspace().setDeadline(key, Keyspace.NEVER);
      call.changed();
    }
    call.out().integer(hadDeadline ? 1 : 0);
  }

  /** Answers -2 without a key, -1 without a deadline, else what is left in units, rounded. */
  private static void left(Call call, int unitMillis) {
    Key key = call.key(1);
    if (call.keyspace().get(key) == null) {
      call.out().integer(-2);
      return;
    }
    long deadline = call.keyspace().deadline(key);
    if (deadline == Keyspace.NEVER) {
      call.out().integer(-1);
      return;
    }
    long millis = Math.max(0, deadline - call.keyspace().now());
    call.out().integer((millis + unitMillis / 2) / unitMillis);
  }
}
