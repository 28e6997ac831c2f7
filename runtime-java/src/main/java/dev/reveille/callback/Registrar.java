package dev.reveille.callback;

/**
 * Registers a listener that gives what it hears to an emitter, and says how to take it back.
 *
 * <p>A {@code PropertyChangeSupport}:
 *
 * <pre>{@code
 * Registrar<Object> registrar =
 *     emitter -> {
 *       PropertyChangeListener listener = event -> emitter.next(event.getNewValue());
 *       bean.addPropertyChangeListener("speed", listener);
 *       return () -> bean.removePropertyChangeListener("speed", listener);
 *     };
 * PollStream<Object> speeds = Emitter.stream("speed", Overflow.latest(), registrar);
 * }</pre>
 *
 * @param <T> the type of the elements
 */
@FunctionalInterface
public interface Registrar<T> {

  /**
   * Registers. Called once, on the loop, in the first poll of the stream.
   *
   * @param emitter takes what the listener hears, from any thread, also before this method returns
   * @return takes the listener back: called once, on the loop, when the stream has ended, has
   *     failed or was cancelled, whoever ended it, and also if that was before this method
   *     returned. Not null: a listener that nobody takes back is a leak; {@code () -> {}} if there
   *     really is nothing to do
   * @throws Exception fails the stream as {@link Emitter#fail} would; then nothing is taken back
   */
  AutoCloseable register(Emitter<T> emitter) throws Exception;
}
