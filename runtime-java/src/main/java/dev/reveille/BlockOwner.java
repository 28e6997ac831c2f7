package dev.reveille;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * An adapter that queues blocks of its own on a dispatcher: coroutine segments, say. The blocks go
 * into the dispatcher's one FIFO as they are, without a wrapper; the loop knows whose they are,
 * counts them for their owner and, when it closes, gives those that were not run back to it.
 *
 * <p>One owner belongs to one dispatcher; see {@link Dispatcher#service}.
 *
 * <p>An executor whose commands are never dropped:
 *
 * <pre>{@code
 * final class Segments extends BlockOwner implements Executor {
 *   private final Dispatcher dispatcher;
 *   private final Executor afterClose;
 *
 *   Segments(Dispatcher dispatcher, Executor afterClose) {
 *     super("segment");
 *     this.dispatcher = dispatcher;
 *     this.afterClose = afterClose;
 *   }
 *
 *   @Override
 *   public void execute(Runnable segment) {
 *     dispatcher.post(this, segment);
 *   }
 *
 *   @Override
 *   protected void giveBack(Runnable segment) {
 *     afterClose.execute(segment); // its finally blocks have to run, somewhere
 *   }
 * }
 * }</pre>
 */
public abstract class BlockOwner {
  /** The kind that is counted with the callbacks that were posted to the dispatcher itself. */
  static final String CALLBACK = "callback";

  /**
   * What stands before a block in the run queue. A class of its own, so that no block can be one.
   */
  static final class Tag {
    final BlockOwner owner;

    /** Blocks run. Plain: written by the driver, read by snapshots, who may see an older number. */
    long runs;

    /** Where the loop sums up what is of this kind. Plain: the driver's; null before the first. */
    BlockCounts.@Nullable Count ofKind;

    /** Of {@link Dispatcher#tryDispatch}: a posting whose stay nobody noticed. The driver's. */
    @Nullable Posting spare;

    private Tag(BlockOwner owner) {
      this.owner = owner;
    }
  }

  final Tag tag;
  private final String kind;

  /**
   * Creates an owner.
   *
   * @param kind what its blocks are, for dumps and counts, a constant: "coroutine". Blocks of the
   *     kind "callback" are callbacks, that came another way: a {@link DispatcherSnapshot} has one
   *     number for both
   */
  protected BlockOwner(String kind) {
    this.kind = requireNonNull(kind, "kind");
    this.tag = new Tag(this);
  }

  /**
   * Takes back a block that was accepted and will not be run, because the dispatcher was closed.
   * Called once for each such block, in their order, on the thread that closes, where the
   * dispatcher accepts nothing any more. What it throws goes to the uncaught handler.
   *
   * @param block the block, as it was queued
   */
  protected abstract void giveBack(Runnable block);

  /**
   * What the blocks are.
   *
   * @return the kind
   */
  public final String kind() {
    return kind;
  }

  /**
   * How many of its blocks were run. On the loop it is exact; elsewhere it may be an older number.
   *
   * @return the number
   */
  public final long blocksRun() {
    return tag.runs;
  }

  @Override
  public String toString() {
    return kind;
  }
}
