package dev.reveille.callback;

import org.jspecify.annotations.Nullable;

/**
 * Begins an operation of a callback API and sees to it that its callback completes the completer.
 *
 * <p>A read of an {@code AsynchronousFileChannel}:
 *
 * <pre>{@code
 * Initiator<Integer> read =
 *     completer ->
 *         file.read(
 *             buffer,
 *             0,
 *             completer,
 *             new CompletionHandler<Integer, Completer<Integer>>() {
 *               @Override
 *               public void completed(Integer bytes, Completer<Integer> waiting) {
 *                 waiting.complete(bytes);
 *               }
 *
 *               @Override
 *               public void failed(Throwable cause, Completer<Integer> waiting) {
 *                 waiting.fail(cause);
 *               }
 *             });
 * Pollable<Integer> bytes = Completer.pollable("read of a file", read);
 * }</pre>
 *
 * @param <T> the type of the result
 */
@FunctionalInterface
public interface Initiator<T extends @Nullable Object> {

  /**
   * Begins the operation. Called once, on the loop, in the first poll of the one who waits.
   *
   * @param completer to be completed once, by any thread, also before this method returns
   * @throws Exception fails the operation as an error callback would
   */
  void start(Completer<T> completer) throws Exception;
}
