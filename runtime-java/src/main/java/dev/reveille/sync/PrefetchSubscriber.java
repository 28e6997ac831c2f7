package dev.reveille.sync;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;
import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.WakerSlot;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * The mailbox between a publisher, which signals from any thread, and the loop, which polls.
 *
 * <h2>Algorithm</h2>
 *
 * A ring of as many slots as elements may be on the way (FastForward, Giacomoni et al., 2008): the
 * publisher fills the slot at its own index, the loop empties the slot at its own; a slot that is
 * null is free. The two indexes are not shared. Reactive Streams promises that signals come one
 * after the other, each seeing what the one before did (rule 1.3), so the publisher's fields are
 * plain.
 *
 * <p>The publisher only stores and wakes: no user code runs in a signal, and the publisher's
 * subscription is called by the loop alone, so that request and cancel come one after the other
 * (rule 2.7). The exceptions are subscriptions that come too late to be anybody's: they are
 * cancelled where they come in.
 *
 * <h2>States of {@link #subscription}</h2>
 *
 * <pre>
 *   null --- onSubscribe ---> the subscription --- cancel, by the loop ---> GONE
 *     +------------------------- cancel, by the loop ------------------------^
 * </pre>
 *
 * <h2>What it does not trust</h2>
 *
 * The ring never overflows as long as no more comes than was requested. {@link #entered} notices
 * signals that come at the same time, {@link #received} those beyond the demand. Each ends the
 * stream with a failure that says what the publisher did; what came before is given first.
 *
 * <table>
 * <caption>Who may touch what</caption>
 * <tr><th>field</th><th>written by</th><th>read by</th></tr>
 * <tr><td>ring</td><td>publisher: setRelease element; loop: setRelease null</td>
 * <td>loop and publisher: getAcquire, each pairs with the other's</td></tr>
 * <tr><td>requested</td><td>loop: setRelease, before it calls request</td><td>publisher: getAcquire</td></tr>
 * <tr><td>terminal</td><td>publisher or loop: CAS from null (volatile), after the last element</td>
 * <td>loop (volatile), before it looks for a last element</td></tr>
 * <tr><td>subscription</td><td>publisher: CAS from null; loop: getAndSet GONE</td><td>loop (volatile)</td></tr>
 * <tr><td>entered</td><td>publisher: CAS 0 to 1, setRelease 0</td><td>the same</td></tr>
 * <tr><td>tail, received, complained</td><td colspan="2">publisher, between CAS and release of entered</td></tr>
 * <tr><td>head, consumed, unrequested</td><td colspan="2">loop</td></tr>
 * </table>
 *
 * A wake is not lost: see {@link WakerSlot}.
 */
final class PrefetchSubscriber<T> implements Flow.Subscriber<T> {
  private static final Logger LOGGER = System.getLogger("dev.reveille.sync");

  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Object[].class);
  private static final VarHandle REQUESTED =
      fieldVarHandle(
          MethodHandles.lookup(),
          "requested",
          VarHandle.class,
          PrefetchSubscriber.class,
          long.class);
  private static final VarHandle ENTERED =
      fieldVarHandle(
          MethodHandles.lookup(), "entered", VarHandle.class, PrefetchSubscriber.class, int.class);
  private static final VarHandle TERMINAL =
      fieldVarHandle(
          MethodHandles.lookup(),
          "terminal",
          VarHandle.class,
          PrefetchSubscriber.class,
          Object.class);
  private static final VarHandle SUBSCRIPTION =
      fieldVarHandle(
          MethodHandles.lookup(),
          "subscription",
          VarHandle.class,
          PrefetchSubscriber.class,
          Flow.Subscription.class);

  /** Terminal: the end. What the publisher failed with is terminal as it is. */
  static final Object COMPLETED = new Object();

  /** Terminal: the publisher broke a rule, and its subscription is still to be cancelled. */
  record Violation(Throwable failure) {}

  /** Terminal: the owner of the stream has given it up. */
  private static final Object CANCELLED = new Object();

  private static final Flow.Subscription GONE =
      new Flow.Subscription() {
        @Override
        public void request(long n) {}

        @Override
        public void cancel() {}
      };

  private final WakerSlot waiter = new WakerSlot();
  private final @Nullable Object[] ring;
  private final int mask;
  private final int prefetch;

  /** How many are consumed before as many are requested again: 75 %, as Reactor and RxJava do. */
  private final int batch;

  private volatile Flow.@Nullable Subscription subscription;
  private volatile @Nullable Object terminal;

  @SuppressWarnings("unused") // by way of ENTERED
  private int entered;

  @SuppressWarnings("unused") // by way of REQUESTED
  private long requested;

  private int tail;
  private long received;
  private boolean complained;

  private int head;
  private int consumed;
  private boolean begun;

  PrefetchSubscriber(int prefetch) {
    int slots = prefetch == 1 ? 1 : Integer.highestOneBit(prefetch - 1) << 1;
    this.ring = new @Nullable Object[slots];
    this.mask = slots - 1;
    this.prefetch = prefetch;
    this.batch = prefetch - (prefetch >> 2);
  }

  // ------------------------------------------------------------------ the publisher, any thread

  @Override
  public void onSubscribe(Flow.Subscription s) {
    requireNonNull(s, "subscription (rule 2.13)");
    if (SUBSCRIPTION.compareAndSet(this, null, s)) {
      waiter.wake();
    } else {
      s.cancel(); // a second one (rule 2.5), or one that nobody waits for any more
    }
  }

  @Override
  public void onNext(T element) {
    requireNonNull(element, "element (rule 2.13)");
    if (!ENTERED.compareAndSet(this, 0, 1)) {
      fail("signalled onNext from two threads at the same time (rule 1.3)");
      return;
    }
    try {
      if (terminal != null) {
        late();
        return;
      }
      if (received == (long) REQUESTED.getAcquire(this)) {
        fail("gave more than the " + received + " elements that were requested (rule 1.1)");
        return;
      }
      received++;
      int slot = tail++ & mask;
      assert SLOT.getAcquire(ring, slot) == null : "the ring overflows, within the demand";
      SLOT.setRelease(ring, slot, element);
    } finally {
      ENTERED.setRelease(this, 0);
    }
    waiter.wake();
  }

  @Override
  public void onError(Throwable failure) {
    requireNonNull(failure, "failure (rule 2.13)");
    if (TERMINAL.compareAndSet(this, null, failure)) {
      waiter.wake();
    } else {
      // After a cancel that is legal, and mostly the consequence of it. Else the rules are broken.
      LOGGER.log(
          isPublishersEnd(terminal) ? Level.WARNING : Level.DEBUG,
          "a publisher failed after the end of its subscription",
          failure);
    }
  }

  @Override
  public void onComplete() {
    if (TERMINAL.compareAndSet(this, null, COMPLETED)) {
      waiter.wake();
    }
  }

  private void fail(String what) {
    Throwable failure = new IllegalStateException("the publisher " + what);
    if (TERMINAL.compareAndSet(this, null, new Violation(failure))) {
      waiter.wake();
    }
  }

  /** After a cancel, and after a failure that we found, elements may still come for a while. */
  private void late() {
    if (isPublishersEnd(terminal) && !complained) {
      complained = true;
      LOGGER.log(Level.WARNING, "a publisher signalled onNext after its end (rule 1.7)");
    }
  }

  // ------------------------------------------------------------------ the stream, on the loop

  /** Makes the first request, once the subscription has come. */
  void begin() {
    if (!begun) {
      Flow.Subscription s = subscription;
      if (s != null) {
        begun = true;
        request(s, prefetch);
      }
    }
  }

  void await(Context cx) {
    waiter.register(cx, "a publisher");
  }

  boolean hasElement() {
    return SLOT.getAcquire(ring, head & mask) != null;
  }

  /** The element that is there, to be called after {@link #hasElement}. May request more. */
  @SuppressWarnings("unchecked") // only onNext fills the ring
  T take() {
    int slot = head++ & mask;
    T element = (T) SLOT.getAcquire(ring, slot);
    assert element != null;
    SLOT.setRelease(ring, slot, null);
    if (++consumed == batch) {
      consumed = 0;
      Flow.Subscription s = subscription;
      if (s != null && terminal == null) {
        request(s, batch);
      }
    }
    return element;
  }

  private void request(Flow.Subscription s, long n) {
    REQUESTED.setRelease(this, requested + n);
    try {
      s.request(n);
    } catch (Throwable t) { // against rule 3.16; not swallowed: the stream fails with it
      TERMINAL.compareAndSet(this, null, new Violation(t));
    }
  }

  /** Null while it goes on; then {@link #COMPLETED}, a Throwable, or a {@link Violation}. */
  @Nullable Object terminal() {
    return terminal;
  }

  /** Lets go of everything, and ends the subscription if the publisher has not. Once. */
  void release() {
    Object before = TERMINAL.compareAndExchange(this, null, CANCELLED);
    waiter.clear();
    Flow.Subscription s = (Flow.Subscription) SUBSCRIPTION.getAndSet(this, GONE);
    while (hasElement()) { // the publisher may keep a reference to this for long
      SLOT.setRelease(ring, head++ & mask, null);
    }
    if (s != null && !isPublishersEnd(before)) {
      s.cancel();
    }
  }

  private static boolean isPublishersEnd(@Nullable Object terminal) {
    return terminal == COMPLETED || terminal instanceof Throwable;
  }
}
