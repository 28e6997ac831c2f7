package dev.reveille.callback;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.sync.PollStream;
import java.lang.ref.Reference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The side of a stream that a callback holds: it is given elements, one call each, and at last,
 * perhaps, the end or a failure.
 *
 * <p>A feed with listeners, as a stream:
 *
 * <pre>{@code
 * PollStream<Price> prices =
 *     Emitter.stream(
 *         "prices of " + share,
 *         Overflow.dropOldest(100), // if who polls is slow
 *         emitter -> {
 *           Feed.Listener listener = emitter::next; // comes on threads of the feed
 *           feed.addListener(share, listener);
 *           return () -> feed.removeListener(share, listener);
 *         });
 * }</pre>
 *
 * <p>Several lambdas make one listener of several methods: {@code emitter::next}, {@code
 * emitter::fail} and {@code emitter::complete} are what an observer consists of.
 *
 * <p><b>Threading.</b> All methods may be called by any thread, under locks of the caller, before
 * the registration has returned, within one another, after the end and twice. They store and wake;
 * they run no user code and do not throw, but for {@link NullPointerException} if an element or a
 * cause is missing; and they do not wait, but for {@link Overflow#block}. Elements of one thread
 * keep their order; those of several stand in the order in which they came. <b>Memory effects.</b>
 * Actions before {@code next}, {@code complete} and {@code fail} happen-before the poll that
 * returns the element or the end, or the disposal of the element.
 *
 * <p><b>Loss.</b> When nobody holds the emitter any more and it did not say how it ends, the stream
 * fails with a {@link LostCallbackException}, after the elements that came before. For that the
 * legacy side must be the only one to hold it: the stream does not, but it does hold the action
 * that takes the listener back, and what that refers to.
 *
 * @param <T> the type of the elements
 */
public final class Emitter<T> {
  /** Final, and made here: an emitter may be handed to a thread without any synchronization. */
  final Emissions<T> emissions;

  /** In the first poll. */
  @SuppressWarnings("this-escape") // it is only kept, as a phantom
  Emitter(EmitterStream<T> stream, Context cx) {
    emissions =
        stream.overflow.keepsNewest()
            ? new NewestEmissions<>(this, stream, cx)
            : new LinkedEmissions<>(this, stream, cx);
  }

  /**
   * A stream of what a callback brings. Elements that are dropped are left to the garbage
   * collector.
   *
   * @param <T> the type of the elements
   * @param name what it brings; dumps and messages show it
   * @param overflow what to do when elements come faster than they are polled for
   * @param registrar registers the callback
   * @return a new stream: see {@link #stream(String, Overflow, Consumer, Registrar)}
   */
  public static <T> PollStream<T> stream(String name, Overflow overflow, Registrar<T> registrar) {
    return new EmitterStream<>(name, overflow, null, registrar);
  }

  /**
   * A stream of what a callback brings, and a disposer for what is lost on the way.
   *
   * <p>The first poll registers, on the loop. Ready with the elements in the order in which they
   * came, and then at the end, or it throws what {@link #fail} was given or the registrar threw,
   * {@link OverflowException} or {@link LostCallbackException}. Pending while there is nothing;
   * {@link #next} wakes, once for each sleep, from whatever thread it comes, and so do {@link
   * #complete} and {@link #fail}. When the stream has ended, has failed or was cancelled, the
   * listener is taken back, once; {@code cancel()} before the first poll means that it is never
   * registered.
   *
   * @param <T> the type of the elements
   * @param name what it brings; dumps and messages show it
   * @param overflow what to do when elements come faster than they are polled for
   * @param onDrop disposes of each element that was given to {@link #next} and that the stream does
   *     not give: there was no room, the stream had ended, or it was cancelled with the element in
   *     its buffer. Runs once for each, on the loop, also while it drains; if the dispatcher is
   *     closed, on the thread that closed it or that emits. What it throws goes to the uncaught
   *     handler or, from a thread that emits, to the log. Elements wait for it without a bound
   * @param registrar registers the callback
   * @return a new stream
   */
  public static <T> PollStream<T> stream(
      String name, Overflow overflow, Consumer<? super T> onDrop, Registrar<T> registrar) {
    return new EmitterStream<>(name, overflow, requireNonNull(onDrop, "onDrop"), registrar);
  }

  /**
   * Gives the stream an element.
   *
   * @param element the element, not null
   * @return what became of it
   * @throws IllegalStateException on the thread of a loop, with {@link Overflow#block}
   */
  public EmitResult next(T element) {
    try {
      return emissions.next(requireNonNull(element, "element"));
    } finally {
      Reference.reachabilityFence(this); // it is not lost while it emits
    }
  }

  /**
   * Ends the stream, after the elements that came before.
   *
   * @return false if it was too late: ended before, failed, or cancelled
   */
  public boolean complete() {
    return terminate(null);
  }

  /**
   * Fails the stream, after the elements that came before.
   *
   * @param cause what the poll will throw
   * @return false if it was too late: ended before, failed, or cancelled; then the cause is not
   *     used
   */
  public boolean fail(Throwable cause) {
    return terminate(requireNonNull(cause, "cause"));
  }

  private boolean terminate(@Nullable Throwable cause) {
    try {
      return emissions.terminate(cause);
    } finally {
      Reference.reachabilityFence(this); // it is not lost while it says how it ends
    }
  }

  /**
   * Whether the stream takes no more elements.
   *
   * @return true if it was ended or failed from here, overflowed, or was cancelled
   */
  public boolean isTerminated() {
    return emissions.isTerminated();
  }

  /**
   * The name.
   *
   * @return what the stream brings
   */
  public String name() {
    return emissions.name;
  }

  @Override
  public String toString() {
    return "Emitter['" + emissions.name + (isTerminated() ? "', terminated]" : "']");
  }
}
