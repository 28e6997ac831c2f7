package dev.reveille.callback;

import static java.util.Objects.requireNonNull;

import dev.reveille.Nanos;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a bridged call can be given beside its name and its initiator. Immutable: each method
 * returns a copy. One instance serves any number of calls, so it is best kept in a constant.
 *
 * <pre>{@code
 * static final CallOptions<Session> CONNECT =
 *     CallOptions.<Session>defaults().closeLateValues().withTimeout(Duration.ofSeconds(5));
 *
 * Pollable<Session> connect() {
 *   return Completer.pollable("connect", CONNECT, completer -> client.connect(completer::complete));
 * }
 * }</pre>
 *
 * @param <T> the type of the result
 */
public final class CallOptions<T extends @Nullable Object> {
  private static final CallOptions<@Nullable Object> DEFAULTS =
      new CallOptions<>(null, CancelMode.ABANDON, Nanos.NEVER, MisusePolicy.RECORD);

  /** Null if late values are dropped. */
  final @Nullable Consumer<? super T> lateValues;

  final CancelMode cancelMode;

  /** Nanoseconds; {@link Nanos#NEVER} for none. */
  final long timeout;

  final MisusePolicy misusePolicy;

  private CallOptions(
      @Nullable Consumer<? super T> lateValues,
      CancelMode cancelMode,
      long timeout,
      MisusePolicy misusePolicy) {
    this.lateValues = lateValues;
    this.cancelMode = cancelMode;
    this.timeout = timeout;
    this.misusePolicy = misusePolicy;
  }

  /**
   * Late values are dropped, {@link CancelMode#ABANDON}, no time-out, {@link MisusePolicy#RECORD}.
   *
   * @param <T> the type of the result
   * @return the shared instance
   */
  @SuppressWarnings("unchecked") // it holds no T
  public static <T extends @Nullable Object> CallOptions<T> defaults() {
    return (CallOptions<T>) DEFAULTS;
  }

  /**
   * Disposes of values that nobody waits for any more: those that come after the one who waited has
   * given up, and one that came and was not polled for yet.
   *
   * <p>Called once for each such value, never with null, of which there is nothing to dispose; on
   * the loop, also while it drains; if the dispatcher is closed, on the thread that closed it or
   * that completes. What it throws goes to the uncaught handler or, from the thread that completes,
   * to the log.
   *
   * @param disposer takes the values
   * @return the options
   */
  public CallOptions<T> onLateValue(Consumer<? super T> disposer) {
    return new CallOptions<>(
        requireNonNull(disposer, "disposer"), cancelMode, timeout, misusePolicy);
  }

  /**
   * {@link #onLateValue} that closes those that are {@link AutoCloseable}. The others are dropped.
   *
   * @return the options
   */
  public CallOptions<T> closeLateValues() {
    return new CallOptions<>(CallOptions::close, cancelMode, timeout, misusePolicy);
  }

  /**
   * What giving up means while the callback is still to come.
   *
   * @param mode ABANDON or AWAIT_CALLBACK
   * @return the options
   */
  public CallOptions<T> withCancelMode(CancelMode mode) {
    return new CallOptions<>(lateValues, requireNonNull(mode, "mode"), timeout, misusePolicy);
  }

  /**
   * How long the call may take, from its first poll on, on the clock of its dispatcher. When the
   * time is over the call is cancelled as {@code cancel()} would, and fails with {@link
   * java.util.concurrent.TimeoutException}; with {@link CancelMode#AWAIT_CALLBACK} it fails with
   * that after the callback has come, and not at all if it brings a value. A value that is there in
   * the poll in which the time is over wins.
   *
   * @param duration how long; too long for a {@code long} of nanoseconds means no time-out
   * @return the options
   * @throws IllegalArgumentException if the duration is zero or negative
   */
  public CallOptions<T> withTimeout(Duration duration) {
    if (duration.isZero() || duration.isNegative()) {
      throw new IllegalArgumentException("a time-out has to be above zero: " + duration);
    }
    return new CallOptions<>(lateValues, cancelMode, Nanos.of(duration), misusePolicy);
  }

  /**
   * What happens when the legacy side completes what is complete.
   *
   * @param policy RECORD, THROW or IGNORE
   * @return the options
   */
  public CallOptions<T> withMisusePolicy(MisusePolicy policy) {
    return new CallOptions<>(lateValues, cancelMode, timeout, requireNonNull(policy, "policy"));
  }

  /**
   * What gets late values: for adapters, on whose way a value can still be lost.
   *
   * @return the disposer; null if late values are dropped
   */
  public @Nullable Consumer<? super T> lateValueDisposer() {
    return lateValues;
  }

  private static void close(@Nullable Object value) {
    if (value instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception e) {
        CallOptions.<RuntimeException>rethrow(e);
      }
    }
  }

  /** As it is, so that the uncaught handler gets what was thrown and not a wrapper. */
  @SuppressWarnings("unchecked") // that is the trick
  private static <X extends Exception> void rethrow(Exception e) throws X {
    throw (X) e;
  }

  @Override
  public String toString() {
    return "CallOptions["
        + (lateValues == null ? "late values dropped" : "late values disposed of")
        + ", "
        + cancelMode
        + (timeout == Nanos.NEVER ? "" : ", time-out " + Duration.ofNanos(timeout))
        + ", "
        + misusePolicy
        + "]";
  }
}
