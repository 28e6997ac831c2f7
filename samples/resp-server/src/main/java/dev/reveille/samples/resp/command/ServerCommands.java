package dev.reveille.samples.resp.command;

import static dev.reveille.samples.resp.command.Flag.ADMIN;

import dev.reveille.samples.resp.store.Glob;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/** Commands on the server: INFO and CONFIG. */
final class ServerCommands {
  private static final KeyPositions NONE = KeyPositions.NONE;

  private final ServerInfo server;

  private ServerCommands(ServerInfo server) {
    this.server = server;
  }

  static void addTo(CommandTable table, ServerInfo info) {
    ServerCommands commands = new ServerCommands(info);
    table
        .group("server")
        .add("config", -2, NONE, "2.0.0", "Commands on options", Handler.ELSEWHERE, ADMIN)
        .add("config|get", -3, NONE, "2.0.0", "Get options", commands::configGet, ADMIN)
        .add("info", -1, NONE, "1.0.0", "Describe the server", commands::info);
  }

  private void configGet(Call call) {
    List<Glob> patterns = new ArrayList<>();
    for (int i = 2; i < call.size(); i++) {
      patterns.add(new Glob(Call.bytes(call.request().text(i).toLowerCase(Locale.ROOT))));
    }
    List<String> found = new ArrayList<>();
    server
        .options()
        .forEach(
            (name, value) -> {
              if (patterns.stream().anyMatch(pattern -> pattern.matches(Call.bytes(name)))) {
                found.add(name);
                found.add(value);
              }
            });
    call.out().array(found.size());
    found.forEach(call.out()::bulk);
  }

  private void info(Call call) {
    StringBuilder text = new StringBuilder();
    for (Map.Entry<String, Supplier<Map<String, String>>> section : server.sections().entrySet()) {
      if (isWanted(call, section.getKey())) {
        text.append(text.length() == 0 ? "# " : "\r\n# ").append(section.getKey()).append("\r\n");
        section.getValue().get().forEach((name, value) -> text.append(name + ":" + value + "\r\n"));
      }
    }
    call.out().bulk(text.toString());
  }

  private static boolean isWanted(Call call, String section) {
    boolean wanted = call.size() == 1;
    for (int i = 1; i < call.size(); i++) {
      wanted |=
          call.request().is(i, section)
              || call.request().is(i, "all")
              || call.request().is(i, "default")
              || call.request().is(i, "everything");
    }
    return wanted;
  }
}
