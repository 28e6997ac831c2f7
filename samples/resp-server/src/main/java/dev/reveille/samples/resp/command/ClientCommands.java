package dev.reveille.samples.resp.command;

import static dev.reveille.samples.resp.command.Flag.ADMIN;
import static dev.reveille.samples.resp.command.Flag.CONNECTION;

/** The subcommands of CLIENT. */
final class ClientCommands {
  private static final KeyPositions NONE = KeyPositions.NONE;

  private final Sessions sessions;

  private ClientCommands(Sessions sessions) {
    this.sessions = sessions;
  }

  static void addTo(CommandTable table, Sessions sessions) {
    ClientCommands clients = new ClientCommands(sessions);
    table
        .group("connection")
        .add("client", -2, NONE, "2.4.0", "Commands on connections", Handler.ELSEWHERE, CONNECTION)
        .add("client|getname", 2, NONE, "2.6.9", "Get the name", clients::getName, CONNECTION)
        .add("client|id", 2, NONE, "5.0.0", "Get the id", clients::id, CONNECTION)
        .add("client|info", 2, NONE, "6.2.0", "Describe me", clients::info, CONNECTION)
        .add("client|list", 2, NONE, "2.4.0", "Describe all", clients::list, ADMIN, CONNECTION)
        .add("client|no-evict", 3, NONE, "7.0.0", "Ignored", clients::noEvict, ADMIN, CONNECTION)
        .add("client|setinfo", 4, NONE, "7.2.0", "Name library", clients::setInfo, CONNECTION)
        .add("client|setname", 3, NONE, "2.6.9", "Set the name", clients::setName, CONNECTION);
  }

  /** Checks that {@code name} fits into a line of CLIENT LIST. */
  static String name(String name) throws CommandError {
    if (isListable(name)) {
      return name;
    }
    throw new CommandError(
        "ERR Client names cannot contain spaces, newlines or special characters.");
  }

  private static boolean isListable(String text) {
    return text.chars().allMatch(c -> c >= '!' && c <= '~');
  }

  private void id(Call call) {
    call.out().integer(call.session().id());
  }

  private void getName(Call call) {
    String name = call.session().name();
    if (name.isEmpty()) {
      call.out().nullBulk();
    } else {
      call.out().bulk(name);
    }
  }

  private void setName(Call call) throws CommandError {
    call.session().name(name(call.request().text(2)));
    call.ok();
  }

  private void setInfo(Call call) throws CommandError {
    boolean library = call.request().is(2, "LIB-NAME");
    if (!library && !call.request().is(2, "LIB-VER")) {
      throw new CommandError("ERR Unrecognized option '" + call.request().text(2) + "'");
    }
    String value = call.request().text(3);
    if (!isListable(value)) {
      throw new CommandError(
          "ERR "
              + (library ? "lib-name" : "lib-ver")
              + " cannot contain spaces, newlines or special characters.");
    }
    if (library) {
      call.session().libraryName(value);
    } else {
      call.session().libraryVersion(value);
    }
    call.ok();
  }

  private void noEvict(Call call) throws CommandError {
    if (!call.request().is(2, "ON") && !call.request().is(2, "OFF")) {
      throw CommandError.syntax();
    }
    call.ok();
  }

  private void info(Call call) {
    call.out().bulk(call.session().describe(call.keyspace().now()) + "\n");
  }

  private void list(Call call) {
    StringBuilder lines = new StringBuilder();
    for (Session session : sessions.all()) {
      lines.append(session.describe(call.keyspace().now())).append('\n');
    }
    call.out().bulk(lines.toString());
  }
}
