package dev.reveille.benchmarks.pingpong;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** The floor: two players, a field for each direction, and a deque of those who can go on. */
final class FloorTable {
  private final ArrayDeque<Player> ready = new ArrayDeque<>();

  long play(int kind, Ball ball, int rounds) {
    Side there = new Side();
    Side back = new Side();
    ready.add(of(kind, there, back, ball, rounds));
    ready.add(of(kind + 1, back, there, null, Integer.MAX_VALUE));
    for (Player player = ready.poll(); player != null; player = ready.poll()) {
      player.play(this);
    }
    return ball.spin;
  }

  private static Player of(int kind, Side out, Side in, @Nullable Ball ball, int rounds) {
    return switch (kind % 5) {
      case 0 -> new Add(out, in, ball, rounds);
      case 1 -> new Xor(out, in, ball, rounds);
      case 2 -> new Shift(out, in, ball, rounds);
      case 3 -> new Negate(out, in, ball, rounds);
      default -> new Multiply(out, in, ball, rounds);
    };
  }

  /** A channel without waiting senders: there is one ball. */
  private static final class Side {
    private @Nullable Ball ball;
    private @Nullable Player waiter;

    void send(FloorTable table, Ball sent) {
      ball = sent;
      Player woken = waiter;
      if (woken != null) {
        waiter = null;
        table.ready.add(woken);
      }
    }

    @Nullable Ball receive(Player receiver) {
      Ball received = ball;
      if (received == null) {
        waiter = receiver;
      } else {
        ball = null;
      }
      return received;
    }
  }

  private abstract static class Player {
    private final Side out;
    private final Side in;
    private @Nullable Ball ball;
    private int left;

    Player(Side out, Side in, @Nullable Ball ball, int rounds) {
      this.out = out;
      this.in = in;
      this.ball = ball;
      this.left = rounds;
    }

    abstract void play(FloorTable table);

    abstract void hit(Ball held);

    final void rally(FloorTable table) {
      for (; ; ) {
        Ball held = ball;
        if (held == null) {
          held = in.receive(this);
          if (held == null) {
            return;
          }
          hit(held);
          if (--left == 0) {
            return;
          }
        }
        ball = null;
        out.send(table, held);
      }
    }
  }

  private static final class Add extends Player {
    Add(Side out, Side in, @Nullable Ball ball, int rounds) {
      super(out, in, ball, rounds);
    }

    @Override
    void play(FloorTable table) {
      rally(table);
    }

    @Override
    void hit(Ball held) {
      held.spin++;
    }
  }

  private static final class Xor extends Player {
    Xor(Side out, Side in, @Nullable Ball ball, int rounds) {
      super(out, in, ball, rounds);
    }

    @Override
    void play(FloorTable table) {
      rally(table);
    }

    @Override
    void hit(Ball held) {
      held.spin ^= 0x55;
    }
  }

  private static final class Shift extends Player {
    Shift(Side out, Side in, @Nullable Ball ball, int rounds) {
      super(out, in, ball, rounds);
    }

    @Override
    void play(FloorTable table) {
      rally(table);
    }

    @Override
    void hit(Ball held) {
      held.spin = Long.rotateLeft(held.spin, 7);
    }
  }

  private static final class Negate extends Player {
    Negate(Side out, Side in, @Nullable Ball ball, int rounds) {
      super(out, in, ball, rounds);
    }

    @Override
    void play(FloorTable table) {
      rally(table);
    }

    @Override
    void hit(Ball held) {
      held.spin = -held.spin;
    }
  }

  private static final class Multiply extends Player {
    Multiply(Side out, Side in, @Nullable Ball ball, int rounds) {
      super(out, in, ball, rounds);
    }

    @Override
    void play(FloorTable table) {
      rally(table);
    }

    @Override
    void hit(Ball held) {
      held.spin *= 31;
    }
  }
}
