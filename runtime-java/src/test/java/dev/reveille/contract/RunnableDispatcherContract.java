package dev.reveille.contract;

import dev.reveille.DispatcherOptions;
import dev.reveille.RunnableDispatcher;

/**
 * The contract of a dispatcher that is driven by the thread which runs it: that of {@linkplain
 * DispatcherContract every dispatcher}, and what is about runs. A platform passes it like this:
 *
 * <pre>{@code
 * final class MyDispatcherContractTest extends RunnableDispatcherContract {
 *   @Override
 *   protected RunnableDispatcher create(DispatcherOptions options) {
 *     return new MyDispatcher(options);
 *   }
 * }
 * }</pre>
 */
public abstract class RunnableDispatcherContract extends DispatcherContract
    implements SecondDriverContract, RunContract, StoppedRunContract, InterruptContract {

  /** For subclasses. */
  protected RunnableDispatcherContract() {}

  /**
   * Makes a dispatcher to be tested.
   *
   * @param options what it is to be made with; all of them are to be obeyed
   * @return a new, open dispatcher that nobody drives
   */
  protected abstract RunnableDispatcher create(DispatcherOptions options);

  @Override
  protected final Driven createDriven(DispatcherOptions options) {
    return Rig.runnable(create(options));
  }
}
