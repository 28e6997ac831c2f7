package dev.reveille.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reveille.BasicDispatcher;
import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.JoinHandle;
import dev.reveille.Poll;
import dev.reveille.RunnableDispatcher;
import dev.reveille.Task;
import dev.reveille.Waker;
import dev.reveille.contract.Rig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Pigweed's StressTest, with books that have to balance: several loops with threads of their own,
 * and events in a random order: wakes (the tasks wake each other too), spawns, cancels from
 * outside, and dispatchers that are closed and made anew while all that goes on.
 */
final class LifecycleStressTest {
  private static final int LOOPS = 3;
  private static final int EVENTS = 20_000;

  private final List<Actor> actors = new ArrayList<>();

  /** Published by {@link #actors} being fixed before the first spawn of a round. */
  private Actor[] all = {};

  /** Ends after some polls, well or badly; wakes somebody else in each. */
  private final class Actor extends Task {
    private final int number;
    private volatile @Nullable Waker waker;
    private int left;
    int inits;
    int completions;
    int failures;
    int cleanups;
    int handedBack;
    int stays;
    @Nullable JoinHandle<Complete> handle;

    Actor(int number) {
      super("actor " + number);
      this.number = number;
    }

    @Override
    protected void init() {
      inits++;
      left = number % 7;
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) throws IOException {
      waker = cx.waker("the stress");
      all[(number * 31 + left * 17) % all.length].wake();
      if (left-- > 0) {
        return Poll.pending();
      }
      if (number % 5 == 0) {
        failures++;
        throw new IOException("meant to fail");
      }
      completions++;
      return Poll.ready();
    }

    @Override
    protected void cleanup() {
      cleanups++;
    }

    void wake() {
      Waker w = waker;
      if (w != null) {
        w.wake();
      }
    }

    void spawnOn(RunnableDispatcher loop) {
      stays++;
      handle = loop.spawn(this);
    }

    boolean isIdle() {
      return handle == null || handle.isDone();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void everyStayHasOneEndWhateverHappens(long seed) throws Exception {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 300; i++) {
      actors.add(new Actor(i));
    }
    all = actors.toArray(Actor[]::new);
    try (Rig rig = new Rig(BasicDispatcher::new)) {
      RunnableDispatcher[] loops = new RunnableDispatcher[LOOPS];
      for (int i = 0; i < LOOPS; i++) {
        loops[i] = started(rig);
      }
      for (int i = 0; i < EVENTS; i++) {
        Actor actor = all[random.nextInt(all.length)];
        int event = random.nextInt(1_000);
        if (event < 500) {
          actor.wake();
        } else if (event < 850) {
          if (actor.isIdle()) {
            actor.spawnOn(loops[random.nextInt(LOOPS)]);
          }
        } else if (event < 995) {
          actor.cancel(); // does nothing if it is nowhere
        } else {
          int loop = random.nextInt(LOOPS);
          handedBack(loops[loop].shutdownNow().tasks());
          loops[loop] = started(rig);
        }
      }
      for (RunnableDispatcher loop : loops) {
        handedBack(loop.shutdownNow().tasks());
      }
      checkTheBooks(rig.takeUncaught().size());
    }
  }

  private static RunnableDispatcher started(Rig rig) {
    RunnableDispatcher loop = rig.dispatcher();
    var unused = rig.drive(loop, RunnableDispatcher::run);
    return loop;
  }

  private static void handedBack(List<Task> tasks) {
    for (Task task : tasks) {
      ((Actor) task).handedBack++;
    }
  }

  private void checkTheBooks(int uncaught) {
    int failures = 0;
    for (Actor actor : actors) {
      assertThat(actor.isPosted()).isFalse();
      assertThat(actor.isIdle()).isTrue();
      assertThat(actor.cleanups + actor.handedBack)
          .as("%s: stays that ended", actor.name())
          .isEqualTo(actor.stays);
      assertThat(actor.inits).isLessThanOrEqualTo(actor.cleanups);
      assertThat(actor.completions + actor.failures).isLessThanOrEqualTo(actor.inits);
      if (actor.handle != null) {
        CompletableFuture<Complete> last = actor.handle.toCompletableFuture();
        assertThat(last).isDone();
      }
      failures += actor.failures;
    }
    assertThat(uncaught).isEqualTo(failures); // nobody joined
    assertThat(actors.stream().mapToInt(a -> a.stays).sum()).isGreaterThan(EVENTS / 10);
  }
}
