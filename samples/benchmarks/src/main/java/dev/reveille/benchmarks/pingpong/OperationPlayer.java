package dev.reveille.benchmarks.pingpong;

import dev.reveille.Complete;
import dev.reveille.Context;
import dev.reveille.Poll;
import dev.reveille.Pollable;
import dev.reveille.Task;
import dev.reveille.sync.Channel;
import dev.reveille.sync.Receiver;
import dev.reveille.sync.Sender;
import org.jspecify.annotations.Nullable;

/** Ours, with one-shot operations: an object for each send and each receive. */
abstract class OperationPlayer extends Task {
  private final Sender<Ball> sender;
  private final Receiver<Ball> receiver;
  private @Nullable Pollable<Complete> sending;
  private @Nullable Pollable<@Nullable Ball> receiving;
  private int left;

  /** The first to play has the ball. */
  OperationPlayer(Channel<Ball> out, Channel<Ball> in, @Nullable Ball ball, int rounds) {
    this.sender = out.newSender();
    this.receiver = in.newReceiver();
    this.left = rounds;
    if (ball != null) {
      sending = sender.send(ball);
    }
  }

  /** The class of a ball game that a player of this number plays. */
  static OperationPlayer of(
      int kind, Channel<Ball> out, Channel<Ball> in, @Nullable Ball ball, int rounds) {
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

  final Poll<Complete> play(Context cx) throws Exception {
    for (; ; ) {
      Pollable<Complete> send = sending;
      if (send != null) {
        if (send.poll(cx).isPending()) {
          return Poll.pending();
        }
        sending = null;
      }
      Pollable<@Nullable Ball> receive = receiving;
      if (receive == null) {
        receive = receiver.receive();
        receiving = receive;
      }
      Poll<@Nullable Ball> poll = receive.poll(cx);
      if (poll.isPending()) {
        return Poll.pending();
      }
      receiving = null;
      Ball held = poll.value();
      if (held == null) {
        return Poll.ready(); // the other one has gone
      }
      hit(held);
      if (--left == 0) {
        return Poll.ready();
      }
      sending = sender.send(held);
    }
  }

  @Override
  protected void cleanup() {
    sender.close();
    receiver.close();
  }

  private static final class Add extends OperationPlayer {
    Add(Channel<Ball> out, Channel<Ball> in, @Nullable Ball ball, int rounds) {
      super(out, in, ball, rounds);
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) throws Exception {
      return play(cx);
    }

    @Override
    void hit(Ball held) {
      held.spin++;
    }
  }

  private static final class Xor extends OperationPlayer {
    Xor(Channel<Ball> out, Channel<Ball> in, @Nullable Ball ball, int rounds) {
      super(out, in, ball, rounds);
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) throws Exception {
      return play(cx);
    }

    @Override
    void hit(Ball held) {
      held.spin ^= 0x55;
    }
  }

  private static final class Shift extends OperationPlayer {
    Shift(Channel<Ball> out, Channel<Ball> in, @Nullable Ball ball, int rounds) {
      super(out, in, ball, rounds);
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) throws Exception {
      return play(cx);
    }

    @Override
    void hit(Ball held) {
      held.spin = Long.rotateLeft(held.spin, 7);
    }
  }

  private static final class Negate extends OperationPlayer {
    Negate(Channel<Ball> out, Channel<Ball> in, @Nullable Ball ball, int rounds) {
      super(out, in, ball, rounds);
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) throws Exception {
      return play(cx);
    }

    @Override
    void hit(Ball held) {
      held.spin = -held.spin;
    }
  }

  private static final class Multiply extends OperationPlayer {
    Multiply(Channel<Ball> out, Channel<Ball> in, @Nullable Ball ball, int rounds) {
      super(out, in, ball, rounds);
    }

    @Override
    protected Poll<Complete> doPoll(Context cx) throws Exception {
      return play(cx);
    }

    @Override
    void hit(Ball held) {
      held.spin *= 31;
    }
  }
}
