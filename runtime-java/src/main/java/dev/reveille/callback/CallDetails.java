package dev.reveille.callback;

import dev.reveille.Context;
import dev.reveille.Nanos;
import dev.reveille.Timer;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What a call has beside its word if it has options, is counted, or leaves its sites. Most have
 * none, so this is not a part of {@link CompleterOperation}.
 *
 * <p>Written on the loop before the initiator gets the completer, and so before any completion; but
 * for {@link #asked}, which foreign threads look at while the loop may set it.
 */
final class CallDetails {
  final CallOptions<?> options;

  /** What hears how the call fares; null if nobody asked. */
  LedgerSink.@Nullable Entry entry;

  /** Where it was begun, if all stacks are captured. */
  @Nullable Site begun;

  /** Whether the first completion leaves its site. */
  boolean sites;

  /** Runs while there is a time-out and it is not over. */
  private @Nullable Timer timer;

  /** The time-out that is over, while the last word is awaited. On the loop. */
  @Nullable TimeoutException late;

  /** The one who waited has gone, and a task of its own waits for the last word. On the loop. */
  boolean detached;

  /**
   * The legacy side was asked to give up, and its last word is awaited. Volatile: set on the loop
   * before the cancel action is taken; who sets an action sets it, then looks here.
   */
  volatile boolean asked;

  CallDetails(CallOptions<?> options) {
    this.options = options;
  }

  /** The first poll. */
  void begin(Context cx, String name, CallbackDiagnostics diagnostics) {
    LedgerSink sink = diagnostics.ledger();
    if (sink != null) {
      entry = sink.begin(cx.dispatcher(), name);
    }
    if (diagnostics.capturesStacks()) {
      begun = new Site("'" + name + "' was begun");
      sites = true;
    } else {
      sites = diagnostics.suspects(name);
    }
    if (options.timeout != Nanos.NEVER) {
      timer = new Timer(cx.dispatcher());
      timer.reset(Duration.ofNanos(options.timeout));
    }
  }

  boolean awaitsCallback() {
    return options.cancelMode == CancelMode.AWAIT_CALLBACK;
  }

  /** Whether the time is over. Once true, it is not asked again. */
  boolean isOver(Context cx) {
    Timer t = timer;
    if (t == null || t.poll(cx).isPending()) {
      return false;
    }
    timer = null;
    return true;
  }

  TimeoutException timedOut(String name) {
    return new TimeoutException(
        "'" + name + "' took longer than " + Duration.ofNanos(options.timeout));
  }

  /** The end, for the ledger. */
  void ended(LedgerSink.End how, @Nullable Throwable failure) {
    untime();
    LedgerSink.Entry e = entry;
    if (e != null) {
      e.ended(how, failure);
    }
  }

  /** Nothing is timed any more. */
  void untime() {
    Timer t = timer;
    if (t != null) {
      timer = null;
      t.cancel();
    }
  }
}
