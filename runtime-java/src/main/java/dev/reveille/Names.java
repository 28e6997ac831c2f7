package dev.reveille;

/**
 * How dumps and messages call something that was given no name. For adapters, which speak of the
 * things of others.
 *
 * <pre>{@code
 * throw new IllegalStateException("'" + Names.of(callback) + "' was called twice");
 * }</pre>
 *
 * <p><b>Threading.</b> Any thread; it calls {@code toString()} of what it is given.
 */
public final class Names {
  private Names() {}

  /**
   * Its own text if it has one, else its class; for a lambda, the class that it stands in. Never
   * throws: a name is wanted for a message about something else, and that matters more.
   *
   * @param something a pollable, a callback, a task
   * @return the name
   */
  public static String of(Object something) {
    Class<?> type = something.getClass();
    if (isLambda(type)) {
      return ofType(type);
    }
    try {
      String text = String.valueOf(something);
      return text.startsWith(type.getName() + "@") ? ofType(type) : text;
    } catch (Throwable e) { // said in the name
      return type.getName() + " (whose toString() throws " + e.getClass().getName() + ")";
    }
  }

  static String ofType(Class<?> type) {
    String name = type.getName();
    if (isLambda(type)) {
      int lambda = name.indexOf("$$Lambda");
      String outer = lambda < 0 ? name : name.substring(0, lambda);
      return "lambda in " + outer.substring(outer.lastIndexOf('.') + 1);
    }
    String simple = type.getSimpleName();
    return simple.isEmpty() ? name.substring(name.lastIndexOf('.') + 1) : simple;
  }

  private static boolean isLambda(Class<?> type) {
    return type.isHidden() || type.isSynthetic();
  }
}
