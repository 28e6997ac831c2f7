package dev.reveille.callbacks;

import static java.util.Objects.requireNonNull;

import dev.reveille.callback.Completer;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a callback with a return code passes its arguments on to; made by {@link Shapes#rc}.
 *
 * <p>The code decides. The values that come with one that says "failed" are not looked at: as a
 * rule they are null.
 *
 * <p><b>Threading.</b> Any thread; nothing here blocks, or throws but for {@link
 * dev.reveille.callback.MisusePolicy#THROW}. <b>Memory effects.</b> Actions before {@link #accept}
 * happen-before the poll that returns the value.
 *
 * <p>A callback with several values, of which a record is made:
 *
 * <pre>{@code
 * Pollable<Node> node =
 *     Callbacks.call(
 *         "node",
 *         completer -> {
 *           RcCallback<Node> answer = Shapes.rc(completer, KeeperFailure::of); // null for 0
 *           keeper.getData(
 *               "/config",
 *               (rc, path, ctx, data, version) ->
 *                   answer.acceptFrom(rc, () -> new Node(data, version)),
 *               null);
 *         });
 * }</pre>
 *
 * @param <T> the type of the value
 */
public final class RcCallback<T extends @Nullable Object> {
  private final Completer<? super T> completer;
  private final IntFunction<? extends @Nullable Throwable> failure;

  RcCallback(Completer<? super T> completer, IntFunction<? extends @Nullable Throwable> failure) {
    this.completer = requireNonNull(completer, "completer");
    this.failure = requireNonNull(failure, "failure");
  }

  /**
   * Ends the operation with a value, or with the failure that the code stands for.
   *
   * @param rc the return code
   * @param value the value; not looked at if the code says "failed"
   */
  public void accept(int rc, T value) {
    Throwable cause = causeOf(rc);
    if (cause == null) {
      completer.complete(value);
    } else {
      Shapes.fail(completer, cause);
    }
  }

  /**
   * Ends the operation with a value that is made of several, or with the failure that the code
   * stands for.
   *
   * @param rc the return code
   * @param value makes the value, here and now; not called if the code says "failed"; what it
   *     throws is the failure
   */
  public void acceptFrom(int rc, Supplier<? extends T> value) {
    Throwable cause = causeOf(rc);
    if (cause != null) {
      Shapes.fail(completer, cause);
      return;
    }
    T made;
    try {
      made = value.get();
    } catch (Throwable t) { // not swallowed: it is the outcome
      Shapes.fail(completer, t);
      return;
    }
    completer.complete(made);
  }

  private @Nullable Throwable causeOf(int rc) {
    try {
      return failure.apply(rc);
    } catch (Throwable t) { // not swallowed: it is the outcome
      return t;
    }
  }
}
