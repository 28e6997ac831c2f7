package dev.reveille.sync;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a channel is to do, without nodes, wakers and short cuts: everything queues, and then {@link
 * #settle} does what may be done, one thing at a time.
 */
final class ChannelModel {
  /** One who waits. */
  static final class Ticket {
    final String who;

    /** What it sends; null for a reserve or a receive. */
    final @Nullable Integer value;

    boolean done;

    /** What it received. */
    @Nullable Integer received;

    Ticket(String who, @Nullable Integer value) {
      this.who = who;
      this.value = value;
    }

    @Override
    public String toString() {
      return who;
    }
  }

  final int capacity;
  final Deque<Integer> buffer = new ArrayDeque<>();
  final List<Ticket> senders = new ArrayList<>();
  final List<Ticket> receivers = new ArrayList<>();
  final List<Integer> undelivered = new ArrayList<>();
  int permits;
  boolean closed;
  private boolean gone;

  ChannelModel(int capacity) {
    this.capacity = capacity;
  }

  /** Until nothing more may be done. */
  private void settle() {
    boolean again = true;
    while (again) {
      again = false;
      if (!receivers.isEmpty() && !buffer.isEmpty()) {
        Ticket first = receivers.remove(0);
        first.received = buffer.removeFirst();
        first.done = true;
        again = true;
      } else if (!senders.isEmpty()) {
        Ticket first = senders.get(0);
        long places = (long) capacity - buffer.size() - permits;
        if (first.value != null && places + receivers.size() > 0) {
          senders.remove(0).done = true;
          buffer.addLast(first.value);
          again = true;
        } else if (first.value == null
            && (capacity == 0 ? places + receivers.size() : places) > 0) {
          senders.remove(0).done = true;
          permits++;
          again = true;
        }
      }
    }
  }

  Ticket send(String who, @Nullable Integer value) {
    Ticket ticket = new Ticket(who, value);
    senders.add(ticket);
    settle();
    return ticket;
  }

  TrySendResult trySend(int value) {
    if (closed) {
      return TrySendResult.CLOSED;
    }
    Ticket ticket = send("try", value);
    return senders.remove(ticket) ? TrySendResult.FULL : TrySendResult.SENT;
  }

  Ticket receive(String who) {
    Ticket ticket = new Ticket(who, null);
    receivers.add(ticket);
    settle();
    return ticket;
  }

  /** It takes what it would get if it waited, but lets nobody else go on as if it did. */
  @Nullable Integer tryReceive() {
    boolean reserveIsFirst = !senders.isEmpty() && senders.get(0).value == null;
    if (!receivers.isEmpty() || (buffer.isEmpty() && reserveIsFirst)) {
      return null;
    }
    Ticket ticket = receive("try");
    receivers.remove(ticket);
    return ticket.received;
  }

  void cancelReceive(Ticket ticket) {
    receivers.remove(ticket);
    if (ticket.received != null) {
      if (gone) {
        undelivered.add(ticket.received);
      } else {
        buffer.addFirst(ticket.received);
      }
    }
    settle();
  }

  /** Whether it was taken back. */
  boolean cancelSend(Ticket ticket) {
    senders.remove(ticket);
    if (ticket.done && ticket.value == null) {
      permits--;
    }
    settle();
    return !ticket.done;
  }

  TrySendResult settlePermit(@Nullable Integer value) {
    permits--;
    if (value != null && !closed) {
      buffer.addLast(value);
    }
    settle();
    return value != null && !closed ? TrySendResult.SENT : TrySendResult.CLOSED;
  }

  void close() {
    closed = true;
    senders.clear();
    receivers.clear();
  }

  void receiversGone() {
    close();
    gone = true;
    undelivered.addAll(buffer);
    buffer.clear();
  }

  @Override
  public String toString() {
    return buffer + ", " + permits + " reserved, send " + senders + ", receive " + receivers;
  }
}
