package dev.reveille.samples.resp.command;

import dev.reveille.samples.resp.protocol.Decimal;
import dev.reveille.samples.resp.protocol.ReplyBuffer;
import dev.reveille.samples.resp.protocol.Request;
import dev.reveille.samples.resp.store.Key;
import dev.reveille.samples.resp.store.Keyspace;
import dev.reveille.samples.resp.store.ListValue;
import dev.reveille.samples.resp.store.StringValue;
import dev.reveille.samples.resp.store.Value;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** One execution of one command: what a handler works with. */
record Call(Command command, Request request, Keyspace keyspace, Session session, ReplyBuffer out) {

  int size() {
    return request.size();
  }

  byte[] argument(int index) {
    return request.argument(index);
  }

  Key key(int index) {
    return Key.of(request.argument(index));
  }

  long integer(int index) throws CommandError {
    OptionalLong number = Decimal.parse(request.argument(index));
    return number.orElseThrow(CommandError::notAnInteger);
  }

  /** The string at the key, or null if there is no such key. */
  @Nullable StringValue string(Key key) throws CommandError {
    Value value = keyspace.get(key);
    if (value == null || value instanceof StringValue) {
      return (StringValue) value;
    }
    throw CommandError.wrongType();
  }

  /** The list at the key, or null if there is no such key. */
  @Nullable ListValue list(Key key) throws CommandError {
    Value value = keyspace.get(key);
    if (value == null || value instanceof ListValue) {
      return (ListValue) value;
    }
    throw CommandError.wrongType();
  }

  /** The request itself repeats the change that was made. */
  void changed() {
    keyspace.changed(request);
  }

  /** Another command, with its arguments, repeats the change that was made. */
  void changed(String name, byte[]... arguments) {
    byte[][] all = new byte[arguments.length + 1][];
    all[0] = bytes(name);
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    keyspace.changed(Request.of(all));
  }

  void ok() {
    out.simple("OK");
  }

  void bulkOrNull(@Nullable StringValue value) {
    if (value == null) {
      out.nullBulk();
    } else {
      out.bulk(value.array(), value.length());
    }
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] bytes(long number) {
    return bytes(Long.toString(number));
  }
}
