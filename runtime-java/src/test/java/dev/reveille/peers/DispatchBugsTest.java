package dev.reveille.peers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.RunOutcome;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Task;
import dev.reveille.Timer;
import dev.reveille.contract.Rig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Inline runs: the stack, the order, the loop they belong to. */
final class DispatchBugsTest {
  private static final int MANY = 100_000;

  private final Rig rig = new Rig(BasicDispatcher::new);
  private final RunnableDispatcher loop = rig.dispatcher();
  private final List<String> log = new ArrayList<>();

  @AfterEach
  void closeTheRig() throws Exception {
    rig.close();
  }

  /** boostorg/asio #207: dispatch in a dispatched handler overflows the stack. */
  @Test
  void aCallbackThatDispatchesItselfDoesNotGrowTheStack() {
    int[] runs = {0};
    Runnable[] again = new Runnable[1];
    again[0] =
        () -> {
          if (++runs[0] < MANY) {
            loop.dispatch(again[0]);
          }
        };
    loop.post(again[0]);

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(runs[0]).isEqualTo(MANY);
    assertThat(loop.snapshot().callbacks()).isEqualTo(MANY);
  }

  /** The same with tasks, each of which dispatches the next from its first poll. */
  @Test
  void aTaskThatDispatchesATaskDoesNotGrowTheStack() {
    int[] ends = {0};
    final class Dispatching extends Task {
      @Override
      protected Poll<Complete> doPoll(Context cx) {
        if (++ends[0] < MANY) {
          loop.dispatch(new Dispatching());
        }
        return Poll.ready();
      }
    }
    loop.post(new Dispatching());

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(ends[0]).isEqualTo(MANY);
    assertThat(loop.snapshot().tasks()).isEmpty();
  }

  /** boostorg/asio #79: the executor of a handler was lost, and it ran on whoever called. */
  @Test
  void whatIsDispatchedToAnotherLoopRunsThereAndNotInTheCallersTurn() {
    RunnableDispatcher other = rig.dispatcher(options -> options.withName("other"));
    loop.post(
        () -> {
          other.dispatch(() -> log.add("on the other: " + other.onLoop() + ", " + loop.onLoop()));
          log.add("caller goes on");
        });

    loop.runUntilStalled();
    assertThat(log).containsExactly("caller goes on");

    other.runUntilStalled();
    assertThat(log).containsExactly("caller goes on", "on the other: true, false");
  }

  /** Capy 2.2: B polled inside A's poll breaks A's invariants, if B was not meant to be. */
  @Test
  void aTaskThatIsWokenInAnothersPollIsPolledInItsOwnTurn() {
    Timer timer = new Timer(loop);
    timer.reset(Duration.ofSeconds(1));
    loop.spawn("waiting", cx -> timer.poll(cx).map(complete -> log.add("waiting goes on")));
    loop.runUntilStalled();
    loop.spawn(
        "resetting",
        cx -> {
          timer.resetAt(cx.now());
          log.add("resetting is over");
          return Poll.ready();
        });

    loop.runUntilStalled();

    assertThat(log).containsExactly("resetting is over", "waiting goes on");
  }

  /** Corosio 388d4b7: a timer of zero, used to yield, was dispatched and starved the queue. */
  @Test
  void aCallbackForNowStandsBehindWhatIsQueued() {
    int[] left = {3};
    Runnable[] yielding = new Runnable[1];
    yielding[0] =
        () -> {
          log.add("yielding");
          if (--left[0] > 0) {
            loop.postAfter(Duration.ZERO, yielding[0]);
            loop.post(() -> log.add("neighbour"));
          }
        };
    loop.post(yielding[0]);

    assertThat(loop.runUntilStalled()).isEqualTo(RunOutcome.IDLE);

    assertThat(log).containsExactly("yielding", "neighbour", "yielding", "neighbour", "yielding");
  }

  /** A waker that is no posting runs in the look outside, where nothing may run inline. */
  @Test
  void whatAWakerDispatchesWhileTheLoopLooksOutsideIsQueued() {
    Timer timer = new Timer(loop);
    timer.reset(Duration.ofSeconds(1));
    loop.spawn(
        cx -> {
          timer.poll(
              cx.withWaker(
                  () -> {
                    loop.dispatch(() -> log.add("dispatched"));
                    log.add("woken");
                  }));
          return cx.park();
        });
    loop.runUntilStalled();

    rig.time().advance(Duration.ofSeconds(1));

    assertThat(log).containsExactly("woken", "dispatched");
  }

  /** An inline run is part of the entry that it runs in: steps and budget are that one's. */
  @Test
  void anInlineRunIsNoStepOfTheRun() {
    loop.post(() -> loop.dispatch(() -> loop.dispatch(() -> log.add("innermost"))));

    loop.runUntilStalled();

    assertThat(log).containsExactly("innermost");
    assertThat(loop.lastRunSteps()).isEqualTo(1);
  }
}
