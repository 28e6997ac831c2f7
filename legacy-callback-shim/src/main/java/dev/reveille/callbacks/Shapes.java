package dev.reveille.callbacks;

import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.callback.Completer;
import java.util.concurrent.CancellationException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The shapes that single-shot callbacks have on the JVM, on a {@link Completer}. Where a callback
 * is of an interface of its own, a lambda or a method reference passes its arguments on:
 *
 * <table>
 * <caption>Who calls back how, and what takes it (c is the completer)</caption>
 * <tr><th>callback</th><th>adapter</th></tr>
 * <tr><td>NIO.2 {@code CompletionHandler}, with whatever attachment</td>
 * <td>{@link Callbacks#handler Callbacks.handler(c)}</td></tr>
 * <tr><td>two methods: Jetty {@code Callback}, Guava {@code FutureCallback}</td>
 * <td>{@code Callback.from(asRunnable(c), failure(c)::accept)}</td></tr>
 * <tr><td>three methods: HttpCore {@code FutureCallback}</td>
 * <td>{@code completed(v)}: {@link #success success(c)}{@code .accept(v)}; {@code failed(e)}:
 * {@link #failure failure(c)}{@code .accept(e)}; {@code cancelled()}: {@code c.cancelled()}</td></tr>
 * <tr><td>two methods, the call first: OkHttp {@code Callback}</td>
 * <td>{@code onResponse(call, r)}: {@code success(c).accept(r)}; {@code onFailure(call, e)}: {@code
 * failure(c).accept(e)}</td></tr>
 * <tr><td>value and error: Kafka {@code Callback}, {@code BiConsumer}</td>
 * <td>{@link #asBiConsumer asBiConsumer(c)}{@code ::accept}</td></tr>
 * <tr><td>error and value, as in Node</td><td>{@link #asErrorFirst asErrorFirst(c)}</td></tr>
 * <tr><td>return code: ZooKeeper {@code AsyncCallback}</td>
 * <td>{@code (rc, path, ctx, data, stat) ->} {@link #rc rc(c, failures)}{@code .accept(rc, data)}
 * </td></tr>
 * <tr><td>result object: Vert.x {@code AsyncResult}</td>
 * <td>{@code r ->} {@link #fromResult fromResult(c, r, AsyncResult::failed, AsyncResult::result,
 * AsyncResult::cause)}</td></tr>
 * <tr><td>result object: Jetty {@code Result}</td>
 * <td>{@code r -> fromResult(c, r, Result::isFailed, Result::getResponse, Result::getFailure)}</td>
 * </tr>
 * <tr><td>the future itself: Netty {@code GenericFutureListener}</td>
 * <td>{@code f -> fromResult(c, f, x -> !x.isSuccess(), Future::getNow, Future::cause)}</td></tr>
 * <tr><td>a value only: {@code Consumer}, {@code Handler}</td>
 * <td>{@link #success success(c)}{@code ::accept}</td></tr>
 * <tr><td>a signal only: {@code Runnable}</td><td>{@link #asRunnable asRunnable(c)}</td></tr>
 * <tr><td>any of them, and the call returns what cancels it: HttpClient5</td>
 * <td>{@link Callbacks#callWithHandle(String, HandleInitiator, Consumer)
 * Callbacks.callWithHandle}</td></tr>
 * <tr><td>none yet: the call returns a future that takes listeners</td>
 * <td>{@link Callbacks#fromStage(java.util.concurrent.CompletionStage) Callbacks.fromStage}, {@link
 * Callbacks#fromListenable(java.util.concurrent.Future, BiConsumer) fromListenable}</td></tr>
 * <tr><td>one that has to answer before it returns: a veto</td>
 * <td>{@link BlockingPortal}</td></tr>
 * </table>
 *
 * <p>A producer that calls back with metadata <em>and</em> an error, the metadata being there also
 * when it failed:
 *
 * <pre>{@code
 * Pollable<Metadata> sent =
 *     Callbacks.call(
 *         "send", completer -> producer.send(letter, Shapes.asBiConsumer(completer)::accept));
 * }</pre>
 *
 * <p><b>What they have in common.</b> The error decides, never the value: an error that is there is
 * the failure, whatever else came, and a null without an error is the value. A failure without a
 * cause is an {@link IllegalStateException}. A {@link CancellationException} is the legacy side's
 * word that it was cancelled: {@link Completer#cancelled}. The first call counts; later ones are
 * misuse, which the completer records.
 *
 * <p><b>Threading.</b> Made and called by any thread, also before the initiating call has returned,
 * and under locks. They store and wake, and throw nothing but for {@link
 * dev.reveille.callback.MisusePolicy#THROW}; the functions that some of them take run in the
 * callback, on its thread, and should only read what they are given. What these throw fails the
 * operation, and not the one who calls back. <b>Memory effects.</b> Actions before the callback
 * happen-before the poll that returns its result.
 */
public final class Shapes {
  private Shapes() {}

  // ------------------------------------------------------------------ one method for each outcome

  /**
   * The method, or the whole callback, that brings the value.
   *
   * @param <T> the type of the value
   * @param completer what it completes
   * @return a consumer of the value
   */
  public static <T extends @Nullable Object> Consumer<T> success(Completer<? super T> completer) {
    requireNonNull(completer, "completer");
    return completer::complete;
  }

  /**
   * The method that brings the failure.
   *
   * @param completer what it fails
   * @return a consumer of the cause
   */
  public static Consumer<@Nullable Throwable> failure(Completer<?> completer) {
    requireNonNull(completer, "completer");
    return cause -> fail(completer, cause);
  }

  /**
   * The callback that is only a signal.
   *
   * @param completer what it completes
   * @return completes it with {@link Complete#COMPLETE}
   */
  public static Runnable asRunnable(Completer<? super Complete> completer) {
    return asRunnable(completer, Complete.COMPLETE);
  }

  /**
   * The callback that is only a signal, for a value that is known before.
   *
   * @param <T> the type of the value
   * @param completer what it completes
   * @param value the value
   * @return completes it with the value
   */
  public static <T extends @Nullable Object> Runnable asRunnable(
      Completer<? super T> completer, T value) {
    requireNonNull(completer, "completer");
    return () -> completer.complete(value);
  }

  // ------------------------------------------------------------------ one method for both

  /**
   * The callback that gets the value, then the error, of which one is null, as a rule.
   *
   * @param <T> the type of the value
   * @param <X> the type of the errors
   * @param completer what it completes
   * @return a consumer of both
   */
  public static <T extends @Nullable Object, X extends Throwable>
      BiConsumer<T, @Nullable X> asBiConsumer(Completer<? super T> completer) {
    requireNonNull(completer, "completer");
    return (value, error) -> {
      if (error == null) {
        completer.complete(value);
      } else {
        fail(completer, error);
      }
    };
  }

  /**
   * The callback that gets the error, then the value.
   *
   * @param <X> the type of the errors
   * @param <T> the type of the value
   * @param completer what it completes
   * @return a consumer of both
   */
  public static <X extends Throwable, T extends @Nullable Object>
      BiConsumer<@Nullable X, T> asErrorFirst(Completer<? super T> completer) {
    requireNonNull(completer, "completer");
    return (error, value) -> {
      if (error == null) {
        completer.complete(value);
      } else {
        fail(completer, error);
      }
    };
  }

  /**
   * The callback that gets a return code, and values if that is a good one.
   *
   * @param <T> the type of the value
   * @param completer what it completes
   * @param failure the exception that a code stands for; null for those that say "succeeded"
   * @return what the callback passes the code and the value on to
   */
  public static <T extends @Nullable Object> RcCallback<T> rc(
      Completer<? super T> completer, IntFunction<? extends @Nullable Throwable> failure) {
    return new RcCallback<>(completer, failure);
  }

  /**
   * What a callback does that gets an object with the outcome in it: a result, an event, or the
   * future that it was registered with.
   *
   * @param <R> the type of the object
   * @param <T> the type of the value
   * @param completer what to complete
   * @param result the object
   * @param failed whether it has an error in it
   * @param value takes the value out; not called if it has an error
   * @param cause takes the error out; not called if it has none
   */
  public static <R extends @Nullable Object, T extends @Nullable Object> void fromResult(
      Completer<? super T> completer,
      R result,
      Predicate<? super R> failed,
      Function<? super R, ? extends T> value,
      Function<? super R, ? extends @Nullable Throwable> cause) {
    Throwable failure = failureIn(requireNonNull(completer, "completer"), result, failed, cause);
    if (failure != null) {
      fail(completer, failure);
      return;
    }
    T taken;
    try {
      taken = value.apply(result);
    } catch (Throwable t) { // not swallowed: it is the outcome
      fail(completer, t);
      return;
    }
    completer.complete(taken);
  }

  private static <R extends @Nullable Object> @Nullable Throwable failureIn(
      Completer<?> completer,
      R result,
      Predicate<? super R> failed,
      Function<? super R, ? extends @Nullable Throwable> cause) {
    try {
      if (!failed.test(result)) {
        return null;
      }
      Throwable failure = cause.apply(result);
      return failure == null ? noCause(completer) : failure;
    } catch (Throwable t) { // not swallowed: it is the outcome
      return t;
    }
  }

  // ------------------------------------------------------------------ for all of them

  /** A failure as the legacy side tells it. */
  static void fail(Completer<?> completer, @Nullable Throwable cause) {
    if (cause instanceof CancellationException) {
      completer.cancelled();
    } else {
      completer.fail(cause == null ? noCause(completer) : cause);
    }
  }

  private static IllegalStateException noCause(Completer<?> completer) {
    return new IllegalStateException(
        "the callback of '" + completer.name() + "' said that it failed, and gave no cause");
  }
}
