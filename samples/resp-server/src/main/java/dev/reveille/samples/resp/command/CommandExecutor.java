package dev.reveille.samples.resp.command;

import dev.reveille.samples.resp.protocol.ReplyBuffer;
import dev.reveille.samples.resp.protocol.Request;
import dev.reveille.samples.resp.store.Key;
import dev.reveille.samples.resp.store.Keyspace;
import dev.reveille.samples.resp.store.ListEnd;
import dev.reveille.samples.resp.store.ListValue;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Carries out commands on a keyspace.
 *
 * <p>Each call does all of one command, and no time passes within it. Changes go to the keyspace's
 * listener before the call returns; so what the listener has been told when it returns is what has
 * to be in the journal before the reply may be sent. Confined to one loop.
 */
public final class CommandExecutor {
  private final Keyspace keyspace;
  private final Sessions sessions;
  private final CommandTable table = new CommandTable();

  /** Who a replay is done for, and where its replies go. */
  private final Session journal = new Sessions(() -> 0).open("journal", "journal");

  private final ReplyBuffer ignored = new ReplyBuffer();
  private long executed;

  /** An executor on {@code keyspace}, which tells what {@code info} says of the server. */
  public CommandExecutor(Keyspace keyspace, Sessions sessions, ServerInfo info) {
    this.keyspace = keyspace;
    this.sessions = sessions;
    StringCommands.addTo(table);
    KeyCommands.addTo(table);
    ExpiryCommands.addTo(table);
    ListCommands.addTo(table);
    PubSubCommands.addTo(table);
    ConnectionCommands.addTo(table);
    ClientCommands.addTo(table, sessions);
    ServerCommands.addTo(table, info);
    IntrospectionCommands.addTo(table);
    describeIn(info);
  }

  /** The commands that there are. */
  public CommandTable commands() {
    return table;
  }

  /** How many commands have been carried out or delegated. */
  public long executed() {
    return executed;
  }

  /**
   * Carries out {@code request} for the client of {@code session} and writes the reply, be it an
   * error, to {@code out}.
   */
  public Outcome execute(Session session, Request request, ReplyBuffer out) {
    keyspace.advance();
    try {
      Command command = table.resolve(request);
      if (session.subscriptions() > 0) {
        checkAllowedForSubscriber(command);
      }
      executed++;
      session.used(command, keyspace.now());
      if (!command.isExecutable()) {
        return Outcome.DELEGATED;
      }
      command.handler().run(new Call(command, request, keyspace, session, out));
      return command.name().equals("quit") ? Outcome.CLOSE : Outcome.REPLIED;
    } catch (CommandError error) {
      out.error(error.reply());
      return Outcome.REPLIED;
    }
  }

  /**
   * Makes a change again that a {@link
   * dev.reveille.samples.resp.store.KeyspaceListener#changed(Request) listener} was told of.
   *
   * @throws IllegalArgumentException if {@code effect} is no change that could have been reported
   */
  public void replay(Request effect) {
    keyspace.replay(
        () -> {
          try {
            Command command = table.resolve(effect);
            if (!command.is(Flag.WRITE) || !command.isExecutable()) {
              throw new IllegalArgumentException("changes nothing: " + effect);
            }
            command.handler().run(new Call(command, effect, keyspace, journal, ignored));
          } catch (CommandError error) {
            throw new IllegalArgumentException(error.reply() + ": " + effect, error);
          } finally {
            ignored.discard();
          }
        });
  }

  /**
   * Serves {@code pop} at once if one of its lists has an element: writes the reply, an array of
   * key and element, and reports the pop as an LPOP or RPOP.
   *
   * @return false if all the lists are empty, so that there is something to wait for
   * @throws CommandError if a key that comes first holds something else than a list
   */
  public boolean popNow(BlockingPop pop, ReplyBuffer out) throws CommandError {
    keyspace.advance();
    for (Key key : pop.keys()) {
      if (keyspace.get(key) != null) {
        if (popFrom(key, pop.end(), out)) {
          return true;
        }
        throw CommandError.wrongType();
      }
    }
    return false;
  }

  /**
   * Serves a client that waits for {@code key}, in the same way.
   *
   * @return false if the key holds no list (any more), so that the client has to wait on
   */
  public boolean popFor(Key key, ListEnd end, ReplyBuffer out) {
    keyspace.advance();
    return popFrom(key, end, out);
  }

  private boolean popFrom(Key key, ListEnd end, ReplyBuffer out) {
    if (!(keyspace.get(key) instanceof ListValue list)) {
      return false;
    }
    out.array(2).bulk(key.bytes()).bulk(list.pop(end));
    if (list.size() == 0) {
      keyspace.remove(key);
    }
    String name = end == ListEnd.LEFT ? "LPOP" : "RPOP";
    keyspace.changed(Request.of(Call.bytes(name), key.bytes()));
    return true;
  }

  private static void checkAllowedForSubscriber(Command command) throws CommandError {
    switch (command.name()) {
      case "subscribe", "unsubscribe", "ping", "quit" -> {}
      default ->
          throw new CommandError(
              "ERR Can't execute '"
                  + command.name()
                  + "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in"
                  + " this context");
    }
  }

  /** The sections of INFO about what is known here, in Redis' order. */
  private void describeIn(ServerInfo info) {
    info.section("Server", CommandExecutor::server);
    info.section("Clients", () -> Map.of("connected_clients", Integer.toString(sessions.size())));
    info.section("Stats", this::stats);
    info.section("Keyspace", this::keys);
  }

  private static Map<String, String> server() {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("redis_version", ServerInfo.REDIS_VERSION);
    fields.put("redis_mode", "standalone");
    return fields;
  }

  private Map<String, String> stats() {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("total_connections_received", Long.toString(sessions.opened()));
    fields.put("total_commands_processed", Long.toString(executed));
    fields.put("expired_keys", Long.toString(keyspace.expiredKeys()));
    return fields;
  }

  private Map<String, String> keys() {
    if (keyspace.size() == 0) {
      return Map.of();
    }
    return Map.of(
        "db0",
        "keys=" + keyspace.size() + ",expires=" + keyspace.sizeWithDeadline() + ",avg_ttl=0");
  }
}
