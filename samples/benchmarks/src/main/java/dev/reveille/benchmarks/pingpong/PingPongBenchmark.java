package dev.reveille.benchmarks.pingpong;

import dev.reveille.BasicDispatcher;
import dev.reveille.benchmarks.FromRelease;
import dev.reveille.benchmarks.loop.VirtualThreads;
import dev.reveille.sync.Channel;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A ball goes to and fro between two players on one loop, over two channels with room for one. An
 * operation is a round trip: two sends, two receives, two hops. The players are in five classes,
 * and each invocation has others.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {VirtualThreads.ONE_CARRIER, VirtualThreads.NO_SPARE_CARRIER})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class PingPongBenchmark {
  private static final int ROUNDS = 100_000;

  /** The players of this invocation. */
  @State(Scope.Benchmark)
  public static class Game {
    private int kind;

    final int next() {
      kind = (kind + 1) % 5;
      return kind;
    }
  }

  /** How ours plays. */
  public enum Form {
    /** {@code pollSend} and {@code pollReceive}. */
    POLLS,
    /** {@code send()} and {@code receive()}. */
    OPERATIONS
  }

  /** Ours. */
  @State(Scope.Benchmark)
  public static class OnReveille extends Game {
    /** How. */
    @Param({"POLLS", "OPERATIONS"})
    public Form form = Form.POLLS;

    private BasicDispatcher dispatcher;

    /** Opens the dispatcher. */
    @Setup
    public void open() {
      dispatcher = new BasicDispatcher();
    }

    /** Closes the dispatcher. */
    @TearDown
    public void close() {
      dispatcher.close();
    }
  }

  /** Ours. */
  @Benchmark
  @OperationsPerInvocation(ROUNDS)
  public long reveille(OnReveille on) {
    Ball ball = new Ball();
    Channel<Ball> there = Channel.bounded(1);
    Channel<Ball> back = Channel.bounded(1);
    int kind = on.next();
    if (on.form == Form.POLLS) {
      on.dispatcher.post(Player.of(kind, there, back, ball, ROUNDS));
      on.dispatcher.post(Player.of(kind + 1, back, there, null, Integer.MAX_VALUE));
    } else {
      on.dispatcher.post(OperationPlayer.of(kind, there, back, ball, ROUNDS));
      on.dispatcher.post(OperationPlayer.of(kind + 1, back, there, null, Integer.MAX_VALUE));
    }
    on.dispatcher.runToCompletion();
    return ball.spin;
  }

  /** The floor. */
  @Benchmark
  @OperationsPerInvocation(ROUNDS)
  public long floor(Game game) {
    return new FloorTable().play(game.next(), new Ball(), ROUNDS);
  }

  /** A {@code Channel(1)} on the loop of {@code runBlocking}. */
  @Benchmark
  @OperationsPerInvocation(ROUNDS)
  public long kotlinBuffered(Game game) {
    return CoroutinePlayers.inRunBlocking(game.next(), 1, new Ball(), ROUNDS);
  }

  /** A rendezvous channel on the loop of {@code runBlocking}. */
  @Benchmark
  @OperationsPerInvocation(ROUNDS)
  public long kotlinRendezvous(Game game) {
    return CoroutinePlayers.inRunBlocking(game.next(), 0, new Ball(), ROUNDS);
  }

  /** Virtual threads with one carrier, and an {@code ArrayBlockingQueue(1)} each way. */
  @Benchmark
  @FromRelease(VirtualThreads.FIRST_RELEASE)
  @OperationsPerInvocation(ROUNDS)
  public long virtualThreads(Game game) throws InterruptedException {
    return VirtualPlayers.play(game.next(), new Ball(), ROUNDS);
  }
}
