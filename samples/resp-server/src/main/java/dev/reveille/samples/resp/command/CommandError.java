package dev.reveille.samples.resp.command;

/**
 * A command cannot be carried out; the message is the error reply, code first. Thrown before
 * anything was changed or answered. Part of normal service, therefore without a stack trace.
 */
public final class CommandError extends Exception {
  private static final long serialVersionUID = 1L;

  CommandError(String reply) {
    super(reply, null, false, false);
  }

  /** The text of the error reply. */
  public String reply() {
    return String.valueOf(getMessage());
  }

  static CommandError wrongType() {
    return new CommandError("WRONGTYPE Operation against a key holding the wrong kind of value");
  }

  static CommandError syntax() {
    return new CommandError("ERR syntax error");
  }

  static CommandError notAnInteger() {
    return new CommandError("ERR value is not an integer or out of range");
  }

  static CommandError wrongNumberOfArguments(String command) {
    return new CommandError("ERR wrong number of arguments for '" + command + "' command");
  }

  static CommandError invalidExpireTime(String command) {
    return new CommandError("ERR invalid expire time in '" + command + "' command");
  }
}
