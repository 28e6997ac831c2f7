package dev.reveille.benchmarks.pingpong;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Task;
import dev.reveille.sync.Channel;
import dev.reveille.sync.Receiver;
import dev.reveille.sync.Sender;
import org.jspecify.annotations.Nullable;

/** Ours, with the methods that can be called again: a task that gives back what it gets. */
abstract class Player extends Task {
  private final Sender<Ball> sender;
  private final Receiver<Ball> receiver;
  private @Nullable Ball ball;
  private int left;

  /** The first to play has the ball. */
  Player(Channel<Ball> out, Channel<Ball> in, @Nullable Ball ball, int rounds) {
    this.sender = out.newSender();
    this.receiver = in.newReceiver();
    this.ball = ball;
    this.left = rounds;
  }

  /** The class of a ball game that a player of this number plays. */
  static Player of(int kind, Channel<Ball> out, Channel<Ball> in, @Nullable Ball ball, int rounds) {
    return switch (kind % 5) {
      case 0 -> new Add(out, in, ball, rounds);
      case 1 -> new Xor(out, in, ball, rounds);
      case 2 -> new Shift(out, in, ball, rounds);
      case 3 -> new Negate(out, in, ball, rounds);
      default -> new Multiply(out, in, ball, rounds);
    };
  }

  /** What this class does with the ball. */
  abstract void hit(Ball held);

  final Poll<Complete> play(Context cx) {
    for (; ; ) {
      Ball held = ball;
      if (held == null) {
        Poll<@Nullable Ball> poll = receiver.pollReceive(cx);
        if (poll.isPending()) {
          return Poll.pending();
        }
        held = poll.value();
        if (held == null) {
          return Poll.ready(); // the other one has gone
        }
        hit(held);
        ball = held;
        if (--left == 0) {
          return Poll.ready();
        }
      }
      if (sender.pollSend(cx, held).isPending()) {
        return Poll.pending();
      }
      ball = null;
    }
  }

  @Override
  protected void cleanup() {
    sender.close();
    receiver.close();
  }

  private static final class Add extends Player {
    Add(Channel<Ball> out, Channel<Ball> in, @Nullable Ball ball, int rounds) {
      super(out, in, ball, rounds);
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      return play(cx);
    }

    @Override
    void hit(Ball held) {
      held.spin++;
    }
  }

  private static final class Xor extends Player {
    Xor(Channel<Ball> out, Channel<Ball> in, @Nullable Ball ball, int rounds) {
      super(out, in, ball, rounds);
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      return play(cx);
    }

    @Override
    void hit(Ball held) {
      held.spin ^= 0x55;
    }
  }

  private static final class Shift extends Player {
    Shift(Channel<Ball> out, Channel<Ball> in, @Nullable Ball ball, int rounds) {
      super(out, in, ball, rounds);
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      return play(cx);
    }

    @Override
    void hit(Ball held) {
      held.spin = Long.rotateLeft(held.spin, 7);
    }
  }

  private static final class Negate extends Player {
    Negate(Channel<Ball> out, Channel<Ball> in, @Nullable Ball ball, int rounds) {
      super(out, in, ball, rounds);
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      return play(cx);
    }

    @Override
    void hit(Ball held) {
      held.spin = -held.spin;
    }
  }

  private static final class Multiply extends Player {
    Multiply(Channel<Ball> out, Channel<Ball> in, @Nullable Ball ball, int rounds) {
      super(out, in, ball, rounds);
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) {
      return play(cx);
    }

    @Override
    void hit(Ball held) {
      held.spin *= 31;
    }
  }
}
