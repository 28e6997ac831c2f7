package dev.reveille;

import java.lang.System.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Runs what is ready: the entries of the run queue, one at a time, and the ends of tasks.
 *
 * <p>An entry is the slot of a {@link Posting}, a callback, or a block with the {@link
 * BlockOwner.Tag} of its adapter. Each begins with a full budget. Nothing that an entry throws gets
 * past it: a task fails by it, all else goes to the uncaught handler, and the loop goes on,
 * whatever the throwable.
 *
 * <p>Everything here is plain and belongs to the driver; counters are read racily by snapshots.
 */
abstract class Entries extends DriverRole {
  /** How deep {@code dispatch} may nest before it queues. */
  private static final int MAX_INLINE_DEPTH = 16;

  /** The budget is spent, and somebody wanted more. */
  private static final int REFUSED = -1;

  private static final Logger LOGGER = System.getLogger("dev.reveille.loop");

  final Dispatcher dispatcher;
  final RunQueue queue = new RunQueue();
  final Registry registry = new Registry();
  private final UncaughtHandler uncaught;
  private final int budgetPerRun;

  /** The time of the last look outside, on the ticker. */
  long now;

  /**
   * The slot of whose poll is running: the innermost, where dispatch nests; {@link Registry#NONE}
   * between polls. A number, since a hop is to store no reference.
   */
  int current = Registry.NONE;

  /** Where dispatch nests, the slot of the poll below the innermost. */
  private int below = Registry.NONE;

  /** The values of what runs while no task does: see {@link TaskLocals#exchange}. */
  @Nullable TaskLocals locals;

  /** Inside an entry, as opposed to the look outside. */
  boolean inTurn;

  /** An interrupt was taken off the driver thread; it is restored when the run returns. */
  boolean interrupted;

  private int inlineDepth;

  /** Above zero inside cancel, cleanup and close: nothing runs inline there. */
  private int forbidden;

  private int budget;

  /** The {@link #pollsLeft} of the entry whose budget that is; another entry has a full one. */
  private int budgetOf;

  /**
   * Of this turn: how many entries may still be run, the running one among them, but for the last
   * one of a run with a limit; while that one runs, zero.
   */
  int pollsLeft;

  private long postings;
  private long steps;
  long taskPolls;
  long callbacks;

  /** What adapters queued, which {@link #callbacks} does not count. */
  final BlockCounts blocks = new BlockCounts();

  Entries(Dispatcher dispatcher, DispatcherOptions options) {
    super(options.name());
    this.dispatcher = dispatcher;
    this.uncaught = options.uncaughtHandler();
    this.budgetPerRun = options.budget();
  }

  /** Whether the life of the dispatcher allows inline runs. */
  abstract boolean isOpen();

  /** Takes the next entry of the run queue and runs it: there is one. */
  final void runNext() {
    int entry = queue.take();
    if (entry >= 0) {
      Posting posting = registry.get(entry);
      if (posting != null) {
        current = entry; // until the next entry or the end of the turn
        runTask(posting);
      } else {
        registry.free(entry); // it has ended since it was queued
      }
    } else {
      runBlock();
    }
  }

  private void runBlock() {
    current = Registry.NONE;
    BlockOwner.Tag tag = queue.tag();
    Runnable block = queue.takeBlock();
    if (tag == null) {
      callbacks++;
    } else {
      count(tag);
    }
    runBlock(block);
  }

  private void count(BlockOwner.Tag tag) {
    tag.runs++;
    BlockCounts.Count ofKind = tag.ofKind;
    if (ofKind == null) {
      ofKind = blocks.of(tag.owner.kind());
      tag.ofKind = ofKind;
    }
    ofKind.runs++;
  }

  private void runBlock(Runnable block) {
    try {
      block.run();
    } catch (Throwable t) {
      uncaught(Names.of(block), t);
    }
  }

  private void runTask(Posting p) {
    p.queued = false;
    Pollable<?> body = p.body;
    if (body == null) {
      return; // never: it is in the registry, so it lives
    }
    if (p.cancelRequested) {
      end(p, Posting.CANCELLED, null);
      return;
    }
    taskPolls++;
    p.asked = false;
    p.since = now;
    Poll<?> poll;
    try {
      if (body instanceof Task task) { // a class check and a virtual call beat an interface call
        p.polls++;
        if (!p.begun) {
          p.begun = true;
          task.init();
        }
        poll = task.doPoll(p);
      } else {
        p.polls++;
        p.begun = true;
        poll = body.poll(p);
      }
    } catch (Throwable t) {
      if (t instanceof InterruptedException) {
        interrupted = true; // as whoever catches it has to: the flag is restored after the run
      }
      end(p, Posting.FAILED, t);
      return;
    }
    if (poll == Poll.pending()) {
      if (!p.asked && !p.queued) {
        end(p, Posting.FAILED, Misuse.pendingWithoutWaker(body, p.name()));
      }
    } else if (poll == null) {
      end(p, Posting.FAILED, Misuse.nullPoll(p.name()));
    } else {
      end(p, Posting.COMPLETED, poll);
    }
  }

