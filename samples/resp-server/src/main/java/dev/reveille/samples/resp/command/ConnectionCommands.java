package dev.reveille.samples.resp.command;

import static dev.reveille.samples.resp.command.Flag.CONNECTION;
import static dev.reveille.samples.resp.command.Flag.FAST;

import dev.reveille.samples.resp.protocol.Decimal;
import dev.reveille.samples.resp.protocol.ReplyBuffer;
import org.jspecify.annotations.Nullable;

/** Commands on the connection itself. */
final class ConnectionCommands {
  private static final KeyPositions NONE = KeyPositions.NONE;

  private ConnectionCommands() {}

  static void addTo(CommandTable table) {
    table
        .group("connection")
        .add("echo", 2, NONE, "1.0.0", "Echo", c -> c.out().bulk(c.argument(1)), FAST, CONNECTION)
        .add("hello", -1, NONE, "6.0.0", "Greet", ConnectionCommands::hello, FAST, CONNECTION)
        .add("ping", -1, NONE, "1.0.0", "Ping", ConnectionCommands::ping, FAST, CONNECTION)
        .add("quit", -1, NONE, "1.0.0", "Close", Call::ok, FAST, CONNECTION)
        .add("select", 2, NONE, "1.0.0", "Select", ConnectionCommands::select, FAST, CONNECTION);
  }

  private static void ping(Call call) throws CommandError {
    if (call.size() > 2) {
      throw CommandError.wrongNumberOfArguments("ping");
    }
    ReplyBuffer out = call.out();
    if (call.session().subscriptions() > 0) {
      // A subscriber expects arrays only.
      out.array(2).bulk("pong").bulk(call.size() == 2 ? call.argument(1) : new byte[0]);
    } else if (call.size() == 2) {
      out.bulk(call.argument(1));
    } else {
      out.simple("PONG");
    }
  }

  private static void select(Call call) throws CommandError {
    if (call.integer(1) != 0) {
      throw new CommandError("ERR DB index is out of range");
    }
    call.ok();
  }

  /** As a Redis that speaks RESP2 only. Any password is right, as no password is set. */
  private static void hello(Call call) throws CommandError {
    if (call.size() > 1) {
      long version =
          Decimal.parse(call.argument(1))
              .orElseThrow(
                  () -> new CommandError("ERR Protocol version is not an integer or out of range"));
      if (version != 2) {
        throw new CommandError("NOPROTO unsupported protocol version");
      }
    }
    String name = helloName(call);
    if (name != null) {
      call.session().name(name);
    }
    call.out().array(14);
    call.out().bulk("server").bulk("redis").bulk("version").bulk(ServerInfo.REDIS_VERSION);
    call.out().bulk("proto").integer(2).bulk("id").integer(call.session().id());
    call.out().bulk("mode").bulk("standalone").bulk("role").bulk("master");
    call.out().bulk("modules").array(0);
  }

  private static @Nullable String helloName(Call call) throws CommandError {
    String name = null;
    int i = 2;
    while (i < call.size()) {
      if (call.request().is(i, "AUTH") && i + 2 < call.size()) {
        i += 3;
      } else if (call.request().is(i, "SETNAME") && i + 1 < call.size()) {
        name = ClientCommands.name(call.request().text(i + 1));
        i += 2;
      } else {
        throw new CommandError("ERR Syntax error in HELLO option '" + call.request().text(i) + "'");
      }
    }
    return name;
  }
}
