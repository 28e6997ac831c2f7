package dev.reveille.callback;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Dispatcher;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Waker;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * {@link Completer#pollable}: the side that waits, and the state of the call.
 *
 * <p><b>Objects.</b> Two for a call: this one, 48 bytes with compressed references, and the {@link
 * Completer}, 16. The completer holds this strongly, and this holds the completer as a phantom: so
 * the legacy side alone decides how long the completer lives, and when it has dropped it, the
 * {@link Reaper} finds this and fails the call. Nobody else needs a word to the reaper: once this
 * is garbage itself, nothing waits that could be told. Until the first poll the word below holds
 * the completer, since there is no legacy side yet.
 *
 * <p><b>States</b>, all in one word:
 *
 * <pre>
 *   Completer ──first poll──▶ STARTING ──▶ Waker ──▶ Poll.Ready | Failed | Sited ──poll──▶ Spent
 *       │                        └────────────┴─────give up──▶ GIVEN_UP ──late word──▶ CLOSED
 *       └──give up──▶ GIVEN_UP         (an outcome that is given up, not polled: NOT_TAKEN)
 * </pre>
 *
 * <p>From STARTING and Waker each step is a CAS, so there is one outcome, whoever set it has found
 * out whom to wake, and who comes later knows that. The value is stored as the ready poll that will
 * be returned: it is not wrapped twice.
 *
 * <p><b>The last word.</b> With {@link CancelMode#AWAIT_CALLBACK} giving up does not leave the
 * states STARTING and Waker: {@link CallDetails#asked} says that the legacy side was asked to give
 * up, and the outcome is read with that in mind.
 */
final class CompleterOperation<T extends @Nullable Object> extends Reaper.Watched
    implements Pollable<T> {
  private static final VarHandle STATE =
      fieldVarHandle(
          MethodHandles.lookup(), "state", VarHandle.class, CompleterOperation.class, Object.class);
  private static final VarHandle ON_CANCEL =
      fieldVarHandle(
          MethodHandles.lookup(),
          "onCancel",
          VarHandle.class,
          CompleterOperation.class,
          Runnable.class);

  /** The initiator runs, or has run, and nobody waits yet. */
  private static final Object STARTING = new Object();

  final String name;

  /** CAS (volatile) by completions, by the one who waits, and by the one who gives up. */
  private volatile Object state;

  /** getAndSet (volatile): whoever takes the action out runs it, so it runs once. */
  private volatile @Nullable Runnable onCancel;

  /**
   * The initiator; from the first poll on, the {@link Dispatcher}. Plain: set before the initiator
   * gets the completer. (A completer that the legacy side publishes by a race may be completed by a
   * thread that sees the initiator; it has nobody to report to then.)
   */
  private @Nullable Object stage;

  /** Null for a call without options that nobody counts. Plain, as the stage. */
  private @Nullable CallDetails details;

  @SuppressWarnings("NullAway.Init") // the word, by way of STATE: a plain write will do
  CompleterOperation(
      Completer<T> completer, String name, CallOptions<? super T> options, Initiator<T> initiator) {
    super(completer);
    this.name = name;
    this.stage = initiator;
    if (options != CallOptions.defaults()) {
      this.details = new CallDetails(options);
    }
    STATE.set(this, completer);
  }

  // ------------------------------------------------------------------ the one who waits

  /** Short, so that it is inlined into who polls: the value of a plain call is taken here. */
  @Override
  @SuppressWarnings("unchecked") // a ready poll in the word is the completer's
  public Poll<T> poll(Context cx) throws Exception {
    Object s = state;
    if (s instanceof Poll.Ready<?> && details == null) {
      STATE.setRelease(this, CallOutcome.Spent.READY); // as in spend()
      return (Poll<T>) s;
    }
    return pollAll(cx);
  }

  private Poll<T> pollAll(Context cx) throws Exception {
    Object s = state;
    boolean begins = s instanceof Completer<?>;
    if (begins) {
      begin(cx);
      s = state;
    }
    CallDetails d = details;
    if (d != null && d.detached) {
      s = CallOutcome.Spent.GIVEN_UP;
    }
    if (begins && s instanceof CallOutcome.Spent) {
      throw new CancellationException("'" + name + "' was given up by its own initiator");
    }
    for (; ; ) {
      if (isEnded(s)) {
        return take(s);
      }
      if (d != null) {
        attend(d, cx);
      }
      Waker waker = cx.waker(name);
      if (s == waker || STATE.compareAndSet(this, s, waker)) {
        return Poll.pending();
      }
      s = state;
    }
  }

  @SuppressWarnings("unchecked") // the stage is the initiator of this
  private void begin(Context cx) {
    Object completer = state;
    Initiator<T> initiator = (Initiator<T>) stage;
    assert initiator != null;
    Dispatcher dispatcher = cx.dispatcher();
    stage = dispatcher;
    CallDetails d = details;
    if (d == null && CallbackDiagnostics.wantsDetails(dispatcher, name)) {
      d = new CallDetails(CallOptions.defaults());
      details = d;
    }
    STATE.set(this, STARTING);
    // Before the completer goes out, also where the legacy side publishes it by a plain write: a
    // completion must not be overwritten by the word from which it began.
    VarHandle.releaseFence();
    try {
      if (d != null) {
        d.begin(cx, name, CallbackDiagnostics.of(dispatcher));
      }
      initiator.start((Completer<T>) completer);
    } catch (Throwable t) {
      if (tryEnd(new CallOutcome.Failed(t), false) != null) {
        // The callback came first, and wins. What the initiator says after that still is news.
        report(CallbackMisuse.Kind.THREW_AFTER_COMPLETION, null, t);
        if (t instanceof InterruptedException) {
          Thread.currentThread().interrupt(); // the loop takes note of it
        }
      }
    } finally {
      Reference.reachabilityFence(completer);
    }
  }

  /** Time-out and stop. Throws if that ends the call; a completion that comes before it wins. */
  private void attend(CallDetails d, Context cx) throws TimeoutException {
    if (d.asked) {
      return;
    }
    if (d.isOver(cx)) {
      TimeoutException late = d.timedOut(name);
      if (d.awaitsCallback()) {
        d.late = late;
        ask(d);
      } else if (timeOut(late)) {
        throw late;
      }
    } else if (d.awaitsCallback() && cx.stopToken().pollStopped(cx).isReady()) {
      ask(d);
    }
  }

  private boolean timeOut(TimeoutException late) {
    try {
      return giveUp(LedgerSink.End.TIMED_OUT, late);
    } catch (Throwable t) { // of the cancel action; the call has ended all the same
      late.addSuppressed(t);
      return true;
    }
  }

  /** Asks the legacy side to give up, and goes on waiting; but not if that can not be asked. */
  private void ask(CallDetails d) {
    d.untime(); // what it asks for, it asks for once
    d.asked = true; // before the action is taken: see onCancel
    try {
      runOnCancel();
    } catch (Throwable t) {
      giveUp(LedgerSink.End.CANCELLED, t);
      throw t;
    }
  }

  @SuppressWarnings("unchecked") // a ready poll that gets here is the completer's
  private Poll<T> take(Object s) throws Exception {
    if (s instanceof CallOutcome.Spent spent) {
      throw new IllegalStateException(
          "operation '" + name + "' polled again after its end: it " + spent.words);
    }
    CallDetails d = details;
    Object outcome = outcome(s);
    if (outcome instanceof Poll.Ready<?>) {
      spend(s, CallOutcome.Spent.READY);
      if (d != null) {
        try {
          d.ended(LedgerSink.End.COMPLETED, null);
        } catch (Throwable t) { // of a sink, in place of the value
          dispose(outcome, false);
          throw t;
        }
      }
      return (Poll<T>) outcome;
    }
    spend(s, CallOutcome.Spent.FAILED);
    Throwable failure = failure(((CallOutcome.Failed) outcome).cause, d);
    if (d != null) {
      d.ended(
          failure instanceof CancellationException
              ? LedgerSink.End.CANCELLED
              : failure == d.late ? LedgerSink.End.TIMED_OUT : LedgerSink.End.FAILED,
          failure);
    }
    if (failure instanceof Exception exception) {
      throw exception;
    }
    throw (Error) failure;
  }

  /** An exception or an error. */
  private Throwable failure(@Nullable Throwable cause, @Nullable CallDetails d) {
    if (d != null && d.asked) { // it ended because we asked for it
      Exception why =
          d.late == null
              ? new CancellationException("'" + name + "' was stopped, and has ended")
              : d.late;
      if (cause != null) {
        why.initCause(cause);
      }
      return why;
    }
    if (cause == null) {
      return new CancellationException("'" + name + "' was cancelled by the legacy side");
    }
    return cause instanceof Exception || cause instanceof Error
        ? cause
        : new IllegalStateException("'" + name + "' failed with a bare Throwable", cause);
  }

  @Override
  public void cancel() {
    Object s = state;
    CallDetails d = details;
    if (s instanceof Completer<?>) {
      stage = null;
      STATE.setVolatile(this, CallOutcome.Spent.GIVEN_UP); // never begun
    } else if (d != null && d.awaitsCallback() && !isEnded(s)) {
      if (!d.detached) {
        detach(d);
      }
    } else if (!(s instanceof CallOutcome.Spent)) {
      giveUp(LedgerSink.End.CANCELLED, null);
    }
  }

  /** Leaves the wait for the last word to a task of its own. */
  private void detach(CallDetails d) {
    d.detached = true;
    Dispatcher dispatcher = (Dispatcher) stage;
    assert dispatcher != null;
    JoinHandle<Complete> waits = dispatcher.spawn("last word of '" + name + "'", new LastWord());
    if (waits.isDone()) { // the dispatcher is closed, or about to be
      giveUp(LedgerSink.End.CANCELLED, null);
    } else if (!d.asked) {
      ask(d);
    }
  }

  /**
   * Ends the wait. Returns whether that was before the outcome; if not, and it is a value that
   * nobody will take, it is disposed of, unless this is a time-out, which takes it.
   */
  private boolean giveUp(LedgerSink.End how, @Nullable Throwable failure) {
    for (; ; ) {
      Object s = state;
      CallDetails d = details;
      if (isEnded(s)) {
        if (how != LedgerSink.End.TIMED_OUT && !(s instanceof CallOutcome.Spent)) {
          spend(s, CallOutcome.Spent.NOT_TAKEN);
          try {
            if (d != null) {
              d.ended(how, failure);
            }
          } finally { // whatever a sink throws
            dispose(outcome(s), false); // it came, and nobody polled for it any more
          }
        }
        return false;
      }
      if (STATE.compareAndSet(this, s, CallOutcome.Spent.GIVEN_UP)) {
        try {
          if (d != null) {
            d.ended(how, failure);
          }
        } finally { // whatever a sink throws
          runOnCancel();
        }
        return true;
      }
    }
  }

  /** Release is enough: who reads it after the outcome finds out nothing that it depends on. */
  private void spend(Object outcome, CallOutcome.Spent end) {
    STATE.setRelease(this, outcome instanceof CallOutcome o ? end.at(o.site()) : end);
  }

  // ------------------------------------------------------------------ the legacy side

  /** Ends the call, if nothing has ended it before. Any thread. Returns whether it did. */
  boolean end(Object outcome) {
    Object ended = tryEnd(outcome, true);
    return ended == null || tooLate(ended, outcome);
  }

  /** Returns null if this ended it, else what had ended it before. */
  private @Nullable Object tryEnd(Object outcome, boolean byCallback) {
    CallDetails d = details;
    Object filed =
        d != null && d.sites
            ? new CallOutcome.Sited(outcome, new Site("'" + name + "' was completed first"))
            : outcome;
    for (; ; ) {
      Object s = state;
      if (isEnded(s)) {
        return s;
      }
      if (STATE.compareAndSet(this, s, filed)) {
        if (onCancel != null) { // volatile, after the CAS: pairs with onCancel(action)
          ON_CANCEL.setVolatile(this, (Runnable) null); // not needed any more; it may hold a lot
        }
        if (s instanceof Waker waker) {
          waker.wake();
        } else if (byCallback && d != null && d.entry != null) {
          tellReentrant(d.entry);
        }
        return null;
      }
    }
  }

  private void tellReentrant(LedgerSink.Entry entry) {
    if (stage instanceof Dispatcher dispatcher && dispatcher.onLoop()) {
      entry.reentrant();
    }
  }

  /** A completion after the end. Returns false. */
  private boolean tooLate(Object ended, Object outcome) {
    CallDetails d = details;
    Object s = ended;
    if (s == CallOutcome.Spent.GIVEN_UP) {
      Site site = d != null && d.sites ? new Site("'" + name + "' was completed late") : null;
      if (STATE.compareAndSet(this, s, CallOutcome.Spent.CLOSED.at(site))) {
        dispose(outcome, true);
        if (d != null && d.entry != null) {
          d.entry.late(); // behind the disposal: a sink may throw
        }
        return false;
      }
      s = state; // another late one was faster
    }
    if (s instanceof CallOutcome.Spent spent && spent.cancelled) {
      dispose(outcome, true);
    }
    MisusePolicy policy = d == null ? MisusePolicy.RECORD : d.options.misusePolicy;
    Site second =
        policy == MisusePolicy.IGNORE ? null : new Site("'" + name + "' was completed again");
    CallbackMisuse misuse =
        report(
            CallbackMisuse.Kind.DOUBLE_COMPLETION,
            s instanceof CallOutcome o ? o.site() : null,
            second);
    if (policy == MisusePolicy.THROW) {
      throw new IllegalStateException(misuse.message(), misuse.first());
    }
    return false;
  }

  void onCancel(Runnable action) {
    ON_CANCEL.setVolatile(this, action);
    // Set, then looked, once: the one who ends it sets the state, then looks for the action.
    Object s = state;
    if (isCancelled(s)) {
      runOnCancel();
    } else if (isEnded(s)) {
      ON_CANCEL.setVolatile(this, (Runnable) null);
    }
  }

  boolean isCancelled() {
    return isCancelled(state);
  }

  private boolean isCancelled(Object s) {
    if (isEnded(s)) {
      return s instanceof CallOutcome.Spent spent && spent.cancelled;
    }
    CallDetails d = details;
    return d != null && d.asked;
  }

  /** The completer is garbage. On the reaper's thread. */
  @Override
  void lost() {
    CallDetails d = details;
    if (isEnded(state)) {
      return;
    }
    diagnostics(); // first: whoever sees the call fail soon finds it counted, too
    LostCallbackException lost =
        new LostCallbackException(
            "'" + name + "' " + CallbackMisuse.Kind.LOST.words, d == null ? null : d.begun);
    if (tryEnd(new CallOutcome.Failed(lost), false) == null) {
      report(CallbackMisuse.Kind.LOST, null, null);
    }
  }

  // ------------------------------------------------------------------ both

  private static boolean isEnded(Object s) {
    return s instanceof Poll.Ready || s instanceof CallOutcome;
  }

  /** Without its site. */
  private static Object outcome(Object s) {
    return s instanceof CallOutcome.Sited sited ? sited.outcome : s;
  }

  /** Disposes of a value that nobody will take, if that is what it is. */
  @SuppressWarnings("unchecked") // a ready poll that gets here is the completer's
  private void dispose(Object outcome, boolean onLegacyThread) {
    CallDetails d = details;
    if (d == null || !(outcome instanceof Poll.Ready<?> ready)) {
      return;
    }
    Consumer<Object> disposer = (Consumer<Object>) d.options.lateValues;
    Object value = ready.value();
    if (disposer == null || value == null) {
      return;
    }
    CallbackDiagnostics diagnostics = diagnostics(); // there since the first poll: see begin()
    if (diagnostics == null) {
      return;
    }
    if (onLegacyThread) {
      diagnostics.disposeQuietly(name, disposer, value);
    } else {
      diagnostics.dispose(name, disposer, value);
    }
  }

  private CallbackMisuse report(
      CallbackMisuse.Kind kind, @Nullable Throwable first, @Nullable Throwable second) {
    CallDetails d = details;
    CallbackMisuse misuse =
        new CallbackMisuse(kind, name, d == null ? null : d.begun, first, second);
    CallbackDiagnostics diagnostics = diagnostics();
    if (diagnostics != null) {
      boolean quietly = d != null && d.options.misusePolicy == MisusePolicy.IGNORE;
      diagnostics.report(misuse, d == null ? null : d.entry, quietly);
    }
    return misuse;
  }

  /** Looked up where there is something to report, not for each call. */
  private @Nullable CallbackDiagnostics diagnostics() {
    return stage instanceof Dispatcher dispatcher ? CallbackDiagnostics.of(dispatcher) : null;
  }

  private void runOnCancel() {
    Runnable action = (Runnable) ON_CANCEL.getAndSet(this, null);
    if (action != null) {
      action.run();
    }
  }

  /** How far it is, for messages. */
  String progress() {
    Object s = state;
    if (!isEnded(s)) {
      return isCancelled() ? "was asked to give up" : "is open";
    }
    Object outcome = outcome(s);
    return outcome instanceof CallOutcome.Spent spent
        ? spent.words
        : outcome instanceof Poll.Ready ? "is completed" : "has failed";
  }

  @Override
  public String toString() {
    return name;
  }

  /** Takes the place of one who gave up, until the legacy side has said its last word. */
  private final class LastWord implements Pollable<Complete> {

    @Override
    public Poll<Complete> poll(Context cx) {
      for (; ; ) {
        Object s = state;
        if (isEnded(s)) {
          LedgerSink.Entry entry = details == null ? null : details.entry;
          if (entry != null && !(s instanceof CallOutcome.Spent)) {
            entry.late();
          }
          giveUp(LedgerSink.End.CANCELLED, null); // which disposes of a value
          return Poll.ready();
        }
        Waker waker = cx.waker(name);
        if (s == waker || STATE.compareAndSet(CompleterOperation.this, s, waker)) {
          return Poll.pending();
        }
      }
    }

    @Override
    public void cancel() {
      giveUp(LedgerSink.End.CANCELLED, null); // the dispatcher is closed, and waits for nothing
    }
  }
}
