package dev.reveille.samples.resp.command;

import dev.reveille.samples.resp.protocol.Request;
import dev.reveille.samples.resp.store.Key;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** All commands by name, and the checks that come before any of them runs. */
public final class CommandTable {
  /** Clients spell a name in one or two ways, not in all. */
  private static final int MOST_SPELLINGS = 1_000;

  private final Map<String, Command> commands = new TreeMap<>();

  /** Commands by their names as clients spell them: the look-up of nearly all requests. */
  private final Map<Key, Command> spellings = new HashMap<>();

  CommandTable() {}

  /** All commands, without their subcommands, in the order of their names. */
  public Collection<Command> commands() {
    return Collections.unmodifiableCollection(commands.values());
  }

  /** The command of that name, whatever its case, or null. */
  public @Nullable Command find(String name) {
    return commands.get(name.toLowerCase(Locale.ROOT));
  }

  /**
   * The command, or subcommand, that {@code request} asks for.
   *
   * @throws CommandError if there is none, or the number of arguments is not right for it
   */
  public Command resolve(Request request) throws CommandError {
    Key spelling = Key.of(request.argument(0));
    Command command = spellings.get(spelling);
    if (command == null) {
      command = commands.get(request.name());
      if (command == null) {
        throw unknown(request);
      }
      if (spellings.size() < MOST_SPELLINGS) {
        spellings.put(spelling, command);
      }
    }
    if (request.size() > 1 && !command.subcommands().isEmpty()) {
      Command subcommand = command.subcommands().get(request.text(1).toLowerCase(Locale.ROOT));
      if (subcommand == null) {
        throw unknownSubcommand(command, request);
      }
      command = subcommand;
    }
    if (!command.takes(request.size())) {
      throw CommandError.wrongNumberOfArguments(command.name());
    }
    return command;
  }

  /** The group in which the next commands are documented. */
  Group group(String name) {
    return new Group(name);
  }

  private static CommandError unknown(Request request) {
    StringBuilder arguments = new StringBuilder();
    for (int i = 1; i < request.size() && arguments.length() < 128; i++) {
      String argument = quoted(request, i, 128 - arguments.length());
      arguments.append('\'').append(argument).append("' ");
    }
    return new CommandError(
        "ERR unknown command '"
            + quoted(request, 0, 128)
            + "', with args beginning with: "
            + arguments);
  }

  private static CommandError unknownSubcommand(Command command, Request request) {
    return new CommandError(
        "ERR unknown subcommand '"
            + quoted(request, 1, 128)
            + "'. Try "
            + command.name().toUpperCase(Locale.ROOT)
            + " HELP.");
  }

  /** The argument up to a length, and, as Redis prints C strings, up to a NUL. */
  private static String quoted(Request request, int index, int length) {
    String text = request.text(index);
    int end = text.indexOf('\0');
    return text.substring(0, Math.min(length, end < 0 ? text.length() : end));
  }

  /** Adds commands to the table. */
  final class Group {
    private final String name;

    private Group(String name) {
      this.name = name;
    }

    Group add(
        String command,
        int arity,
        KeyPositions keys,
        String since,
        String summary,
        Handler handler,
        Flag... flags) {
      Command added =
          new Command(
              command,
              arity,
              keys,
              flags.length == 0 ? Set.of() : EnumSet.copyOf(List.of(flags)),
              new Command.Documentation(name, since, summary),
              handler);
      int bar = command.indexOf('|');
      if (bar < 0) {
        commands.put(command, added);
      } else {
        parent(command.substring(0, bar)).put(command.substring(bar + 1), added);
      }
      return this;
    }

    private Map<String, Command> parent(String command) {
      Command parent = commands.get(command);
      if (parent == null) {
        throw new IllegalArgumentException("no such command: " + command);
      }
      return parent.subcommands();
    }
  }
}
