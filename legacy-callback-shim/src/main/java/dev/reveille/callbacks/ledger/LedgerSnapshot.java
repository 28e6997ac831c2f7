package dev.reveille.callbacks.ledger;

import static java.util.Objects.requireNonNull;

import dev.reveille.callback.CallbackMisuse;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link MigrationLedger} has counted up to a moment. Immutable. Taken without stopping
 * anything: numbers that belong together may be of slightly different moments while calls are under
 * way.
 *
 * <p>A test that lets nothing pass:
 *
 * <pre>{@code
 * assertThat(ledger.snapshot().sites()).noneMatch(LedgerSnapshot.Site::isMisused);
 * assertThat(ledger.snapshot().site("balance").inFlight()).isZero();
 * }</pre>
 *
 * @param sites a line for each call-site name, sorted by name
 * @param turns a line for each dispatcher, in the order in which they were attached
 */
public record LedgerSnapshot(List<Site> sites, List<Turns> turns) {
  /** How many ages a {@link Site} has at most: those of the oldest. */
  static final int AGES_SHOWN = 16;

  /**
   * Makes a snapshot.
   *
   * @param sites a line for each call-site name
   * @param turns a line for each dispatcher
   */
  public LedgerSnapshot {
    sites = List.copyOf(sites);
    turns = List.copyOf(turns);
  }

  /**
   * The calls and streams of one name, of all dispatchers together. Each has one end, or is in
   * flight: when nothing moves, {@code calls} is the sum of {@code completed}, {@code failed},
   * {@code cancelled}, {@code timedOut} and {@code inFlight}.
   *
   * @param name the call site
   * @param calls how many have begun
   * @param completed how many ended with a value, or normally
   * @param failed how many ended with a failure
   * @param cancelled how many were cancelled, by those who wait or by the legacy side
   * @param timedOut how many ended with the time-out of their options
   * @param lost how many completers and emitters became garbage with somebody waiting, who then
   *     fails: such a call is among those that failed, too
   * @param late how many completions came after their call had been given up
   * @param doubled how often what was completed was completed again
   * @param otherMisuses how often other rules were broken: see {@link CallbackMisuse.Kind}
   * @param reentrant how many completions came on the loop, before the initiating call had returned
   * @param dropped how many values of streams were dropped by the overflow strategy
   * @param events how many values streams were given
   * @param inFlight how many have not ended
   * @param ages since when those in flight are, the oldest first, on the dispatcher's clock; the
   *     first 16
   * @param misuses the last misuses, with the stacks that were captured; up to four of each
   *     dispatcher, the last one last
   */
  public record Site(
      String name,
      long calls,
      long completed,
      long failed,
      long cancelled,
      long timedOut,
      long lost,
      long late,
      long doubled,
      long otherMisuses,
      long reentrant,
      long dropped,
      long events,
      int inFlight,
      List<Duration> ages,
      List<CallbackMisuse> misuses) {

    /**
     * Makes a line.
     *
     * @param name the call site
     * @param calls how many have begun
     * @param completed how many ended with a value, or normally
     * @param failed how many ended with a failure
     * @param cancelled how many were cancelled
     * @param timedOut how many ended with the time-out of their options
     * @param lost how many completers and emitters became garbage
     * @param late how many completions came after their call had been given up
     * @param doubled how often what was completed was completed again
     * @param otherMisuses how often other rules were broken
     * @param reentrant how many completions came before the initiating call had returned
     * @param dropped how many values of streams were dropped
     * @param events how many values streams were given
     * @param inFlight how many have not ended
     * @param ages since when those in flight are
     * @param misuses the last misuses
     */
    public Site {
      requireNonNull(name, "name");
      ages = List.copyOf(ages);
      misuses = List.copyOf(misuses);
    }

    /**
     * Whether the legacy side broke the rules here: called back twice, say, or lost its callback.
     *
     * @return true if something is there to be mended
     */
    public boolean isMisused() {
      return doubled > 0 || lost > 0 || otherMisuses > 0;
    }

    /**
     * Since when the oldest call in flight is.
     *
     * @return its age, or null if none is in flight
     */
    public @Nullable Duration oldest() {
      return ages.isEmpty() ? null : ages.get(0);
    }
  }

  /**
   * What the turns of one dispatcher went to while the ledger was attached. A coroutine that is
   * polled as a task counts as that task.
   *
   * @param dispatcher its name
   * @param callbacks callbacks that were posted, or came by way of an executor or another view
   * @param tasks polls of tasks
   * @param coroutines segments of coroutines
   * @param other blocks of other adapters
   */
  public record Turns(String dispatcher, long callbacks, long tasks, long coroutines, long other) {

    /**
     * Makes a line.
     *
     * @param dispatcher its name
     * @param callbacks callbacks
     * @param tasks polls of tasks
     * @param coroutines segments of coroutines
     * @param other blocks of other adapters
     */
    public Turns {
      requireNonNull(dispatcher, "dispatcher");
    }

    /**
     * All turns.
     *
     * @return the sum of the four
     */
    public long total() {
      return callbacks + tasks + coroutines + other;
    }

    /**
     * What is left of the old world.
     *
     * @return the part of the turns that went to callbacks, from 0 to 100; 0 if there were none
     */
    public double callbackPercent() {
      return percent(callbacks);
    }

    double percent(long part) {
      long total = total();
      return total == 0 ? 0 : 100.0 * part / total;
    }
  }

  /**
   * The line of one name.
   *
   * @param name a call site
   * @return its line; all zero if it was not called
   */
  public Site site(String name) {
    for (Site site : sites) {
      if (site.name().equals(name)) {
        return site;
      }
    }
    return new SiteSum().site(requireNonNull(name, "name"));
  }

  /**
   * A table for people: a line for each name, without the columns of what did not happen anywhere;
   * a line for each dispatcher, and the misuses that were kept, with where the call was begun and
   * completed as far as that was captured: see {@link dev.reveille.callback.CallbackDiagnostics}.
   *
   * @return several lines
   */
  public String report() {
    return LedgerText.report(this);
  }

  /**
   * Lines for machines: fields are separated by tabs, the first says what the line is. Of each kind
   * of line the first one begins with '#' and names the fields. Durations are in milliseconds. In
   * names a tab, a line feed, a carriage return and a backslash are written {@code \t}, {@code \n},
   * {@code \r}, {@code \\}.
   *
   * @return the lines, each with a line feed
   */
  public String tsv() {
    return LedgerText.tsv(this);
  }

  /**
   * The same as {@link #report}.
   *
   * @return several lines
   */
  @Override
  public String toString() {
    return report();
  }
}