  /**
   * Ends a posting: state, wakers emptied, what the task polls is cancelled if unfinished, cleanup,
   * then those who joined.
   *
   * @param outcome the ready poll, or the failure; null when cancelled
   */
  final void end(Posting p, byte how, @Nullable Object outcome) {
    assert isDriver();
    current = below; // its poll is over, and its slot may soon be another's
    Pollable<?> body = p.body;
    JoinHandle<?> handle = p.handle();
    String task = how == Posting.COMPLETED ? "" : p.name(); // the body is about to be let go
    registry.remove(p);
    p.release();
    if (body instanceof Task ended) {
      forbidden++;
      try {
        ended.cleanup();
      } catch (Throwable t) {
        uncaught("cleanup of '" + ended.name() + "'", t);
      } finally {
        forbidden--;
        ended.unclaim();
      }
    } else if (how != Posting.COMPLETED && body != null) {
      forbidden++;
      try {
        body.cancel();
      } catch (Throwable t) {
        uncaught("cancel of '" + task + "'", t);
      } finally {
        forbidden--;
      }
    }
    boolean joined = false;
    try {
      joined = handle != null && tell(handle, how, task, outcome);
    } catch (Throwable t) { // by a waker that is not ours; all who joined were woken
      joined = true;
      uncaught("waker of those who joined '" + task + "'", t);
    }
    if (how == Posting.FAILED && !joined && outcome instanceof Throwable failure) {
      uncaught(task, failure);
    }
  }

  /** Returns whether anybody had joined. */
  private static boolean tell(
      JoinHandle<?> handle, byte how, String task, @Nullable Object outcome) {
    if (how == Posting.COMPLETED && outcome instanceof Poll<?> ready) {
      return handle.completed(ready);
    }
    if (how == Posting.FAILED && outcome instanceof Throwable failure) {
      return handle.failed(failure);
    }
    return handle.cancelled("task '" + task + "' was cancelled");
  }

  /** Runs at once what is safe to run at once; returns false if it is to be queued. */
  final boolean mayRunInline() {
    return isDriver() && inTurn && isOpen() && forbidden == 0 && inlineDepth < MAX_INLINE_DEPTH;
  }

  final void runInline(Runnable block) {
    inlineDepth++;
    callbacks++;
    try {
      runBlock(block);
    } finally {
      inlineDepth--;
    }
  }

  /** The first poll of a posting that has just been made, within the running entry. */
  final void runInline(Posting posting) {
    register(posting);
    inlineDepth++;
    Posting outer = current();
    if (outer != null) {
      outer.below = true;
    }
    int belowOuter = below;
    below = current;
    current = posting.slot;
    try {
      runTask(posting);
    } finally {
      current = below;
      below = belowOuter;
      inlineDepth--;
      if (outer != null) {
        outer.below = false;
      }
    }
  }

  final void uncaught(String task, Throwable failure) {
    try {
      uncaught.uncaught(dispatcher, task, failure);
    } catch (Throwable second) {
      try {
        if (second != failure) {
          second.addSuppressed(failure);
        }
        LOGGER.log(
            Logger.Level.ERROR, "the uncaught handler failed on a failure of " + task, second);
      } catch (Throwable third) {
        // Not even logging works (no memory, most likely). The loop must live: others depend on it.
        interrupted |= third instanceof InterruptedException;
      }
    }
  }

  /** What is next in the run queue: a posting, which may have ended, or a block. */
  final @Nullable Object next() {
    int entry = queue.peek();
    return entry >= 0 ? registry.get(entry) : queue.peekBlock();
  }

  static String describe(@Nullable Object entry, BlockOwner.@Nullable Tag tag) {
    return entry == null || entry instanceof Posting
        ? String.valueOf(entry)
        : tag == null ? "callback '" + Names.of(entry) + "'" : "a block of " + tag.owner;
  }

  /** The posting whose poll is running. Other threads may see one that has ended since. */
  final @Nullable Posting current() {
    int slot = current;
    return slot == Registry.NONE ? null : registry.get(slot);
  }

  final void register(Posting posting) {
    posting.number(postings++);
    posting.accepted = now;
    posting.since = now;
    registry.add(posting);
  }

  /**
   * {@link Dispatcher#tryYieldInPlace}, as far as it is told here. What follows in the running poll
   * is counted, and has a budget, as the next one.
   */
  final boolean yieldInPlace() {
    Posting p = current();
    if (p == null || inlineDepth != 0 || !queue.isEmpty() || pollsLeft <= 1) {
      return false;
    }
    pollsLeft--;
    taskPolls++;
    p.polls++;
    return true;
  }

  final boolean spendBudget() {
    if (budgetOf != pollsLeft) { // the first of this entry: most never ask, so none is reset
      budgetOf = pollsLeft;
      budget = budgetPerRun;
    }
    if (budget <= 0) {
      budget = REFUSED;
      return false;
    }
    budget--;
    return true;
  }

  final boolean isBudgetSpent() {
    return budget == REFUSED && budgetOf == pollsLeft;
  }

  /** A turn of so many entries begins. */
  final void beginTurn(int entries) {
    inTurn = true;
    pollsLeft = entries;
    budgetOf = -1; // no entry's
  }

  @Override
  final @Nullable String runningTask() {
    Posting p = current();
    return p == null ? null : p.name();
  }

  final void forbid(int change) {
    forbidden += change;
  }

  /** Entries that were run, in turns that are over. */
  final long steps() {
    return steps;
  }

  final void countSteps(int entries) {
    steps += entries;
  }
}
