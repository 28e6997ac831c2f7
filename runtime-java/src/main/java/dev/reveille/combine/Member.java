package dev.reveille.combine;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;

import dev.reveille.Context;
import dev.reveille.Names;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Waker;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * One stay of a child in a {@link PollableSet}: its waker, its place in the list of the woken, its
 * place among all children, in one object.
 *
 * <p>Its wake is the loop's own split wake with one path for all threads: who changes {@link
 * #notified} from 0 to 1 links the member, and only the owner changes it back, after it has
 * unlinked the member and read its link, and with an RMW. A waker that finds 1 leaves it at that,
 * and its writes reach the poll all the same: its getAndSet is a release, and the owner's getAndSet
 * comes later in the total order of the RMWs of this word (tokio #7589).
 *
 * <p>At the end its references are nulled, so a waker that outlives the child keeps this object
 * alive and nothing else, and wakes nobody.
 */
final class Member<T extends @Nullable Object> implements Waker {
  private static final VarHandle NOTIFIED =
      fieldVarHandle(MethodHandles.lookup(), "notified", VarHandle.class, Member.class, int.class);

  /** 1 exactly while this is linked. By wakers and owner: getAndSet (volatile), as told above. */
  @SuppressWarnings("unused") // by way of NOTIFIED
  private int notified;

  /**
   * The link in stack or list. Plain: written by the one who links it, before the CAS that
   * publishes it; read and written by the owner after the take, while {@link #notified} is 1.
   */
  @Nullable Member<T> next;

  /**
   * Where wakes go. Plain: written by the owner, null at the end; a waker gets this object by a
   * safe publication, and a value that is out of date costs a dead node that the owner skips.
   */
  private @Nullable ReadyList<T> ready;

  /** Null at the end. Owner only, as the rest. */
  @Nullable Pollable<? extends T> child;

  @Nullable Member<T> before;
  @Nullable Member<T> after;

  /** The child's context, and the one it was made from: the same in each poll, as a rule. */
  private @Nullable Context context;

  private @Nullable Context base;

  /** Born linked, for {@link ReadyList#append}, since a child is polled without a wake at first. */
  Member(ReadyList<T> ready, Pollable<? extends T> child) {
    this.ready = ready;
    this.child = child;
    this.notified = 1;
  }

  @Override
  public void wake() {
    ReadyList<T> r = ready; // once: the end nulls it
    if (r != null && (int) NOTIFIED.getAndSet(this, 1) == 0) {
      r.push(this);
    }
  }

  /** A foreign thread may see this late: then a dead node is kept for a while. */
  @Override
  public boolean isEnded() {
    return ready == null;
  }

  /** Owner, who has read the link: from now on a wake may push this again. */
  void unlinked() {
    next = null;
    NOTIFIED.getAndSet(this, 0); // volatile RMW: reads what every coalesced waker released
  }

  /** Polls the child, whose Pending needs a waker of this member. */
  Poll<T> poll(Context cx, Pollable<? extends T> c) throws Exception {
    Context own = context;
    if (own == null || base != cx) {
      own = cx.withWaker(this);
      context = own;
      base = cx;
    }
    return Children.poll(own, c);
  }

  /** Nulls every reference but the links of a list that this may still be in. */
  void release() {
    ready = null;
    child = null;
    context = null;
    base = null;
  }

  @Override
  public String toString() {
    Pollable<? extends T> c = child;
    return c == null ? "child of a PollableSet that has ended" : "'" + Names.of(c) + "'";
  }
}
