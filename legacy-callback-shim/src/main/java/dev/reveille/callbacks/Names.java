package dev.reveille.callbacks;

/** Names for commands, which have none: as the runtime makes them. */
final class Names {
  private Names() {}

  /** Its own text if it has one, else its class. */
  static String describe(Object command) {
    Class<?> type = command.getClass();
    String name = type.getName();
    if (type.isHidden() || type.isSynthetic()) {
      int lambda = name.indexOf("$$Lambda");
      String outer = lambda < 0 ? name : name.substring(0, lambda);
      return "lambda in " + outer.substring(outer.lastIndexOf('.') + 1);
    }
    try {
      String text = String.valueOf(command);
      return text.startsWith(name + "@") ? name.substring(name.lastIndexOf('.') + 1) : text;
    } catch (RuntimeException e) {
      // A name is wanted for a message about something else, and that matters more.
      return name + " (whose toString() throws " + e.getClass().getName() + ")";
    }
  }
}
