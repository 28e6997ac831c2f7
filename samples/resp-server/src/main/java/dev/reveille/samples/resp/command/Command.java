package dev.reveille.samples.resp.command;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** One line of the command table. */
public final class Command {
  private final String name;
  private final int arity;
  private final KeyPositions keys;
  private final Set<Flag> flags;
  private final Documentation documentation;
  private final Handler handler;
  private final Map<String, Command> subcommands = new TreeMap<>();

  Command(
      String name,
      int arity,
      KeyPositions keys,
      Set<Flag> flags,
      Documentation documentation,
      Handler handler) {
    this.name = name;
    this.arity = arity;
    this.keys = keys;
    this.flags = flags;
    this.documentation = documentation;
    this.handler = handler;
  }

  /** What COMMAND DOCS tells. */
  record Documentation(String group, String since, String summary) {}

  /** The name in lower case; of a subcommand, for example {@code client|list}. */
  public String name() {
    return name;
  }

  /** How many arguments it takes, the name included; if negative, that many or more. */
  public int arity() {
    return arity;
  }

  /** Whether {@code flag} is set. */
  public boolean is(Flag flag) {
    return flags.contains(flag);
  }

  /** Whether the executor runs it, and not its caller. */
  public boolean isExecutable() {
    return handler != Handler.ELSEWHERE;
  }

  boolean takes(int arguments) {
    return arity >= 0 ? arguments == arity : arguments >= -arity;
  }

  KeyPositions keys() {
    return keys;
  }

  Set<Flag> flags() {
    return flags;
  }

  Documentation documentation() {
    return documentation;
  }

  Handler handler() {
    return handler;
  }

  /** By the second word, for example {@code list}. */
  Map<String, Command> subcommands() {
    return subcommands;
  }

  @Override
  public String toString() {
    return name;
  }
}
