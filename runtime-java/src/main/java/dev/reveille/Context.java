package dev.reveille;

import org.jspecify.annotations.Nullable;

/**
 * What a poll may ask of the loop that makes it: its waker, its clock, its stop token, its budget.
 *
 * <p><b>Threading.</b> On the loop, during the poll that it was made for, and not after it; a
 * context that is used later throws {@link IllegalStateException} by name. What is kept is the
 * {@linkplain #waker waker}.
 *
 * <p>A source that one task reads from, on its loop:
 *
 * <pre>{@code
 * final class Mailbox {
 *   private final Queue<String> letters = new ArrayDeque<>();
 *   private Waker reader = Waker.none();
 *
 *   Poll<String> pollReceive(Context cx) {
 *     if (letters.isEmpty()) {
 *       reader = cx.waker("a letter"); // the waker is kept, the context is not
 *       return Poll.pending();
 *     }
 *     if (!cx.tryProceed()) {
 *       return Poll.pending(); // enough for this turn: the task is queued again
 *     }
 *     return Poll.ready(letters.remove());
 *   }
 *
 *   void deliver(String letter) { // on the loop
 *     letters.add(letter);
 *     reader.wake();
 *   }
 * }
 * }</pre>
 */
public sealed interface Context permits Posting, DerivedContext {

  /**
   * The waker of the running task, to be left with the one who will know when to poll again. Asking
   * for it allows this poll to return Pending: ask in each poll that may return it.
   *
   * @param why what the task waits for, as a constant text: dumps show it until the next poll
   * @return the same waker for the whole stay of the task on its dispatcher
   * @throws IllegalStateException if this is not the poll that the context was made for
   */
  Waker waker(String why);

  /**
   * Allows this poll to return Pending without a waker: only cancel or stop resumes the task. It
   * still counts as work.
   *
   * @param <T> the type of the value to come
   * @return pending
   */
  <T extends @Nullable Object> Poll<T> park();

  /**
   * Spends one unit of the budget that the loop gives each scheduled poll, callback or coroutine
   * segment. Leaf operations that could go on for ever ask before each step that succeeds.
   *
   * @return true if the step may be made; false if the budget is spent: then the task has been
   *     woken already, and the leaf returns Pending
   */
  boolean tryProceed();

  /**
   * Whether a leaf below was refused by {@link #tryProceed} in this turn. A time-out does not fire
   * in a poll in which its inner operation ran out of budget.
   *
   * @return true if the budget of this turn is spent
   */
  boolean isBudgetSpent();

  /**
   * The dispatcher whose loop polls.
   *
   * @return the dispatcher
   */
  Dispatcher dispatcher();

  /**
   * The stop token of the running task. It reaches everything below the task.
   *
   * @return the token; the same one in each poll of a posting
   */
  StopToken stopToken();

  /**
   * The time that the loop read last, in nanoseconds of its {@link Ticker}: cheap, and at most one
   * turn old. For a deadline relative to now use {@link Timer#reset(java.time.Duration)}, which
   * reads the clock.
   *
   * @return nanoseconds; only differences mean something
   */
  long now();

  /**
   * The name of the running task, for messages.
   *
   * @return the name
   */
  String taskName();

  /**
   * A context with another waker, for schedulers below the loop that poll several children: {@link
   * #waker} of the new context returns {@code waker}. It can be used again in later polls and has
   * its own record of whether the waker was asked for. Keep the waker from poll to poll: an event
   * source knows by it that it is the same one who waits.
   *
   * @param waker what children get
   * @return a new context
   */
  Context withWaker(Waker waker);

  /**
   * Polls a child with this context and applies the rule of {@link Pollable#poll}: a child that
   * returns Pending without having asked for the waker in this call fails here, by name.
   *
   * @param <T> the type of the child's result
   * @param child the child
   * @return what the child returned
   * @throws IllegalStateException if the child returned Pending without a waker
   * @throws Exception what the child threw
   */
  <T extends @Nullable Object> Poll<T> pollChild(Pollable<T> child) throws Exception;
}
