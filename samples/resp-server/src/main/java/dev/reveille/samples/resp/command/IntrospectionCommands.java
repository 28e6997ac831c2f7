package dev.reveille.samples.resp.command;

import dev.reveille.samples.resp.protocol.ReplyBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** COMMAND: the command table as a reply. */
final class IntrospectionCommands {
  private static final KeyPositions NONE = KeyPositions.NONE;

  private final CommandTable table;

  private IntrospectionCommands(CommandTable table) {
    this.table = table;
  }

  static void addTo(CommandTable table) {
    IntrospectionCommands commands = new IntrospectionCommands(table);
    table
        .group("server")
        .add("command", -1, NONE, "2.8.13", "Describe all commands", commands::all)
        .add("command|count", 2, NONE, "2.8.13", "Count commands", commands::count)
        .add("command|docs", -2, NONE, "7.0.0", "Explain commands", commands::docs)
        .add("command|info", -2, NONE, "2.8.13", "Describe commands", commands::info)
        .add("command|list", 2, NONE, "7.0.0", "Name commands", commands::list);
  }

  private void all(Call call) {
    describe(call.out(), table.commands());
  }

  private void count(Call call) {
    call.out().integer(table.commands().size());
  }

  private void list(Call call) {
    call.out().array(table.commands().size());
    table.commands().forEach(command -> call.out().bulk(command.name()));
  }

  private void info(Call call) {
    if (call.size() == 2) {
      all(call);
      return;
    }
    call.out().array(call.size() - 2);
    for (int i = 2; i < call.size(); i++) {
      Command command = table.find(call.request().text(i));
      if (command == null) {
        call.out().nullBulk();
      } else {
        describe(call.out(), command);
      }
    }
  }

  private void docs(Call call) {
    Collection<Command> wanted = table.commands();
    if (call.size() > 2) {
      wanted = new ArrayList<>();
      for (int i = 2; i < call.size(); i++) {
        Command command = table.find(call.request().text(i));
        if (command != null) {
          wanted.add(command);
        }
      }
    }
    call.out().array(2 * wanted.size());
    for (Command command : wanted) {
      Command.Documentation documentation = command.documentation();
      call.out().bulk(command.name()).array(6);
      call.out().bulk("summary").bulk(documentation.summary());
      call.out().bulk("since").bulk(documentation.since());
      call.out().bulk("group").bulk(documentation.group());
    }
  }

  private static void describe(ReplyBuffer out, Collection<Command> commands) {
    out.array(commands.size());
    commands.forEach(command -> describe(out, command));
  }

  /** The ten fields of Redis 7; tips and key specifications, which are optional, are left empty. */
  private static void describe(ReplyBuffer out, Command command) {
    out.array(10).bulk(command.name()).integer(command.arity());
    simple(out, flags(command));
    KeyPositions keys = command.keys();
    out.integer(keys.first()).integer(keys.last()).integer(keys.step());
    simple(out, categories(command));
    out.array(0).array(0);
    describe(out, command.subcommands().values());
  }

  private static void simple(ReplyBuffer out, List<String> words) {
    out.array(words.size());
    words.forEach(out::simple);
  }

  /** Redis knows connection commands as a category only. */
  private static List<String> flags(Command command) {
    List<String> words = new ArrayList<>();
    for (Flag flag : command.flags()) {
      if (flag != Flag.CONNECTION) {
        words.add(flag.name().toLowerCase(Locale.ROOT));
      }
    }
    return words;
  }

  private static List<String> categories(Command command) {
    List<String> words = new ArrayList<>();
    for (Flag flag : command.flags()) {
      words.add(flag == Flag.READONLY ? "@read" : "@" + flag.name().toLowerCase(Locale.ROOT));
    }
    if (!command.is(Flag.FAST)) {
      words.add("@slow");
    }
    return words;
  }
}
