package dev.reveille.contract;

import dev.reveille.DispatcherOptions;
import dev.reveille.RunnableDispatcher;
import org.junit.jupiter.api.AfterEach;

/**
 * The contract of a dispatcher, one test a sentence. A platform passes it like this:
 *
 * <pre>{@code
 * final class MyDispatcherContractTest extends DispatcherContract {
 *   @Override
 *   protected RunnableDispatcher create(DispatcherOptions options) {
 *     return new MyDispatcher(options);
 *   }
 * }
 * }</pre>
 *
 * <p>The sentences stand in the groups, by subject. Most of them run on mock time; those that are
 * about a real sleep use latches and a few milliseconds.
 */
public abstract class DispatcherContract
    implements OrderContract,
        WakeContract,
        PendingContract,
        DriverContract,
        MisuseContract,
        WorkContract,
        RunContract,
        StopContract,
        ShutdownContract,
        CloseContract,
        TimerContract,
        TimedPostContract,
        FairnessContract,
        DispatchContract,
        FailureContract,
        InterruptContract {

  private final Rig rig = new Rig(this::create);

  /** For subclasses. */
  protected DispatcherContract() {}

  /**
   * Makes a dispatcher to be tested.
   *
   * @param options what it is to be made with; all of them are to be obeyed
   * @return a new, open dispatcher that nobody drives
   */
  protected abstract RunnableDispatcher create(DispatcherOptions options);

  @Override
  public final Rig rig() {
    return rig;
  }

  @AfterEach
  final void closeTheRig() throws Exception {
    rig.close();
  }
}
