package dev.reveille.io.process;

import static java.util.Objects.requireNonNull;

import dev.reveille.Dispatcher;
import dev.reveille.sync.PollStream;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Signals of the operating system as streams.
 *
 * <p>A task that lives until somebody presses Ctrl-C or a supervisor asks for the end:
 *
 * <pre>{@code
 * PollStream<Signal> ends = Signals.on(dispatcher, Signal.SIGINT, Signal.SIGTERM);
 * JoinHandle<Complete> farewell =
 *     dispatcher.spawn(
 *         "farewell",
 *         ends.take(1).forEach(signal -> log.add("good-bye, because of " + signal)));
 * }</pre>
 *
 * <p><b>Whose signal it is.</b> From the moment that {@code on} returns, a signal of these kinds no
 * longer does what it did before: one that asks the process to end does not end it any more. It
 * goes to every stream of its kind, on whatever dispatcher. When the last of them was cancelled,
 * the handler that was there before is put back, or is left in place if other code of this process
 * has put its own there meanwhile. A stream is cancelled by its owner, by the end of the task that
 * polls it, or by the close of its dispatcher; a signal that it had then and that nobody had taken
 * goes with it.
 *
 * <p><b>Coalescing.</b> Operating systems do not count signals, and neither does a stream: it keeps
 * one of each kind. A burst is one element or more, and there is at least one after the last signal
 * of it. So the memory is bounded, however slow the consumer. Of several kinds the order of arrival
 * is not kept: those that are there together come in the order in which they were asked for, each
 * of them before any comes again.
 *
 * <p><b>What the platform says.</b> The JVM keeps some for itself ({@code QUIT}, with which it
 * dumps its threads; {@code SEGV} and its like; {@code USR2} on Linux), and with {@code -Xrs} also
 * {@code INT}, {@code TERM} and {@code HUP}; the system gives nobody {@code KILL} and {@code STOP}.
 * A process that was started with {@code INT}, {@code TERM} or {@code HUP} ignored, as by {@code
 * nohup}, goes on ignoring it: the stream then stays silent. The JVM has signals in {@code
 * sun.misc.Signal}, of the module {@code jdk.unsupported}; a program on the module path resolves it
 * with {@code --add-modules jdk.unsupported}, or with a {@code requires} of its own.
 *
 * <p>The threads on which the JVM brings signals store them and wake; no user code runs there.
 */
public final class Signals {

  private Signals() {}

  /**
   * Takes these signals over. The stream gives them until it is cancelled; it has no end of its
   * own. It is Ready with a signal that came since the last one of its kind was given, pending
   * until then, and the JVM's handler wakes. It throws nothing. Any thread may make it.
   *
   * <p>Waiting for a signal is no work in flight: a {@link dev.reveille.MockTime} moves on.
   *
   * @param dispatcher the dispatcher on whose loop it is polled, and with whose close it ends
   * @param signals the kinds
   * @return a new stream; cancel it, or let a task that polls it end, to give the signals back
   * @throws IllegalArgumentException if there is none, or more than 64, or if one is unknown here
   *     or kept by the JVM or the system; then none was taken over
   * @throws IllegalStateException if the dispatcher is closed
   * @throws UnsupportedOperationException if this JVM was started without module {@code
   *     jdk.unsupported}
   */
  public static PollStream<Signal> on(Dispatcher dispatcher, Signal... signals) {
    requireNonNull(dispatcher, "dispatcher");
    Set<Signal> kinds = new LinkedHashSet<>(List.of(signals));
    if (kinds.isEmpty() || kinds.size() > Long.SIZE) {
      throw new IllegalArgumentException(
          "a stream of " + kinds.size() + " kinds of signals; name 1 to " + Long.SIZE);
    }
    return SignalStream.open(dispatcher, List.copyOf(kinds));
  }

  /**
   * Whether the platform has a signal of this name. It may still be one that the JVM keeps.
   *
   * @param signal the signal
   * @return false if it is unknown here
   * @throws UnsupportedOperationException as {@link #on}
   */
  public static boolean isKnown(Signal signal) {
    return SunSignals.get().isKnown(requireNonNull(signal, "signal").name());
  }
}
