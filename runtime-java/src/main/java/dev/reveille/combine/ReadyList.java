package dev.reveille.combine;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;

import dev.reveille.Context;
import dev.reveille.Waker;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The members of a {@link PollableSet} that were woken, and the waker of the task that polls the
 * set.
 *
 * <h2>Algorithm</h2>
 *
 * As in the loop's own inbox: any thread pushes a member onto a Treiber stack, the owner takes the
 * whole stack with one getAndSet, reverses it and appends it to a list of its own, so that the
 * oldest wake is served first. The members are the nodes; nothing is allocated, and there is no ABA
 * since nobody pops a single node. futures-rs has a Vyukov queue here, in which a consumer may find
 * a producer between its two steps and has to come back; a stack that is taken whole has no such
 * state.
 *
 * <p>A member is linked at most once, in the stack or in the list, and its word {@link Member#wake
 * NOTIFIED} says so. It is taken off the list, its link is read, and only then is the word cleared
 * and the member polled: a wake during the poll links it again, at the end. So a member that always
 * wakes itself comes back behind all the others.
 *
 * <h2>No wake of the task is lost</h2>
 *
 * The owner: register the waker, then look at the stack <em>again</em>. A waker: push, then look
 * whether somebody is registered. All four are volatile, so at least one of the two sees the other.
 * Every pusher looks, not only the one who found the stack empty: else a thread that is held up
 * between its push and its wake would hold up the wakes of the others.
 *
 * <table>
 * <caption>Memory order</caption>
 * <tr><th>access</th><th>mode</th><th>pairs with</th></tr>
 * <tr><td>head: push, compareAndExchange</td><td>volatile</td><td>take (publishes the link and what the
 * waker's thread wrote before); the owner's last look</td></tr>
 * <tr><td>head: take, getAndSet; the last look, get</td><td>volatile</td><td>push</td></tr>
 * <tr><td>parent: register, setVolatile</td><td>volatile</td><td>the pusher's look and getAndSet</td></tr>
 * <tr><td>parent: get and getAndSet null by a pusher</td><td>volatile</td><td>register; of several
 * pushers one wakes</td></tr>
 * </table>
 */
final class ReadyList<T extends @Nullable Object> {
  private static final VarHandle HEAD =
      fieldVarHandle(
          MethodHandles.lookup(), "head", VarHandle.class, ReadyList.class, Member.class);
  private static final VarHandle PARENT =
      fieldVarHandle(
          MethodHandles.lookup(), "parent", VarHandle.class, ReadyList.class, Waker.class);

  /** The youngest that was pushed. */
  private volatile @Nullable Member<T> head;

  /**
   * The task that polls the set, while it waits. The last one to register: the set has one owner,
   * and may move to another one and back, so nobody is evicted here.
   */
  private volatile @Nullable Waker parent;

  /** The list of the owner, oldest first. Plain, as is {@link #last}: owner only. */
  private @Nullable Member<T> first;

  private @Nullable Member<T> last;

  // ------------------------------------------------------------------ any thread

  /** By the one who changed the member's word from 0 to 1. */
  @SuppressWarnings("unchecked") // members of this set
  void push(Member<T> member) {
    Member<T> seen = head;
    for (; ; ) {
      member.next = seen;
      Member<T> witness = (Member<T>) HEAD.compareAndExchange(this, seen, member);
      if (witness == seen) {
        break;
      }
      seen = witness;
    }
    wakeParent();
  }

  void wakeParent() {
    if (parent != null) { // a load is cheaper than a getAndSet, and most pushers find nobody
      Waker waker = (Waker) PARENT.getAndSet(this, null);
      if (waker != null) {
        waker.wake();
      }
    }
  }

  // ------------------------------------------------------------------ owner

  /** Looks for members again after it. */
  void register(Context cx, String why) {
    Waker waker = cx.waker(why);
    if (parent != waker) {
      PARENT.setVolatile(this, waker);
    }
  }

  /** The task polls, or waits no more: it needs no wake. */
  void unregister() {
    if (parent != null) {
      PARENT.setVolatile(this, null);
    }
  }

  /** For a member that was born linked. */
  void append(Member<T> member) {
    Member<T> l = last;
    if (l == null) {
      first = member;
    } else {
      l.next = member;
    }
    last = member;
  }

  /** Whether {@link #take} would find none. */
  boolean isEmpty() {
    return first == null && head == null;
  }

  /** The one whose wake is the oldest. It may have ended since, and is free to be pushed again. */
  @Nullable Member<T> take() {
    if (first == null) {
      takeStack();
    }
    Member<T> member = first;
    if (member == null) {
      return null;
    }
    Member<T> following = member.next;
    first = following;
    if (following == null) {
      last = null;
    }
    member.unlinked();
    return member;
  }

  @SuppressWarnings("unchecked") // members of this set
  private void takeStack() {
    if (head == null) {
      return;
    }
    Member<T> youngest = (Member<T>) HEAD.getAndSet(this, null);
    Member<T> oldest = null;
    Member<T> member = youngest;
    while (member != null) {
      Member<T> older = member.next;
      member.next = oldest;
      oldest = member;
      member = older;
    }
    first = oldest;
    last = youngest;
  }
}
