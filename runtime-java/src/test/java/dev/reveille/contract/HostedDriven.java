package dev.reveille.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.Dispatcher;
import dev.reveille.DispatcherOptions;
import dev.reveille.DispatcherSnapshot;
import dev.reveille.RunOutcome;
import dev.reveille.spi.Host;
import dev.reveille.spi.HostedDispatcher;
import java.util.concurrent.RejectedExecutionException;

/** A dispatcher on somebody else's loop, with a gate between the two. */
public final class HostedDriven extends Driven {
  /** Whose blocks only make the loop look. */
  private static final RecordingOwner NOBODY = new RecordingOwner();

  private final GatedHost gate;
  private final HostedDispatcher dispatcher;

  private HostedDriven(Host host, DispatcherOptions options) {
    this.gate = new GatedHost(host);
    this.dispatcher = HostedDispatcher.on(gate, options);
  }

  /**
   * Makes a dispatcher to be tested.
   *
   * @param host where it is to live
   * @param options what it is to be made with
   * @return the dispatcher, and what drives it
   */
  public static HostedDriven on(Host host, DispatcherOptions options) {
    return new HostedDriven(host, options);
  }

  @Override
  public Dispatcher dispatcher() {
    return dispatcher;
  }

  @Override
  public RunOutcome settle() {
    gate.pump();
    if (waitsForTimedCallbacksOnly()) {
      look();
    }
    return outcome();
  }

  /**
   * One that was cancelled wakes nobody, and is counted until a drain finds it.
   *
   * <p>Nothing else may need a look: a task, a guard or a shutdown asks the host for a drain by
   * itself, and a look would hide it if it did not.
   */
  private boolean waitsForTimedCallbacksOnly() {
    DispatcherSnapshot now = dispatcher.snapshot();
    return !dispatcher.isShutdown()
        && now.timedCallbacks() > 0
        && now.tasks().isEmpty()
        && now.guards() == 0;
  }

  private void look() {
    try {
      dispatcher.post(NOBODY, () -> {});
    } catch (RejectedExecutionException e) {
      assertThat(dispatcher.isClosed()).isTrue();
    }
    gate.pump();
  }

  private RunOutcome outcome() {
    if (dispatcher.isClosed()) {
      return RunOutcome.CLOSED;
    }
    DispatcherSnapshot now = dispatcher.snapshot();
    boolean working = !now.tasks().isEmpty() || now.timedCallbacks() > 0 || now.guards() > 0;
    return working ? RunOutcome.ASLEEP : RunOutcome.IDLE;
  }

  /** Nothing runs and nothing can but for time and threads outside. */
  private boolean isAsleep() {
    return gate.isAtRest() && (dispatcher.isClosed() || dispatcher.snapshot().asleep());
  }

  @Override
  public RunOutcome runToCompletion() {
    return new HostDriving(true).awaitOutcome();
  }

  @Override
  Driving drive(Rig rig) {
    return new HostDriving(false);
  }

  @Override
  Driving driveToCompletion(Rig rig) {
    return new HostDriving(true);
  }

  @Override
  void open() {
    gate.open();
  }

  @Override
  void shut() {
    gate.shut();
  }

  private final class HostDriving extends Driving {
    private final boolean toCompletion;

    HostDriving(boolean toCompletion) {
      this.toCompletion = toCompletion;
      gate.open();
    }

    @Override
    public Driving awaitAsleep() {
      Rig.awaitState("the loop is asleep", HostedDriven.this::isAsleep);
      return this;
    }

    @Override
    public RunOutcome awaitOutcome() {
      Rig.awaitState("the end of the run", () -> !isRunning());
      gate.shut();
      return outcome();
    }

    @Override
    public boolean isRunning() {
      if (dispatcher.isClosed()) {
        return false;
      }
      if (!toCompletion || !isAsleep()) {
        return true;
      }
      if (waitsForTimedCallbacksOnly()) {
        gate.shut();
        look();
        gate.open();
      }
      return outcome() == RunOutcome.ASLEEP;
    }
  }
}
