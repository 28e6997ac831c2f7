package dev.reveille.sync;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;
import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Waker;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The state of a channel and all its steps.
 *
 * <p><b>State.</b> A buffer of values, a queue of those who wait to send or to reserve, a queue of
 * those who wait to receive, and the number of places that are reserved. Two invariants hold
 * whenever the lock is free:
 *
 * <ol>
 *   <li>If somebody waits to receive, the buffer is empty.
 *   <li>If somebody waits to send or to reserve, the first of them can not go on: {@link #mayGo}.
 * </ol>
 *
 * <p>So nobody barges: who comes while others wait on the same side finds nothing to take, or
 * stands behind them. Whatever may let the first sender go on ends with {@link #serve}.
 *
 * <p><b>Hand-off.</b> What becomes available is handed over in the step that makes it available: a
 * value goes into the node of the first receiver, a place takes the value out of the node of the
 * first sender, or is counted for the first reserve. There is no moment between "woken" and "took
 * it" in which it could be lost, or taken by another. Who gives up after that passes it on: a value
 * to the next receiver, or back to the <em>front</em> of the buffer, since it is older than all in
 * it; a place to the next sender. (Pigweed's channel pops and wakes the waiter; if that one is
 * dropped before its poll, nobody else is woken.)
 *
 * <p><b>Places.</b> A value may go if it finds a receiver that waits or a free place in the buffer.
 * A place may be reserved if it is free; in a rendezvous, which has none, if a receiver waits for
 * whom nobody has reserved. A value that is given back needs no place: it had been sent, so the
 * buffer may be fuller by that than its capacity.
 *
 * <p><b>Lock.</b> A word of this object, for steps of some nanoseconds: test and test-and-set.
 * Taken by one CAS and given back by a release store, it costs half of the atomic instructions of a
 * monitor, which takes one to enter and one to leave. The price: who finds it held can not leave
 * word and park, since whoever leaves would have to look for that, with the second atomic
 * instruction. It spins, and yields now and then in case that the holder has lost its core. It is
 * not reentrant and not fair. So no waker is called under it and no code of a user, nothing logs or
 * waits: a context is asked before it whether this is its poll, as the text of its refusal has the
 * task's name, which may be made by user code; wakers are collected in {@link #toWake} and called
 * after it. The budget is asked after it, too, as a refusal wakes; if it is refused, what the step
 * brought stays with the node, as if it had been granted while it waited. The lock is also what
 * gives the channel its memory effects: a send or the freeing of a place releases it, the receive
 * or send that profits has acquired it later; the one exception is {@link
 * ReceiveOperation#isHanded}.
 *
 * <p>A stack may overflow anywhere, and a lock that nobody gives back would be worse than a channel
 * that a step has left torn. So each step gives it back itself, by the store of a field, before
 * anything else is called: that takes no frame which could be the one too many.
 */
final class ChannelCore<T> {
  private static final VarHandle HELD =
      fieldVarHandle(MethodHandles.lookup(), "held", VarHandle.class, ChannelCore.class, int.class);

  /** {@code Operation.name}, where an operation at a channel has the channel instead. */
  private static final VarHandle NAMED_AFTER;

  static {
    try {
      NAMED_AFTER =
          MethodHandles.privateLookupIn(Operation.class, MethodHandles.lookup())
              .findVarHandle(Operation.class, "name", Object.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e); // not within one module
    }
  }

  /** So many looks at a lock that is held before its core is given away. */
  private static final int SPINS = 64;

  private static final Poll<@Nullable Object> ENDED = Poll.<@Nullable Object>ready(null);

  /** A buffer that has been longer than this is let go when it is empty: an array never shrinks. */
  private static final int KEPT_LENGTH = 1_024;

  /**
   * The lock: 0 or 1. The CAS acquires what the store of the last holder has released: a volatile
   * one, or a release store by way of HELD in the two steps that are polled.
   */
  @SuppressWarnings("unused") // read by way of HELD
  private volatile int held;

  final ChannelNames names;

  /** Zero: rendezvous. {@link Integer#MAX_VALUE}: unbounded. */
  final int capacity;

  private final WaiterQueue senders = new WaiterQueue();
  private final WaiterQueue receivers = new WaiterQueue();

  /**
   * Who waits before all in {@link #receivers}, or was the last to do so: one that came when nobody
   * waited, as most do. It needs no node. Whether it waits is for its own state to say: see {@link
   * #alone()}; so one that waits again and again is stored once.
   */
  private @Nullable ReceiveOperation<T> lastAlone;

  /** Null until the first value that nobody waits for. */
  private @Nullable ArrayDeque<T> buffer;

  private int longest;

  /** Places that were reserved: open permits, and those that were granted and not yet collected. */
  private int permits;

  private int openSenders;
  private int openReceivers;

  /** The last receiver was closed: values that come back are nobody's. */
  private boolean receiversGone;

  /** Written under the lock; volatile for {@link #isClosed}, which goes without. */
  private volatile boolean closed;

  /** Collected in the running step. */
  private @Nullable Waker toWake;

  private @Nullable Consumer<? super T> onUndelivered;

  ChannelCore(int capacity, ChannelNames names) {
    this.capacity = capacity;
    this.names = names;
  }

  // ------------------------------------------------------------------ operations at this channel

  /** In the constructor of an operation, which overrides its {@code toString()}. */
  void claim(Operation<?> op) {
    NAMED_AFTER.set(op, (Object) this);
  }

  @SuppressWarnings("unchecked") // an operation of values of this type has claimed it
  static <T> ChannelCore<T> of(Operation<?> op) {
    return (ChannelCore<T>) NAMED_AFTER.get(op);
  }

  // ------------------------------------------------------------------ the lock

  /** It is given back in a {@code finally} of the caller's own: see "Lock". */
  @SuppressWarnings("ThreadPriorityCheck") // to let the holder run, not for the right result
  private void lock() {
    int spins = 0;
    while (!HELD.compareAndSet(this, 0, 1)) {
      do {
        if (++spins % SPINS == 0) {
          Thread.yield();
        } else {
          Thread.onSpinWait();
        }
      } while ((int) HELD.getOpaque(this) != 0);
    }
  }

  /** After the lock. */
  private static void wake(@Nullable Waker waker) {
    if (waker != null) {
      waker.wake();
    }
  }

  // ------------------------------------------------------------------ receiving

  /**
   * Of an end, or else of an operation. Ready with null: closed and nothing left. What an operation
   * was handed nobody else looks at, so it is taken without the lock; an end may be closed by
   * another thread, which passes it on.
   */
  @SuppressWarnings("unchecked") // ENDED holds no T
  Poll<@Nullable T> pollReceive(ReceiveOperation<T> op, @Nullable Receiver<T> end, Context cx) {
    requireNonNull(cx, "cx");
    T value;
    if (end == null && op.isHanded()) {
      value = op.takeValue();
    } else {
      boolean waits;
      cx.now(); // refuses a stale context
      lock();
      try {
        if (end == null) {
          op.begin();
        } else {
          end.refuseClosed();
        }
        value = receive(op, end, cx);
        waits = value == null && op.isWaiting();
      } finally {
        Waker wake = toWake;
        toWake = null;
        try {
          HELD.setRelease(this, 0);
        } catch (StackOverflowError e) { // interpreted, it takes frames
          held = 0;
        }
        wake(wake);
      }
      if (waits) {
        return Poll.pending();
      }
    }
    boolean proceeds = false;
    try {
      proceeds = cx.tryProceed();
    } finally {
      if (!proceeds && value != null) {
        keep(op, end, value);
      }
    }
    if (!proceeds) {
      return Poll.pending();
    }
    if (value == null) {
      return (Poll<@Nullable T>) (Poll<?>) ENDED;
    }
    return Poll.<@Nullable T>ready(value);
  }

  /** Under the lock. What there is for it; if that is null it waits, unless this was the end. */
  private @Nullable T receive(ReceiveOperation<T> op, @Nullable Receiver<T> end, Context cx) {
    T value = op.takeHeld();
    if (value == null && op.isWaiting()) {
      renew(op, end, cx);
    } else if (value == null) {
      value = takeUnheld();
      if (value == null && !closed) {
        if (waitingToReceive() == 0) {
          op.become(ReceiveOperation.ALONE, cx.waker(names.value));
          if (lastAlone != op) {
            lastAlone = op;
          }
        } else {
          ChannelNode<T> node = nodeOf(end);
          join(receivers, node, cx, names.value);
          op.become(ReceiveOperation.QUEUED, node);
        }
        if (!senders.isEmpty()) {
          serve(); // a rendezvous can be reserved now
        }
      }
    }
    return value;
  }

  /** If another task comes in the place of one without a node, it gets one, which keeps book. */
  private void renew(ReceiveOperation<T> op, @Nullable Receiver<T> end, Context cx) {
    if (op.isAlone()) {
      Waker before = op.waker();
      if (cx.waker(names.value) == before) {
        return;
      }
      ChannelNode<T> node = nodeOf(end);
      node.waitAs(before);
      receivers.addFirst(node);
      op.become(ReceiveOperation.QUEUED, node);
    }
    renew(op.node(), cx, names.value);
  }

  private static <T> ChannelNode<T> nodeOf(@Nullable Receiver<T> end) {
    return end == null ? new ChannelNode<>() : end.node();
  }

  /** For the next poll. If the end was closed meanwhile, for the next receiver. */
  private void keep(ReceiveOperation<T> op, @Nullable Receiver<T> end, T value) {
    List<T> undelivered = null;
    lock();
    try {
      op.hand(value);
      if (end != null && end.isClosed()) {
        undelivered = leave(op);
      }
    } finally {
      Waker wake = toWake;
      toWake = null;
      held = 0;
      wake(wake);
    }
    dispose(undelivered);
  }

  /** For a thread. Returns whether it is settled: with the value in the node, or ended without. */
  boolean receiveOrWait(ChannelNode<T> node, Waker thread) {
    boolean settled;
    lock();
    try {
      if (node.value == null && !node.isQueued()) {
        node.value = takeUnheld();
        if (node.value == null && !closed) {
          node.waitAs(thread);
          receivers.addLast(node);
          serve();
        }
      }
      settled = !node.isQueued();
    } finally {
      Waker wake = toWake;
      toWake = null;
      held = 0;
      wake(wake);
    }
    return settled;
  }

  /** Null if there is nothing to take now. What the end holds comes first. */
  @Nullable T tryReceive(@Nullable Receiver<T> end) {
    T value = null;
    lock();
    try {
      if (end != null) {
        end.refuseClosed();
        value = end.op.takeHeld();
      }
      if (value == null && (end == null || !end.op.isWaiting())) {
        value = takeUnheld();
      }
    } finally {
      Waker wake = toWake;
      toWake = null;
      held = 0;
      wake(wake);
    }
    return value;
  }

  /** Gives up waiting; what was handed over goes to the next. */
  void cancelReceive(ReceiveOperation<T> op) {
    List<T> undelivered;
    lock();
    try {
      undelivered = leave(op);
    } finally {
      Waker wake = toWake;
      toWake = null;
      held = 0;
      wake(wake);
    }
    dispose(undelivered);
  }

  /** Gives up waiting, unless a value was granted, which is returned then. */
  @Nullable T takeOrCancel(ChannelNode<T> node) {
    lock();
    try {
      receivers.remove(node);
      node.leave();
      return node.takeValue();
    } finally {
      Waker wake = toWake;
      toWake = null;
      held = 0;
      wake(wake);
    }
  }

  void refusePending(Receiver<T> end, String operation) {
    lock();
    try {
      end.refusePending(operation);
    } finally {
      held = 0;
    }
  }

  /** Under the lock. For one who does not wait. */
  private @Nullable T takeUnheld() {
    ArrayDeque<T> b = buffer;
    if (b != null) {
      T value = b.pollFirst();
      if (value != null) {
        if (b.isEmpty() && longest > KEPT_LENGTH) {
          buffer = null;
          longest = 0;
        }
        serve();
        return value;
      }
    }
    ChannelNode<T> first = firstSender();
    if (first == null || first.value == null || waitingToReceive() > 0 || permits > capacity) {
      return null; // if others wait to receive, it is theirs; so is what was reserved for them
    }
    senders.remove(first);
    T value = first.value;
    grant(first);
    serve();
    return value;
  }

  /** Under the lock. Returns what is nobody's by that. */
  private @Nullable List<T> leave(ReceiveOperation<T> op) {
    if (op.isAlone()) {
      op.become(ReceiveOperation.IDLE, null);
    } else if (op.isWaiting()) {
      receivers.remove(op.node());
      op.node().leave();
    }
    T granted = op.takeHeld();
    return granted == null ? null : passOn(granted);
  }

  /** Under the lock. What was handed to one who gives up. Returns it if it is nobody's. */
  private @Nullable List<T> passOn(T granted) {
    if (!handOver(granted)) {
      if (receiversGone) {
        return List.of(granted);
      }
      buffer().addFirst(granted);
    }
    return null;
  }

  /** Under the lock. Into the hands of the first receiver, if one waits. */
  private boolean handOver(T value) {
    ReceiveOperation<T> op = alone();
    if (op != null) {
      toWake = WakeAll.add(toWake, op.handAlone(value));
      return true;
    }
    ChannelNode<T> receiver = pollReceiver();
    if (receiver == null) {
      return false;
    }
    receiver.value = value;
    wakeLater(receiver);
    return true;
  }

  private int waitingToReceive() {
    return receivers.size() + (alone() == null ? 0 : 1);
  }

  private @Nullable ReceiveOperation<T> alone() {
    ReceiveOperation<T> op = lastAlone;
    return op != null && op.isAlone() ? op : null;
  }

  // ------------------------------------------------------------------ sending

  /** Of an end with its node; of an operation, which gets a node when it needs one. */
  Poll<Complete> pollSend(
      @Nullable ChannelNode<T> known, @Nullable Send<T> op, Context cx, T value) {
    cx.now(); // refuses a stale context
    ChannelNode<T> node = known;
    TrySendResult result;
    Waker wake = null;
    lock();
    try {
      if (node != null) {
        refuseRetired(node);
      }
      ReceiveOperation<T> receiver = alone();
      if (node != null && node.granted) {
        node.granted = false;
        result = TrySendResult.SENT;
      } else if (receiver != null && capacity > 0 && senders.isEmpty()) {
        wake = receiver.handAlone(value); // as step() does, in short: the usual case
        result = TrySendResult.SENT;
      } else {
        result = step(value);
      }
      if (result == TrySendResult.FULL) {
        if (node == null) {
          node = requireNonNull(op).newNode();
        }
        if (node.isQueued()) {
          renew(node, cx, names.place);
        } else {
          join(senders, node, cx, names.place);
          node.value = value;
        }
      }
    } finally {
      Waker later = toWake;
      toWake = null;
      try {
        HELD.setRelease(this, 0);
      } catch (StackOverflowError e) { // interpreted, it takes frames
        held = 0;
      }
      wake(later);
    }
    if (wake != null) {
      wake.wake();
    }
    if (result == TrySendResult.CLOSED) {
      throw closedFor(value);
    }
    return result == TrySendResult.SENT && proceed(node, op, false, cx)
        ? Poll.ready()
        : Poll.pending();
  }

  Poll<SendPermit<T>> pollReserve(ChannelNode<T> node, Context cx) {
    cx.now(); // refuses a stale context
    boolean refused;
    boolean granted;
    lock();
    try {
      refuseRetired(node);
      refused = closed;
      granted = node.granted;
      node.granted = false;
      if (refused) {
        permits -= granted ? 1 : 0;
      } else if (node.isQueued()) {
        renew(node, cx, names.place);
      } else if (!granted) {
        if (senders.isEmpty() && placeIsFree()) {
          permits++;
          granted = true;
        } else {
          join(senders, node, cx, names.place);
        }
      }
      node.reserves = node.isQueued();
    } finally {
      Waker wake = toWake;
      toWake = null;
      held = 0;
      wake(wake);
    }
    if (refused) {
      throw new ChannelClosedException("no place was reserved: " + names.channel + CLOSED, null);
    }
    if (!granted || !proceed(node, null, true, cx)) {
      return Poll.pending();
    }
    return Poll.ready(new SendPermit<>(this));
  }

  /** For a thread: FULL means that the node waits. */
  TrySendResult sendOrWait(ChannelNode<T> node, T value, Waker thread) {
    TrySendResult result;
    lock();
    try {
      result = node.granted ? TrySendResult.SENT : step(value);
      if (result == TrySendResult.FULL && !node.isQueued()) {
        node.waitAs(thread);
        node.value = value;
        senders.addLast(node);
      }
    } finally {
      Waker wake = toWake;
      toWake = null;
      held = 0;
      wake(wake);
    }
    return result;
  }

  TrySendResult trySend(@Nullable ChannelNode<T> node, T value) {
    TrySendResult result;
    lock();
    try {
      if (node != null) {
        refuseRetired(node);
      }
      result = step(value);
    } finally {
      Waker wake = toWake;
      toWake = null;
      held = 0;
      wake(wake);
    }
    return result;
  }

  /** Gives up a send or a reserve. Returns false if the value went before that. */
  boolean cancelSend(ChannelNode<T> node) {
    boolean went;
    lock();
    try {
      went = leave(node);
    } finally {
      Waker wake = toWake;
      toWake = null;
      held = 0;
      wake(wake);
    }
    return !went;
  }

  boolean isGranted(ChannelNode<T> node) {
    lock();
    try {
      return node.granted;
    } finally {
      held = 0;
    }
  }

  /** A reserved place is given back, or used for a value. */
  TrySendResult settlePermit(@Nullable T value) {
    boolean sent;
    lock();
    try {
      permits--;
      sent = value != null && !closed;
      if (sent) {
        put(requireNonNull(value));
      }
      serve();
    } finally {
      Waker wake = toWake;
      toWake = null;
      held = 0;
      wake(wake);
    }
    return sent ? TrySendResult.SENT : TrySendResult.CLOSED;
  }

  /** Under the lock. Whoever is queued, or would stand behind others, gets FULL. */
  private TrySendResult step(T value) {
    if (closed) {
      return TrySendResult.CLOSED;
    }
    if (!senders.isEmpty() || !valueMayGo()) {
      return TrySendResult.FULL;
    }
    put(value);
    return TrySendResult.SENT;
  }

  /** Under the lock. Into the hands of the first receiver, or else into the buffer. */
  private void put(T value) {
    if (!handOver(value)) {
      ArrayDeque<T> b = buffer();
      b.addLast(value);
      longest = Math.max(longest, b.size());
    }
  }

  /** Under the lock: restores the second invariant. */
  private void serve() {
    for (ChannelNode<T> first = firstSender();
        first != null && mayGo(first);
        first = firstSender()) {
      senders.remove(first);
      if (first.value == null) {
        permits++;
      } else {
        put(first.value);
      }
      grant(first);
    }
  }

  private void grant(ChannelNode<T> node) {
    node.value = null;
    node.granted = true;
    wakeLater(node);
  }

  private boolean mayGo(ChannelNode<T> first) {
    return first.value == null ? placeIsFree() : valueMayGo();
  }

  /**
   * One sum for all kinds: each receiver that waits is one more place. Where there is a buffer, a
   * value always goes if somebody waits for it, as there are never more permits than places. (Then
   * the buffer is empty, and is not asked.)
   */
  private boolean valueMayGo() {
    int waiting = waitingToReceive();
    return waiting > 0 ? (long) capacity + waiting > permits : capacity - permits > buffered();
  }

  private boolean placeIsFree() {
    return (long) (capacity == 0 ? waitingToReceive() : capacity) - buffered() - permits > 0;
  }

  /** Under the lock. Returns whether the value went before that. */
  private boolean leave(ChannelNode<T> node) {
    boolean went = node.granted && !node.reserves;
    if (node.granted && node.reserves) {
      permits--;
    }
    senders.remove(node);
    node.leave();
    node.value = null;
    node.granted = false;
    node.reserves = false;
    serve(); // a place came back, or the first has left
    return went;
  }

  /** Says whether the budget allows to tell that it went. If not, it stays granted until then. */
  private boolean proceed(
      @Nullable ChannelNode<T> node, @Nullable Send<T> op, boolean reserve, Context cx) {
    boolean proceeds = false;
    try {
      proceeds = cx.tryProceed();
    } finally {
      if (!proceeds) {
        keep(node == null ? requireNonNull(op).newNode() : node, reserve);
      }
    }
    return proceeds;
  }

  /** For the next poll. If the end was closed meanwhile, a place is for the next sender. */
  private void keep(ChannelNode<T> node, boolean reserve) {
    lock();
    try {
      node.granted = true;
      node.reserves = reserve;
      if (node.retired) {
        leave(node);
      }
    } finally {
      Waker wake = toWake;
      toWake = null;
      held = 0;
      wake(wake);
    }
  }

  // ------------------------------------------------------------------ ends and the end

  void openSender() {
    lock();
    try {
      openSenders++;
    } finally {
      held = 0;
    }
  }

  void openReceiver() {
    lock();
    try {
      openReceivers++;
    } finally {
      held = 0;
    }
  }

  void closeSender(ChannelNode<T> node) {
    lock();
    try {
      if (node.retired) {
        return;
      }
      node.retired = true;
      wakeLater(node); // somebody else closes it while it waits: it is told in its next poll
      leave(node);
      if (--openSenders == 0) {
        shut();
      }
    } finally {
      Waker wake = toWake;
      toWake = null;
      held = 0;
      wake(wake);
    }
  }

  void closeReceiver(Receiver<T> end) {
    List<T> undelivered;
    lock();
    try {
      if (!end.retire()) {
        return;
      }
      ReceiveOperation<T> op = end.op;
      if (op.isAlone()) {
        toWake = WakeAll.add(toWake, op.waker());
      } else if (op.isWaiting()) {
        wakeLater(op.node());
      }
      undelivered = leave(op);
      if (--openReceivers == 0) {
        receiversGone = true;
        shut();
        if (buffer != null) {
          undelivered = new ArrayList<>(buffer); // with what the node gave back, at the front
          buffer = null;
        }
      }
    } finally {
      Waker wake = toWake;
      toWake = null;
      held = 0;
      wake(wake);
    }
    dispose(undelivered);
  }

  void close() {
    lock();
    try {
      shut();
    } finally {
      Waker wake = toWake;
      toWake = null;
      held = 0;
      wake(wake);
    }
  }

  /** Under the lock. If somebody waits to receive there is nothing left to drain. */
  private void shut() {
    if (closed) {
      return;
    }
    closed = true;
    for (ChannelNode<T> node = firstSender(); node != null; node = firstSender()) {
      senders.remove(node);
      node.value = null; // its owner has it, and gives it back
      wakeLater(node);
    }
    ReceiveOperation<T> op = alone();
    if (op != null) {
      toWake = WakeAll.add(toWake, op.waker());
      op.become(ReceiveOperation.IDLE, null);
    }
    for (ChannelNode<T> node = pollReceiver(); node != null; node = pollReceiver()) {
      wakeLater(node);
    }
  }

  ChannelClosedException closedFor(T value) {
    return new ChannelClosedException("a value was not sent: " + names.channel + CLOSED, value);
  }

  private static final String CLOSED =
      " is closed; the exception holds what was to be sent, and trySend() tells without one";

  // ------------------------------------------------------------------ undelivered values

  void onUndelivered(Consumer<? super T> handler) {
    lock();
    try {
      onUndelivered = handler;
    } finally {
      held = 0;
    }
  }

  private void dispose(@Nullable List<T> values) {
    if (values == null || values.isEmpty()) {
      return;
    }
    Consumer<? super T> handler;
    lock();
    try {
      handler = onUndelivered;
    } finally {
      held = 0;
    }
    Undelivered.dispose(values, handler, names.channel);
  }

  // ------------------------------------------------------------------ inspection

  boolean isClosed() {
    return closed;
  }

  boolean isDrained() {
    lock();
    try {
      return closed && buffered() == 0;
    } finally {
      held = 0;
    }
  }

  int size() {
    lock();
    try {
      return buffered();
    } finally {
      held = 0;
    }
  }

  int remainingCapacity() {
    lock();
    try {
      return Math.max(0, capacity - buffered() - permits);
    } finally {
      held = 0;
    }
  }

  int waitingSenders() {
    lock();
    try {
      return senders.size();
    } finally {
      held = 0;
    }
  }

  int waitingReceivers() {
    lock();
    try {
      return waitingToReceive();
    } finally {
      held = 0;
    }
  }

  @Override
  public String toString() {
    lock();
    try {
      return "Channel["
          + names.channel
          + ", "
          + buffered()
          + (capacity == Integer.MAX_VALUE ? "" : " of " + capacity)
          + " buffered, "
          + permits
          + " reserved, waiting: "
          + senders.size()
          + " to send, "
          + waitingToReceive()
          + " to receive"
          + (closed ? ", closed]" : "]");
    } finally {
      held = 0;
    }
  }

  // ------------------------------------------------------------------ small steps, under the lock

  /** With the lock or without. */
  void refuseRetired(ChannelNode<T> node) {
    if (node.retired) {
      throw retired("sender");
    }
  }

  IllegalStateException retired(String end) {
    return new IllegalStateException(
        "this " + end + " of " + names.channel + " is closed; make another: see Channel");
  }

  private void join(WaiterQueue queue, Waiter node, Context cx, String why) {
    node.takePlace(cx, why); // nobody's: it stood in no queue
    queue.addLast(node);
  }

  private void renew(Waiter node, Context cx, String why) {
    toWake = WakeAll.add(toWake, node.takePlace(cx, why));
  }

  private void wakeLater(Waiter node) {
    toWake = WakeAll.add(toWake, node.leave());
  }

  private int buffered() {
    return buffer == null ? 0 : buffer.size();
  }

  private ArrayDeque<T> buffer() {
    ArrayDeque<T> b = buffer;
    if (b == null) {
      b = new ArrayDeque<>(2);
      buffer = b;
    }
    return b;
  }

  @SuppressWarnings("unchecked") // only send nodes of this channel stand in this queue
  private @Nullable ChannelNode<T> firstSender() {
    return (ChannelNode<T>) senders.first();
  }

  @SuppressWarnings("unchecked") // only receive nodes of this channel stand in this queue
  private @Nullable ChannelNode<T> pollReceiver() {
    return (ChannelNode<T>) receivers.pollFirst();
  }
}
