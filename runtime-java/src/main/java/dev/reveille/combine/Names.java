package dev.reveille.combine;

/** Names for messages and dumps. */
final class Names {
  private Names() {}

  /** The text of something that has one of its own, else its class. */
  static String of(Object something) {
    Class<?> type = something.getClass();
    String name = type.getName();
    if (type.isHidden() || type.isSynthetic()) {
      int lambda = name.indexOf("$$Lambda");
      String outer = lambda < 0 ? name : name.substring(0, lambda);
      return "lambda in " + outer.substring(outer.lastIndexOf('.') + 1);
    }
    try {
      String text = String.valueOf(something);
      return text.startsWith(name + "@") ? name.substring(name.lastIndexOf('.') + 1) : text;
    } catch (Throwable e) {
      // Whatever it is: a name is wanted for a message about something else, and that matters more.
      return name + " (whose toString() throws " + e.getClass().getName() + ")";
    }
  }
}
