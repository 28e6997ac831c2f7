package dev.reveille.benchmarks.loop;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/** Virtual threads, by reflection: what compiles this knows the API of JDK 17. */
public final class VirtualThreads {
  /** The first release that has them. */
  public static final int FIRST_RELEASE = 21;

  /** Flags for a JVM that runs them on one carrier, as all have one loop. */
  public static final String ONE_CARRIER = "-Djdk.virtualThreadScheduler.parallelism=1";

  /** No second one to make up for a blocked one, either. */
  public static final String NO_SPARE_CARRIER = "-Djdk.virtualThreadScheduler.maxPoolSize=1";

  private static final @Nullable MethodHandle START = find();

  private VirtualThreads() {}

  private static @Nullable MethodHandle find() {
    try {
      return MethodHandles.publicLookup()
          .findStatic(
              Thread.class,
              "startVirtualThread",
              MethodType.methodType(Thread.class, Runnable.class));
    } catch (ReflectiveOperationException e) {
      return null;
    }
  }

  /**
   * {@code Thread.startVirtualThread}.
   *
   * @throws UnsupportedOperationException before JDK 21
   */
  public static Thread start(Runnable body) {
    MethodHandle start = START;
    if (start == null) {
      throw new UnsupportedOperationException(
          "JDK %s has no virtual threads".formatted(Runtime.version()));
    }
    try {
      return (Thread) start.invokeExact(body);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable t) {
      throw new AssertionError("not declared", t);
    }
  }
}
