package dev.reveille.io.process;

import static java.util.Objects.requireNonNull;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/**
 * {@code sun.misc.Signal}, by name: javac warns of each use of it in a way that nothing suppresses,
 * and the module that exports it may be absent at run time. Its objects are plain {@code Object}
 * here.
 */
final class SunSignals {
  private static final String ADVICE =
      "signals need module jdk.unsupported, which this JVM was started without; add --add-modules"
          + " jdk.unsupported to its options, or requires jdk.unsupported to your module";

  /** Looked for once, by the first who asks. */
  private static final class Holder {
    static final @Nullable SunSignals FOUND = find();

    private static @Nullable SunSignals find() {
      try {
        return new SunSignals(
            Class.forName("sun.misc.Signal"), Class.forName("sun.misc.SignalHandler"));
      } catch (ClassNotFoundException e) {
        return null; // get() says so
      } catch (NoSuchMethodException e) {
        throw new LinkageError("sun.misc.Signal is not what it was", e);
      }
    }
  }

  private final Class<?> signalType;
  private final Class<?> handlerType;
  private final Method handle;
  private final Method raise;

  private SunSignals(Class<?> signalType, Class<?> handlerType) throws NoSuchMethodException {
    this.signalType = signalType;
    this.handlerType = handlerType;
    this.handle = signalType.getMethod("handle", signalType, handlerType);
    this.raise = signalType.getMethod("raise", signalType);
  }

  static SunSignals get() {
    SunSignals found = Holder.FOUND;
    if (found == null) {
      throw new UnsupportedOperationException(ADVICE);
    }
    return found;
  }

  boolean isKnown(String name) {
    try {
      signal(name);
      return true;
    } catch (IllegalArgumentException e) {
      return false; // that is the answer
    }
  }

  /** Throws IllegalArgumentException if the platform does not know the name. */
  Object signal(String name) {
    try {
      return signalType.getConstructor(String.class).newInstance(name);
    } catch (InvocationTargetException e) {
      throw thrown(e, "SIG" + name + " is not known on this platform");
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("sun.misc.Signal is not what it was", e);
    }
  }

  /** A handler that runs an action. */
  Object handler(String name, Runnable action) {
    return Proxy.newProxyInstance(
        SunSignals.class.getClassLoader(),
        new Class<?>[] {handlerType},
        (proxy, method, arguments) ->
            switch (method.getName()) {
              case "equals" -> proxy == arguments[0];
              case "hashCode" -> System.identityHashCode(proxy);
              case "toString" -> name;
              default -> {
                action.run();
                yield null;
              }
            });
  }

  /** Returns what was installed before: the same object, if it came from {@link #handler}. */
  Object install(Object signal, Object handler) {
    return requireNonNull(
        call(handle, signal + " is kept by the JVM or by the system", signal, handler));
  }

  void raise(Object signal) {
    call(raise, signal + " can not be raised", signal);
  }

  /**
   * Whether a handler is native code, other than the system's default and "ignored". The JDK gives
   * it no other mark than the name of the class which the wrapper's text shows.
   */
  boolean isNative(Object handler) {
    return handler.toString().contains("NativeHandler");
  }

  private static @Nullable Object call(Method method, String refused, Object... arguments) {
    try {
      return method.invoke(null, arguments);
    } catch (InvocationTargetException e) {
      throw thrown(e, refused);
    } catch (IllegalAccessException e) {
      throw new LinkageError("sun.misc.Signal is not what it was", e);
    }
  }

  private static RuntimeException thrown(InvocationTargetException e, String refused) {
    Throwable cause = e.getCause();
    if (cause instanceof IllegalArgumentException) {
      return new IllegalArgumentException(refused + ": " + cause.getMessage(), cause);
    }
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException r ? r : new IllegalStateException(cause);
  }
}
