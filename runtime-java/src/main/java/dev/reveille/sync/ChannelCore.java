package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Waker;
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
 * <p><b>Lock.</b> This object's monitor, for short steps. No waker is called under it and no code
 * of a user: wakers are collected in {@link #toWake} and called after it. The budget is asked after
 * it, too, as a refusal wakes; if it is refused, what the step brought stays with the node, as if
 * it had been granted while it waited. The monitor is also what gives the channel its memory
 * effects: a send or the freeing of a place releases it, the receive or send that profits has
 * acquired it later.
 */
final class ChannelCore<T> {
  private static final Poll<@Nullable Object> ENDED = Poll.<@Nullable Object>ready(null);

  /** A buffer that has been longer than this is let go when it is empty: an array never shrinks. */
  private static final int KEPT_LENGTH = 1_024;

  final ChannelNames names;

  /** Zero: rendezvous. {@link Integer#MAX_VALUE}: unbounded. */
  final int capacity;

  private final WaiterQueue senders = new WaiterQueue();
  private final WaiterQueue receivers = new WaiterQueue();

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

  // ------------------------------------------------------------------ receiving

  /** Ready with null: closed and nothing left. */
  @SuppressWarnings("unchecked") // ENDED holds no T
  Poll<@Nullable T> pollReceive(ReceiveNode<T> node, Context cx) {
    requireNonNull(cx, "cx");
    T value;
    boolean ended = false;
    Waker wake;
    synchronized (this) {
      refuseRetired(node, "receiver");
      value = take(node);
      if (value == null && !node.isQueued()) {
        ended = closed;
        if (!ended) {
          join(receivers, node, cx, names.value());
          serve(); // a rendezvous can be reserved now
        }
      } else if (value == null) {
        renew(node, cx, names.value());
      }
      wake = takeWakes();
    }
    wake(wake);
    if (value == null && !ended) {
      return Poll.pending();
    }
    boolean proceeds = false;
    try {
      proceeds = cx.tryProceed();
    } finally {
      if (!proceeds && value != null) {
        keep(node, value);
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

  /** For the next poll. If the end was closed meanwhile, for the next receiver. */
  private void keep(ReceiveNode<T> node, T value) {
    List<T> undelivered = null;
    Waker wake;
    synchronized (this) {
      node.value = value;
      if (node.retired) {
        undelivered = leave(node);
      }
      wake = takeWakes();
    }
    wake(wake);
    dispose(undelivered);
  }

  /** For a thread. Returns whether it is settled: with the value in the node, or ended without. */
  boolean receiveOrWait(ReceiveNode<T> node, Waker thread) {
    boolean settled;
    Waker wake;
    synchronized (this) {
      T value = take(node);
      settled = value != null || closed;
      if (value != null) {
        node.value = value;
      } else if (!settled && !node.isQueued()) {
        node.waitAs(thread);
        receivers.addLast(node);
        serve();
      }
      wake = takeWakes();
    }
    wake(wake);
    return settled;
  }

  /** Null if there is nothing to take now. What the node holds comes first. */
  @Nullable T tryReceive(@Nullable ReceiveNode<T> node) {
    T value;
    Waker wake;
    synchronized (this) {
      if (node != null) {
        refuseRetired(node, "receiver");
      }
      value = node == null ? takeUnheld() : take(node);
      wake = takeWakes();
    }
    wake(wake);
    return value;
  }

  /** Gives up waiting; what was granted goes to the next. */
  void cancelReceive(ReceiveNode<T> node) {
    List<T> undelivered;
    Waker wake;
    synchronized (this) {
      undelivered = leave(node);
      wake = takeWakes();
    }
    wake(wake);
    dispose(undelivered);
  }

  /** Gives up waiting, unless a value was granted, which is returned then. */
  @Nullable T takeOrCancel(ReceiveNode<T> node) {
    synchronized (this) {
      receivers.remove(node);
      node.leave();
      return node.takeValue();
    }
  }

  synchronized boolean isPending(ReceiveNode<T> node) {
    return node.isQueued() || node.value != null;
  }

  /** Under the lock. What was granted, or else what there is; null if it waits or has to. */
  private @Nullable T take(ReceiveNode<T> node) {
    T granted = node.takeValue();
    return granted != null || node.isQueued() ? granted : takeUnheld();
  }

  /** Under the lock. For one who does not stand in the queue. */
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
    SendNode<T> first = firstSender();
    if (first == null || first.value == null || !receivers.isEmpty() || permits > capacity) {
      return null; // if others wait to receive, it is theirs; so is what was reserved for them
    }
    senders.remove(first);
    T value = first.value;
    grant(first);
    serve();
    return value;
  }

  /** Under the lock. Returns what is nobody's by that. */
  private @Nullable List<T> leave(ReceiveNode<T> node) {
    receivers.remove(node);
    node.leave();
    T granted = node.takeValue();
    if (granted == null) {
      return null;
    }
    ReceiveNode<T> next = pollReceiver();
    if (next != null) {
      next.value = granted;
      wakeLater(next);
    } else if (receiversGone) {
      return List.of(granted);
    } else {
      buffer().addFirst(granted);
    }
    return null;
  }

  // ------------------------------------------------------------------ sending

  Poll<Complete> pollSend(SendNode<T> node, Context cx, T value) {
    requireNonNull(cx, "cx");
    TrySendResult result;
    Waker wake;
    synchronized (this) {
      refuseRetired(node, "sender");
      result = node.granted ? TrySendResult.SENT : step(node, value);
      node.granted = false;
      if (result == TrySendResult.FULL) {
        if (node.isQueued()) {
          renew(node, cx, names.place());
        } else {
          join(senders, node, cx, names.place());
          node.value = value;
        }
      }
      wake = takeWakes();
    }
    wake(wake);
    return switch (result) {
      case SENT -> proceed(node, false, cx) ? Poll.ready() : Poll.pending();
      case FULL -> Poll.pending();
      case CLOSED -> throw closedFor(value);
    };
  }

  Poll<SendPermit<T>> pollReserve(SendNode<T> node, Context cx) {
    requireNonNull(cx, "cx");
    boolean refused;
    boolean granted;
    Waker wake;
    synchronized (this) {
      refuseRetired(node, "sender");
      refused = closed;
      granted = node.granted;
      node.granted = false;
      if (refused) {
        permits -= granted ? 1 : 0;
      } else if (node.isQueued()) {
        renew(node, cx, names.place());
      } else if (!granted) {
        if (senders.isEmpty() && placeIsFree()) {
          permits++;
          granted = true;
        } else {
          join(senders, node, cx, names.place());
        }
      }
      node.reserves = node.isQueued();
      wake = takeWakes();
    }
    wake(wake);
    if (refused) {
      throw new ChannelClosedException("no place was reserved: " + names.channel() + CLOSED, null);
    }
    if (!granted || !proceed(node, true, cx)) {
      return Poll.pending();
    }
    return Poll.ready(new SendPermit<>(this));
  }

  /** For a thread: FULL means that the node waits. */
  TrySendResult sendOrWait(SendNode<T> node, T value, Waker thread) {
    TrySendResult result;
    Waker wake;
    synchronized (this) {
      result = node.granted ? TrySendResult.SENT : step(node, value);
      if (result == TrySendResult.FULL && !node.isQueued()) {
        node.waitAs(thread);
        node.value = value;
        senders.addLast(node);
      }
      wake = takeWakes();
    }
    wake(wake);
    return result;
  }

  TrySendResult trySend(@Nullable SendNode<T> node, T value) {
    TrySendResult result;
    Waker wake;
    synchronized (this) {
      if (node != null) {
        refuseRetired(node, "sender");
      }
      result = step(null, value);
      wake = takeWakes();
    }
    wake(wake);
    return result;
  }

  /** Gives up a send or a reserve. Returns false if the value went before that. */
  boolean cancelSend(SendNode<T> node) {
    boolean went;
    Waker wake;
    synchronized (this) {
      went = leave(node);
      wake = takeWakes();
    }
    wake(wake);
    return !went;
  }

  synchronized boolean isGranted(SendNode<T> node) {
    return node.granted;
  }

  /** A reserved place is given back, or used for a value. */
  TrySendResult settlePermit(@Nullable T value) {
    boolean sent;
    Waker wake;
    synchronized (this) {
      permits--;
      sent = value != null && !closed;
      if (sent) {
        put(requireNonNull(value));
      }
      serve();
      wake = takeWakes();
    }
    wake(wake);
    return sent ? TrySendResult.SENT : TrySendResult.CLOSED;
  }

  /** Under the lock. Whoever is queued, or would stand behind others, gets FULL. */
  private TrySendResult step(@Nullable SendNode<T> node, T value) {
    if (closed) {
      return TrySendResult.CLOSED;
    }
    if ((node != null && node.isQueued()) || !senders.isEmpty() || !valueMayGo()) {
      return TrySendResult.FULL;
    }
    put(value);
    return TrySendResult.SENT;
  }

  /** Under the lock. Into the hands of the first receiver, or else into the buffer. */
  private void put(T value) {
    ReceiveNode<T> receiver = pollReceiver();
    if (receiver != null) {
      receiver.value = value;
      wakeLater(receiver);
    } else {
      ArrayDeque<T> b = buffer();
      b.addLast(value);
      longest = Math.max(longest, b.size());
    }
  }

  /** Under the lock: restores the second invariant. */
  private void serve() {
    for (SendNode<T> first = firstSender(); first != null && mayGo(first); first = firstSender()) {
      senders.remove(first);
      if (first.value == null) {
        permits++;
      } else {
        put(first.value);
      }
      grant(first);
    }
  }

  private void grant(SendNode<T> node) {
    node.value = null;
    node.granted = true;
    wakeLater(node);
  }

  private boolean mayGo(SendNode<T> first) {
    return first.value == null ? placeIsFree() : valueMayGo();
  }

  /**
   * One sum for all kinds: each receiver that waits is one more place. Where there is a buffer, a
   * value always goes if somebody waits for it, as there are never more permits than places.
   */
  private boolean valueMayGo() {
    return (long) capacity + receivers.size() - buffered() - permits > 0;
  }

  private boolean placeIsFree() {
    return (long) (capacity == 0 ? receivers.size() : capacity) - buffered() - permits > 0;
  }

  /** Under the lock. Returns whether the value went before that. */
  private boolean leave(SendNode<T> node) {
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
  private boolean proceed(SendNode<T> node, boolean reserve, Context cx) {
    boolean proceeds = false;
    try {
      proceeds = cx.tryProceed();
    } finally {
      if (!proceeds) {
        keep(node, reserve);
      }
    }
    return proceeds;
  }

  /** For the next poll. If the end was closed meanwhile, a place is for the next sender. */
  private void keep(SendNode<T> node, boolean reserve) {
    Waker wake;
    synchronized (this) {
      node.granted = true;
      node.reserves = reserve;
      if (node.retired) {
        leave(node);
      }
      wake = takeWakes();
    }
    wake(wake);
  }

  // ------------------------------------------------------------------ ends and the end

  synchronized void openSender() {
    openSenders++;
  }

  synchronized void openReceiver() {
    openReceivers++;
  }

  void closeSender(SendNode<T> node) {
    Waker wake;
    synchronized (this) {
      if (node.retired) {
        return;
      }
      node.retired = true;
      wakeLater(node); // somebody else closes it while it waits: it is told in its next poll
      leave(node);
      if (--openSenders == 0) {
        shut();
      }
      wake = takeWakes();
    }
    wake(wake);
  }

  void closeReceiver(ReceiveNode<T> node) {
    List<T> undelivered;
    Waker wake;
    synchronized (this) {
      if (node.retired) {
        return;
      }
      node.retired = true;
      wakeLater(node);
      undelivered = leave(node);
      if (--openReceivers == 0) {
        receiversGone = true;
        shut();
        if (buffer != null) {
          undelivered = new ArrayList<>(buffer); // with what the node gave back, at the front
          buffer = null;
        }
      }
      wake = takeWakes();
    }
    wake(wake);
    dispose(undelivered);
  }

  void close() {
    Waker wake;
    synchronized (this) {
      shut();
      wake = takeWakes();
    }
    wake(wake);
  }

  /** Under the lock. If somebody waits to receive there is nothing left to drain. */
  private void shut() {
    if (closed) {
      return;
    }
    closed = true;
    for (SendNode<T> node = firstSender(); node != null; node = firstSender()) {
      senders.remove(node);
      node.value = null; // its owner has it, and gives it back
      wakeLater(node);
    }
    for (ReceiveNode<T> node = pollReceiver(); node != null; node = pollReceiver()) {
      wakeLater(node);
    }
  }

  ChannelClosedException closedFor(T value) {
    return new ChannelClosedException("a value was not sent: " + names.channel() + CLOSED, value);
  }

  private static final String CLOSED =
      " is closed; the exception holds what was to be sent, and trySend() tells without one";

  // ------------------------------------------------------------------ undelivered values

  synchronized void onUndelivered(Consumer<? super T> handler) {
    onUndelivered = handler;
  }

  private void dispose(@Nullable List<T> values) {
    if (values == null || values.isEmpty()) {
      return;
    }
    Consumer<? super T> handler;
    synchronized (this) {
      handler = onUndelivered;
    }
    Undelivered.dispose(values, handler, names.channel());
  }

  // ------------------------------------------------------------------ inspection

  boolean isClosed() {
    return closed;
  }

  synchronized boolean isDrained() {
    return closed && buffered() == 0;
  }

  synchronized int size() {
    return buffered();
  }

  synchronized int remainingCapacity() {
    return Math.max(0, capacity - buffered() - permits);
  }

  synchronized int waitingSenders() {
    return senders.size();
  }

  synchronized int waitingReceivers() {
    return receivers.size();
  }

  @Override
  public synchronized String toString() {
    return "Channel["
        + names.channel()
        + ", "
        + buffered()
        + (capacity == Integer.MAX_VALUE ? "" : " of " + capacity)
        + " buffered, "
        + permits
        + " reserved, waiting: "
        + senders.size()
        + " to send, "
        + receivers.size()
        + " to receive"
        + (closed ? ", closed]" : "]");
  }

  // ------------------------------------------------------------------ small steps, under the lock

  synchronized void refuseRetired(ChannelWaiter node, String end) {
    if (node.retired) {
      throw new IllegalStateException(
          "this " + end + " of " + names.channel() + " is closed; make another: see Channel");
    }
  }

  private void join(WaiterQueue queue, ChannelWaiter node, Context cx, String why) {
    node.takePlace(cx, why); // nobody's: it stood in no queue
    queue.addLast(node);
  }

  private void renew(ChannelWaiter node, Context cx, String why) {
    toWake = WakeAll.add(toWake, node.takePlace(cx, why));
  }

  private void wakeLater(ChannelWaiter node) {
    toWake = WakeAll.add(toWake, node.leave());
  }

  private @Nullable Waker takeWakes() {
    Waker wake = toWake;
    toWake = null;
    return wake;
  }

  private static void wake(@Nullable Waker wake) {
    if (wake != null) {
      wake.wake();
    }
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
  private @Nullable SendNode<T> firstSender() {
    return (SendNode<T>) senders.first();
  }

  @SuppressWarnings("unchecked") // only receive nodes of this channel stand in this queue
  private @Nullable ReceiveNode<T> pollReceiver() {
    return (ReceiveNode<T>) receivers.pollFirst();
  }
}
