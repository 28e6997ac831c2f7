package dev.reveille;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Where foreign threads leave what the loop shall take: a Treiber stack that the loop takes whole,
 * with a last state, sealed.
 *
 * <p>Many push, one takes. A push is one CAS in the common case; taking is one getAndSet and then
 * the reversal of a list that the loop owns alone, so there is no ABA and nothing is allocated: the
 * nodes are the things themselves. The same idea is in the JDK's {@code DelayScheduler} ("incoming
 * requests prepend Treiber-stack-style ... the scheduler thread takes and nulls out the entire
 * list").
 *
 * <p><b>Sealing</b> makes acceptance and the end of acceptance one atomic step: what was pushed
 * before the seal is returned by it or was taken before; what comes after it is refused. There is
 * no third possibility, hence no re-check after a push.
 *
 * <table>
 * <caption>Memory order of {@code head}</caption>
 * <tr><th>access</th><th>mode</th><th>pairs with</th></tr>
 * <tr><td>push: compareAndExchange(h, node)</td><td>volatile</td><td>take, seal (publishes the node and
 * what its pusher wrote before); and, as the store of the park handshake, with the loop's look at
 * {@link #isEmpty} after it announced its sleep</td></tr>
 * <tr><td>take, seal: getAndSet</td><td>volatile</td><td>push</td></tr>
 * <tr><td>isEmpty: get</td><td>volatile</td><td>push: the load of the park handshake</td></tr>
 * </table>
 */
final class Inbox {
  private static final VarHandle HEAD =
      fieldVarHandle(MethodHandles.lookup(), "head", VarHandle.class, Inbox.class, InboxNode.class);

  /** The last state. Never unlinked, never drained. */
  private static final InboxNode SEALED =
      new InboxNode() {
        @Override
        void drained(Loop loop) {
          throw new AssertionError("the seal was drained");
        }
      };

  @SuppressWarnings("unused") // by way of HEAD
  private volatile @Nullable InboxNode head;

  /**
   * Any thread.
   *
   * @return false if the inbox is sealed: the node was not accepted
   */
  boolean push(InboxNode node) {
    InboxNode seen = head;
    for (; ; ) {
      if (seen == SEALED) {
        return false;
      }
      node.next = seen;
      InboxNode witness = (InboxNode) HEAD.compareAndExchange(this, seen, node);
      if (witness == seen) {
        return true;
      }
      seen = witness;
    }
  }

  /** Whether a take would find nothing. Any thread. */
  boolean isEmpty() {
    InboxNode h = head;
    return h == null || h == SEALED;
  }

  /** Any thread. */
  boolean isSealed() {
    return head == SEALED;
  }

  /**
   * Takes everything, oldest first. Driver only.
   *
   * @return the oldest node, linked to the younger ones by {@code next}; null if there is none
   */
  @Nullable InboxNode take() {
    if (isEmpty()) { // A load is cheaper than a getAndSet, and most looks find nothing.
      return null;
    }
    return reverse((InboxNode) HEAD.getAndSet(this, null));
  }

  /**
   * Seals the inbox if nothing is in it. Driver only.
   *
   * @return false if something was pushed; the inbox is open then
   */
  boolean sealIfEmpty() {
    return HEAD.compareAndSet(this, null, SEALED);
  }

  /** Seals the inbox and takes what is left, oldest first. Driver only. */
  @Nullable InboxNode seal() {
    InboxNode rest = (InboxNode) HEAD.getAndSet(this, SEALED);
    return rest == SEALED ? null : reverse(rest);
  }

  private static @Nullable InboxNode reverse(@Nullable InboxNode youngest) {
    InboxNode oldest = null;
    InboxNode node = youngest;
    while (node != null) {
      InboxNode older = node.next;
      node.next = oldest;
      oldest = node;
      node = older;
    }
    return oldest;
  }
}
