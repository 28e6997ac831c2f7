package dev.reveille.benchmarks.cross;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Task;
import dev.reveille.Waker;
import dev.reveille.benchmarks.loop.LoopRunnable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/** One side of the {@link Game}, on a loop of its own. */
abstract class Player {
  private final Game game;
  private final int side;
  private Player other = this;

  Player(Game game, int side) {
    this.game = game;
    this.side = side;
  }

  static void pair(Player one, Player two) {
    one.other = two;
    two.other = one;
  }

  /** Any thread that has thrown the ball. */
  abstract void wake();

  /** On the loop that was woken. */
  final void play() {
    if (game.goesOn(side)) {
      other.wake();
    }
  }

  /** Our task. */
  static final class OfTask extends Player {
    /** Counted down by the first poll, before which nobody can wake. */
    final CountDownLatch sleeps = new CountDownLatch(1);

    private Waker waker = Waker.none();
    private boolean begun;

    final Task task =
        new Task() {
          @Override
          protected Poll<Complete> doPoll(Context cx) {
            waker = cx.waker("the ball");
            if (begun) {
              play();
            } else {
              begun = true;
              sleeps.countDown();
            }
            return Poll.pending();
          }
        };

    OfTask(Game game, int side) {
      super(game, side);
    }

    @Override
    void wake() {
      waker.wake();
    }
  }

  /** A runnable that is posted each time. */
  static final class OfExecutor extends Player {
    private final Executor loop;
    private final LoopRunnable callback;

    OfExecutor(Game game, int side, Executor loop) {
      super(game, side);
      this.loop = loop;
      this.callback =
          new LoopRunnable() {
            @Override
            public void run() {
              play();
            }
          };
    }

    @Override
    void wake() {
      loop.execute(callback);
    }
  }

  /** A thread, platform or virtual, that parks: the floor if both are platform threads. */
  static final class OfThread extends Player implements AutoCloseable {
    private final Thread thread;

    /** Volatile: a park may return without it. */
    private volatile boolean woken;

    private volatile boolean closed;

    OfThread(Game game, int side, Function<Runnable, Thread> starter) {
      super(game, side);
      thread = starter.apply(this::run); // last of all
    }

    @Override
    void wake() {
      woken = true;
      LockSupport.unpark(thread);
    }

    private void run() {
      while (!closed) {
        if (woken) {
          woken = false;
          play();
        } else {
          LockSupport.park(this);
        }
      }
    }

    @Override
    public void close() {
      closed = true;
      LockSupport.unpark(thread);
    }
  }
}
