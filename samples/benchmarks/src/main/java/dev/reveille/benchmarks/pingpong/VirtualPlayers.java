package dev.reveille.benchmarks.pingpong;

import dev.reveille.benchmarks.loop.VirtualThreads;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/** Two virtual threads that hand the ball over by blocking queues. */
final class VirtualPlayers {
  private VirtualPlayers() {}

  static long play(int kind, Ball ball, int rounds) throws InterruptedException {
    BlockingQueue<Ball> there = new ArrayBlockingQueue<>(1);
    BlockingQueue<Ball> back = new ArrayBlockingQueue<>(1);
    there.add(ball);
    Thread pong = VirtualThreads.start(() -> hitAll(kind, there, back, rounds));
    Thread ping = VirtualThreads.start(() -> hitAll(kind + 1, back, there, rounds));
    ping.join();
    pong.join();
    return ball.spin;
  }

  private static void hitAll(
      int kind, BlockingQueue<Ball> in, BlockingQueue<Ball> out, int rounds) {
    try {
      for (int i = 0; i < rounds; i++) {
        Ball held = in.take();
        hit(kind, held);
        out.put(held);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void hit(int kind, Ball held) {
    switch (kind % 5) {
      case 0 -> held.spin++;
      case 1 -> held.spin ^= 0x55;
      case 2 -> held.spin = Long.rotateLeft(held.spin, 7);
      case 3 -> held.spin = -held.spin;
      default -> held.spin *= 31;
    }
  }
}
