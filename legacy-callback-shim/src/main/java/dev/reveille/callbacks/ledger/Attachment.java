package dev.reveille.callbacks.ledger;

import dev.reveille.Dispatcher;
import dev.reveille.DispatcherSnapshot;
import dev.reveille.Ticker;
import dev.reveille.callback.LedgerSink;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A ledger at one dispatcher: hears of its calls, and takes its turns down when it comes and when
 * it goes. It stays when it goes: what began while it was there is still counted here.
 */
final class Attachment implements LedgerSink {
  /**
   * How many names a dispatcher may have. A program that puts a path or a number into its names has
   * more and more of them; a ledger must not be its leak.
   */
  static final int MAX_NAMES = 1_000;

  /** Where the rest is counted. */
  static final String OTHER_NAMES = "(other names)";

  private final Dispatcher dispatcher;
  private final Ticker ticker;

  /** Grows only. Written on the loop, read by any thread. */
  private final Map<String, SiteCounts> sites = new ConcurrentHashMap<>();

  /** Turns of former stays. Guarded by this. */
  private LedgerSnapshot.Turns earlier;

  /** Of the dispatcher, at the beginning of this stay; null between stays. Guarded by this. */
  private LedgerSnapshot.@Nullable Turns baseline;

  Attachment(Dispatcher dispatcher) {
    this.dispatcher = dispatcher;
    this.ticker = dispatcher.ticker();
    this.earlier = new LedgerSnapshot.Turns(dispatcher.name(), 0, 0, 0, 0);
  }

  // ------------------------------------------------------------------ on the loop

  @Override
  public Entry begin(Dispatcher loop, String name) {
    SiteCounts site = sites.get(name);
    if (site == null) {
      String counted = sites.size() < MAX_NAMES ? name : OTHER_NAMES;
      site = sites.computeIfAbsent(counted, n -> new SiteCounts());
    }
    return site.begin(ticker.read());
  }

  // ------------------------------------------------------------------ any thread

  synchronized void come() {
    baseline = now();
  }

  synchronized void go() {
    earlier = turns();
    baseline = null;
  }

  synchronized LedgerSnapshot.Turns turns() {
    LedgerSnapshot.Turns since = baseline;
    if (since == null) {
      return earlier;
    }
    LedgerSnapshot.Turns now = now();
    return new LedgerSnapshot.Turns(
        now.dispatcher(),
        earlier.callbacks() + now.callbacks() - since.callbacks(),
        earlier.tasks() + now.tasks() - since.tasks(),
        earlier.coroutines() + now.coroutines() - since.coroutines(),
        earlier.other() + now.other() - since.other());
  }

  private LedgerSnapshot.Turns now() {
    DispatcherSnapshot s = dispatcher.snapshot();
    long coroutines = s.blocks().getOrDefault("coroutine", 0L);
    long other = s.turns() - s.callbacks() - s.taskPolls() - coroutines;
    return new LedgerSnapshot.Turns(s.name(), s.callbacks(), s.taskPolls(), coroutines, other);
  }

  /** Adds the numbers of each site to those of the same name. */
  void addTo(Map<String, SiteSum> sums) {
    long now = ticker.read();
    sites.forEach((name, site) -> site.addTo(sums.computeIfAbsent(name, n -> new SiteSum()), now));
  }
}
