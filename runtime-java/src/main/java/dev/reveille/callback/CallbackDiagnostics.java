package dev.reveille.callback;

import static java.util.Objects.requireNonNull;

import dev.reveille.BlockOwner;
import dev.reveille.Dispatcher;
import java.lang.System.Logger;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a dispatcher finds out about the callbacks that are bridged on it, and who is told.
 *
 * <p><b>Misuse.</b> A call that is completed twice, that is completed before its initiator throws,
 * or whose completer becomes garbage, is counted for its name, told to the {@linkplain #ledger
 * sink}, and logged to the logger {@code dev.reveille.callback} at WARNING: the first time, the
 * second, the fourth, the eighth, so that a broken library does not fill the log.
 *
 * <p><b>Sites.</b> A stack costs some 10 microseconds, about a hundred times the rest of a call. So
 * the stack of a second completion is taken when it happens, but that of the first only for a name
 * that was completed twice before: the first report of a name says where the second one came from,
 * those that follow name both. {@link #captureStacks} takes all of them from the beginning, and
 * also where the call was begun.
 *
 * <pre>{@code
 * CallbackDiagnostics diagnostics = CallbackDiagnostics.of(dispatcher);
 * diagnostics.captureStacks(true); // while a library is looked into
 * diagnostics.ledger((loop, name) -> entryOf(name));
 * }</pre>
 *
 * <p><b>Threading.</b> All methods may be called by any thread. What is set holds for calls whose
 * first poll comes after it.
 */
public final class CallbackDiagnostics {
  private static final Logger LOGGER = System.getLogger("dev.reveille.callback");

  /** Names that are counted one by one. More than that are not constants; they share a count. */
  private static final int MAX_NAMES = 1_000;

  private static final String OTHERS = "(other names)";

  /**
   * Whether any dispatcher ever had a sink, stacks to capture or a suspect. Until then a call need
   * not find its dispatcher's diagnostics, which takes longer than all else in its first poll.
   * Volatile: only ever set, after what it stands for.
   */
  private static volatile boolean curious;

  final Dispatcher dispatcher;
  private final LateValues lateValues = new LateValues();

  /** Volatile: set by any thread, read once by each call, in its first poll. */
  private volatile @Nullable LedgerSink ledger;

  /** Volatile: as the ledger. */
  private volatile boolean captureStacks;

  private final ConcurrentHashMap<String, AtomicLong> misuses = new ConcurrentHashMap<>();

  /** Names that were completed twice: their first completions leave their site from then on. */
  private final Set<String> doubled = ConcurrentHashMap.newKeySet();

  private CallbackDiagnostics(Dispatcher dispatcher) {
    this.dispatcher = dispatcher;
  }

  /**
   * Those of a dispatcher.
   *
   * @param dispatcher the loop on which calls are polled
   * @return one and the same for one dispatcher
   */
  public static CallbackDiagnostics of(Dispatcher dispatcher) {
    return dispatcher.service(CallbackDiagnostics.class, CallbackDiagnostics::new);
  }

  /**
   * Sets who hears what becomes of calls and streams. Those that are under way stay with the one
   * with which they began.
   *
   * @param sink hears; null for nobody, which costs nothing
   */
  public void ledger(@Nullable LedgerSink sink) {
    ledger = sink;
    curious = true;
  }

  /**
   * Who hears what becomes of calls and streams.
   *
   * @return the sink, or null
   */
  public @Nullable LedgerSink ledger() {
    return ledger;
  }

  /**
   * Sets whether each call keeps the stack in which it was begun, and that of its completion.
   *
   * @param all true while something is looked into; false, the default, in production
   */
  public void captureStacks(boolean all) {
    captureStacks = all;
    curious = true;
  }

  /**
   * Whether each call keeps its stacks.
   *
   * @return what was set
   */
  public boolean capturesStacks() {
    return captureStacks;
  }

  /**
   * How often calls and streams of a name broke the rules.
   *
   * @param name the call-site name
   * @return the count since the dispatcher was made; after a thousand different names, new ones are
   *     counted as one
   */
  public long misuses(String name) {
    AtomicLong count = misuses.get(requireNonNull(name, "name"));
    return count == null ? 0 : count.get();
  }

  @Override
  public String toString() {
    return "CallbackDiagnostics[" + dispatcher.name() + "]";
  }

  // ------------------------------------------------------------------ for calls and streams

  /** Whether a call without options has to keep more than its word. */
  static boolean wantsDetails(Dispatcher dispatcher, String name) {
    return curious && of(dispatcher).wantsDetails(name);
  }

  private boolean wantsDetails(String name) {
    return ledger != null || captureStacks || suspects(name);
  }

  /** Whether first completions of a name leave their site, though not all do. */
  boolean suspects(String name) {
    return !doubled.isEmpty() && doubled.contains(name);
  }

  /** Counts, tells and logs. Any thread. */
  void report(CallbackMisuse misuse, LedgerSink.@Nullable Entry entry, boolean quietly) {
    String key =
        misuses.containsKey(misuse.name()) || misuses.size() < MAX_NAMES ? misuse.name() : OTHERS;
    long count = misuses.computeIfAbsent(key, name -> new AtomicLong()).incrementAndGet();
    if (misuse.kind() == CallbackMisuse.Kind.DOUBLE_COMPLETION && doubled.size() < MAX_NAMES) {
      doubled.add(misuse.name());
      curious = true;
    }
    if (!quietly && Long.bitCount(count) == 1) { // 1, 2, 4, 8, …
      LOGGER.log(
          Logger.Level.WARNING,
          misuse.message() + (count == 1 ? "" : " (" + count + " reports of this name by now)"),
          misuse.toThrowable());
    }
    if (entry != null) {
      entry.misused(misuse);
    }
  }

  /** Any thread. Throws what the disposer throws, if it had to be called here. */
  <V> void dispose(String operation, Consumer<? super V> disposer, V value) {
    LateValue<V> late = new LateValue<>(operation, disposer, value);
    try {
      dispatcher.post(lateValues, late);
    } catch (RejectedExecutionException e) {
      late.run(); // nobody runs the loop any more
    }
  }

  /**
   * The same for the legacy side's threads, which are not to hear of our trouble: what a disposer
   * throws here goes to the log.
   */
  <V> void disposeQuietly(String operation, Consumer<? super V> disposer, V value) {
    try {
      dispose(operation, disposer, value);
    } catch (Throwable t) {
      LOGGER.log(Logger.Level.ERROR, "a late value of '" + operation + "' was not disposed of", t);
    }
  }

  /**
   * Late values on their way to the loop. They are blocks of an adapter, not posts: a value that
   * comes while the dispatcher drains belongs to something that began before, and one that was
   * queued when the dispatcher is closed has to be disposed of all the same.
   */
  private static final class LateValues extends BlockOwner {
    LateValues() {
      super("late value");
    }

    @Override
    protected void giveBack(Runnable block) {
      block.run();
    }
  }

  private record LateValue<V>(String operation, Consumer<? super V> disposer, V value)
      implements Runnable {
    @Override
    public void run() {
      disposer.accept(value);
    }

    /** The name of a failing disposer; the value may not have a text that is fit to print. */
    @Override
    public String toString() {
      return "late value of '" + operation + "'";
    }
  }
}
