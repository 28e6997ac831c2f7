package dev.reveille.callbacks;

import dev.reveille.callback.Emitter;

/**
 * Sets a one-shot watch, which is gone when it has fired, and has to be set again. See {@link
 * Callbacks#watch}.
 *
 * <p>The state of a node of a tree that tells once that it has changed:
 *
 * <pre>{@code
 * Watch<String> watch =
 *     (emitter, fired) -> {
 *       Tree.Watcher watcher = event -> fired.run();
 *       tree.getData("/node", watcher, emitter::next); // sets the watch, and reads behind it
 *       return () -> tree.removeWatch("/node", watcher);
 *     };
 * }</pre>
 *
 * @param <T> the type of the elements
 */
@FunctionalInterface
public interface Watch<T> {

  /**
   * Sets the watch once. Called on the loop, in a poll of the stream: in the first one, and again
   * in the next one after it has fired. Changes that come before it is set again are not told, so
   * what it gives should be the state, read after it was set, rather than the change.
   *
   * @param emitter takes what is to be told, from any thread: one and the same each time
   * @param fired says that this watch is gone, from any thread; only its first call counts
   * @return withdraws this watch: called on the loop when the stream has ended, has failed or was
   *     cancelled, if the watch has not fired by then; not null
   * @throws Exception fails the stream as {@link Emitter#fail} would
   */
  AutoCloseable set(Emitter<T> emitter, Runnable fired) throws Exception;
}
