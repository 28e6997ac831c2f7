package dev.reveille.sync;

import static java.util.Objects.requireNonNull;

import dev.reveille.Context;
import dev.reveille.Operation;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Waker;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A point at which a number of parties wait for each other: none goes on before all have come. Then
 * all go on, one of them as the {@link Role#LEADER}, and the barrier is open for the next
 * generation.
 *
 * <pre>{@code
 * Barrier barrier = new Barrier(2);
 * for (String name : List.of("left", "right")) {
 *   Pollable<Barrier.Role> arrival = barrier.await();
 *   loop.spawn(
 *       name,
 *       Pollable.owning(
 *           List.of(arrival),
 *           cx -> {
 *             Poll<Barrier.Role> poll = arrival.poll(cx);
 *             if (poll.isPending()) {
 *               return Poll.pending();
 *             }
 *             log.add(name + " goes on as " + poll.value());
 *             return Poll.ready();
 *           }));
 * }
 * }</pre>
 *
 * <p>A party that gives up before its generation is complete leaves, and its place is free again;
 * the others are not told and not broken. One that gives up after it has counted: the others go on
 * without it.
 *
 * <p><b>Threading.</b> All methods may be called by any thread; tasks of any dispatcher may wait.
 * <b>Memory effects.</b> Actions of every party before its arrival happen-before what follows the
 * barrier in each of them.
 */
public final class Barrier {
  // One lock guards all of it. A generation is an object: those who wait are in the queue; when the
  // last one comes, the queue is emptied and each party remembers the generation that it was in.
  // Its leader is the first of them who looks. So there is exactly one among those who go on, also
  // if the party that came last, or any other, is cancelled or out of budget just then.

  /** What a party is in its generation. */
  public enum Role {
    /** One of each generation: the one to do what has to be done once. */
    LEADER,
    /** All the others. */
    FOLLOWER
  }

  private static final Poll<Role> LEADER = Poll.ready(Role.LEADER);
  private static final Poll<Role> FOLLOWER = Poll.ready(Role.FOLLOWER);

  /** One round of parties, complete when somebody refers to it. */
  private static final class Generation {
    boolean hasLeader;
  }

  private final Object lock = new Object();
  private final WaiterQueue arrived = new WaiterQueue();
  private final int parties;
  private final String name;
  private final String why;
  private long generations;

  /**
   * Creates a barrier without a name.
   *
   * @param parties how many wait for each other; at least one
   * @throws IllegalArgumentException if it is less than one
   */
  public Barrier(int parties) {
    this("barrier", parties);
  }

  /**
   * Creates a barrier.
   *
   * @param name for dumps and messages
   * @param parties how many wait for each other; at least one
   * @throws IllegalArgumentException if {@code parties} is less than one
   */
  public Barrier(String name, int parties) {
    if (parties < 1) {
      throw new IllegalArgumentException(
          "a barrier cannot have " + parties + " parties: at least one");
    }
    this.parties = parties;
    this.name = requireNonNull(name, "name");
    this.why = "the others at '" + name + "'";
  }

  /**
   * Arrives, and waits for the others. It counts from its first poll on.
   *
   * <p>Ready with the role of this party when all parties of its generation have arrived, at once
   * for the last one. Pending until then; the one who comes last wakes. Throws nothing. {@code
   * cancel()} leaves: its place is free again, unless the generation is complete.
   *
   * @return a new one-shot operation
   */
  public Pollable<Role> await() {
    return new Await(party());
  }

  /**
   * Arrives, and blocks the calling thread until the others have: for threads beside the loops.
   *
   * @return the role of this party
   * @throws InterruptedException if the thread was interrupted before that; its place is free
   *     again. If the last one came first, the role is returned and the thread stays interrupted
   */
  public Role blockingAwait() throws InterruptedException {
    Role role = blockingAwait(Parking.FOREVER);
    assert role != null;
    return role;
  }

  /**
   * {@link #blockingAwait()} for a limited time, of the system's clock.
   *
   * @param timeout how long to wait at most; zero or less means not at all
   * @return the role of this party, or null if the time ran out: then its place is free again
   * @throws InterruptedException as {@link #blockingAwait()}
   */
  public @Nullable Role blockingAwait(Duration timeout) throws InterruptedException {
    return blockingAwait(Parking.nanos(timeout));
  }

  private @Nullable Role blockingAwait(long nanos) throws InterruptedException {
    Party party = party();
    try {
      Parking.await(this, nanos, party::arriveOrWait);
    } catch (InterruptedException e) {
      Role role = party.giveUp();
      if (role == null) {
        throw e;
      }
      Thread.currentThread().interrupt(); // it has counted: the others have gone on with it
      return role;
    }
    return party.giveUp();
  }

  /**
   * A party that takes part in generation after generation by {@link Party#pollAwait}: the layer
   * without an object per arrival.
   *
   * @return a new party, not arrived yet
   */
  public Party party() {
    return new Party();
  }

  /**
   * How many it takes.
   *
   * @return one or more
   */
  public int parties() {
    return parties;
  }

  /**
   * How many have arrived in the generation that is not complete yet.
   *
   * @return zero or more, less than {@link #parties}
   */
  public int arrived() {
    synchronized (lock) {
      return arrived.size();
    }
  }

  @Override
  public String toString() {
    synchronized (lock) {
      return "Barrier['"
          + name
          + "', "
          + arrived.size()
          + " of "
          + parties
          + " arrived, "
          + generations
          + " generations complete]";
    }
  }

  /** Under the lock: all are there. */
  private @Nullable Waker trip() {
    Waker wake = null;
    Generation generation = new Generation();
    generations++;
    for (Party p = (Party) arrived.pollFirst(); p != null; p = (Party) arrived.pollFirst()) {
      p.complete = generation;
      wake = WakeAll.add(wake, p.leave());
    }
    return wake;
  }

  /**
   * One of those who wait for each other, in one generation after the other.
   *
   * <p>A task that waits with it closes it when it is cancelled: else it would count as arrived.
   *
   * <p><b>Threading.</b> One task at a time polls it; {@link #close} may be called by any thread.
   */
  public final class Party extends Waiter implements AutoCloseable {
    /** Guarded by the lock. Null while it waits, and after it was told. */
    private @Nullable Generation complete;

    private Party() {}

    /**
     * Arrives, and waits for the others; may be called again and again, and after it was Ready it
     * arrives in the next generation. Ready with the role of this party when all have arrived.
     * Pending until then; the one who comes last wakes. To give up, call {@link #close}. Throws
     * nothing.
     *
     * @param cx the context of the poll
     * @return ready with the role
     */
    public Poll<Role> pollAwait(Context cx) {
      for (; ; ) {
        Waker wake = null;
        boolean pending = false;
        synchronized (lock) {
          if (complete == null) {
            wake = takePlace(cx, why);
            arrive();
            pending = arrived.size() < parties;
            if (!pending) {
              leave(); // it need not be woken; and as it came just now, nobody had its place
              wake = trip();
            }
          }
        }
        if (wake != null) {
          wake.wake();
        }
        if (pending || !cx.tryProceed()) { // outside the lock, since it may wake
          return Poll.pending(); // it has counted, and will be told in its next poll
        }
        Role role = role();
        if (role != null) { // else a close() came in between
          return role == Role.LEADER ? LEADER : FOLLOWER;
        }
      }
    }

    private boolean arriveOrWait(Waker thread) {
      Waker wake = null;
      synchronized (lock) {
        if (complete == null) {
          waitAs(thread);
          arrive();
          if (arrived.size() < parties) {
            return false;
          }
          leave();
          wake = trip();
        }
      }
      if (wake != null) {
        wake.wake();
      }
      return true;
    }

    private void arrive() {
      if (!isQueued()) {
        arrived.addLast(this);
      }
    }

    /** The role in the generation that was completed, once; null if there is none. */
    private @Nullable Role role() {
      synchronized (lock) {
        Generation generation = complete;
        complete = null;
        if (generation == null) {
          return null;
        }
        if (generation.hasLeader) {
          return Role.FOLLOWER;
        }
        generation.hasLeader = true;
        return Role.LEADER;
      }
    }

    /** In one step: else it could be counted in between, and not be told. */
    private @Nullable Role giveUp() {
      synchronized (lock) {
        arrived.remove(this);
        leave();
        return role();
      }
    }

    /**
     * Leaves: the place in a generation that is not complete is free again. After its generation
     * was completed it only forgets that. Any thread; idempotent; it may arrive again afterwards.
     */
    @Override
    public void close() {
      synchronized (lock) {
        arrived.remove(this);
        leave();
        complete = null;
      }
    }

    @Override
    public String toString() {
      synchronized (lock) {
        return "Party[of '"
            + name
            + "', "
            + (complete != null ? "complete]" : isQueued() ? "waiting]" : "not arrived]");
      }
    }
  }

  private static final class Await extends Operation<Role> {
    private final Party party;

    Await(Party party) {
      super("arrival at a barrier");
      this.party = party;
    }

    @Override
    protected Poll<Role> doPoll(Context cx) {
      return party.pollAwait(cx);
    }

    @Override
    protected void doCancel() {
      party.close();
    }
  }
}
