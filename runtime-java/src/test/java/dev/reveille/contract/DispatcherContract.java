package dev.reveille.contract;

import dev.reveille.DispatcherOptions;
import org.junit.jupiter.api.AfterEach;

/**
 * The contract of every dispatcher, one test a sentence. One that has {@code run} methods passes
 * {@link RunnableDispatcherContract}; one on a loop of somebody else passes this, like this:
 *
 * <pre>{@code
 * final class MyHostContractTest extends DispatcherContract {
 *   @Override
 *   protected Driven createDriven(DispatcherOptions options) {
 *     return HostedDriven.on(new MyHost(), options);
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
        StopContract,
        ShutdownContract,
        CloseContract,
        TimerContract,
        TimedPostContract,
        FairnessContract,
        DispatchContract,
        FailureContract {

  private final Rig rig = Rig.of(this::createDriven);

  /** For subclasses. */
  protected DispatcherContract() {}

  /**
   * Makes a dispatcher to be tested.
   *
   * @param options what it is to be made with; all of them are to be obeyed
   * @return a new, open dispatcher, and what drives it: {@link HostedDriven#on}, say
   */
  protected abstract Driven createDriven(DispatcherOptions options);

  @Override
  public final Rig rig() {
    return rig;
  }

  @AfterEach
  final void closeTheRig() throws Exception {
    rig.close();
  }
}
