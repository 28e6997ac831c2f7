package dev.reveille.samples.resp.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Clients of all kinds at work on one server at the same time, each in a thread and on a connection
 * of its own, until the time is over. What each of them gets is known in advance, and checked.
 */
public final class Workload {
  private static final int CONSUMERS = 2;
  private static final int SUBSCRIBERS = 3;
  private static final long PROGRESS_MILLIS = 500;

  /** How long a client may take to finish what it has begun when the time is over. */
  private static final Duration GRACE = Duration.ofSeconds(20);

  private final WorkloadOptions options;
  private final Tally tally = new Tally();

  /** A workload; it can be run once. */
  public Workload(WorkloadOptions options) {
    this.options = options;
  }

  /**
   * Runs it on threads of its own, and waits for their end.
   *
   * @param progress is given a line of text now and then
   * @throws redis.clients.jedis.exceptions.JedisConnectionException if there is no server
   * @throws InterruptedException if the caller is interrupted; the clients are then disconnected
   */
  public WorkloadReport run(Consumer<String> progress) throws InterruptedException {
    long start = System.nanoTime();
    String prefix = "demo:" + Long.toString(System.currentTimeMillis(), 36) + ":";
    long end = start + options.duration().toNanos();
    Stage stage = new Stage(prefix, tally, () -> System.nanoTime() - end >= 0);
    Handover handover = new Handover();
    List<Player> players = new ArrayList<>();
    try {
      for (Actor actor : cast(handover)) {
        players.add(new Player(actor, stage));
      }
      players.forEach(Thread::start);
      awaitEnd(players, start, end + GRACE.toNanos(), progress);
    } finally {
      players.forEach(Player::disconnect);
    }
    for (Player player : players) {
      player.join(1_000);
    }
    tally.check("consumers", "BLPOP", 0, handover.missing());
    Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
    return new WorkloadReport(
        elapsed, tally.operations(), tally.mismatchCount(), tally.mismatches());
  }

  private List<Actor> cast(Handover handover) {
    List<Actor> actors = new ArrayList<>();
    for (int i = 1; i <= options.modelClients(); i++) {
      actors.add(new ModelActor(i, options.seed() + i));
      actors.add(new PipelineActor(i, options.seed() + 1000 + i));
    }
    for (int i = 1; i <= CONSUMERS; i++) {
      actors.add(new ConsumerActor(i, handover));
    }
    actors.add(new ProducerActor(handover, CONSUMERS, options.seed()));
    actors.add(new TimeoutActor(options.seed()));
    actors.add(new ExpiryActor(options.seed()));
    Broadcast broadcast = new Broadcast(SUBSCRIBERS);
    for (int i = 1; i <= SUBSCRIBERS; i++) {
      actors.add(new SubscriberActor(i, broadcast));
    }
    actors.add(new PublisherActor(broadcast));
    for (String kind :
        List.of(
            ModelActor.KIND,
            PipelineActor.KIND,
            ConsumerActor.KIND,
            TimeoutActor.KIND,
            ExpiryActor.KIND,
            SubscriberActor.KIND)) {
      tally.expect(kind);
    }
    return actors;
  }

  private void awaitEnd(List<Player> players, long start, long latest, Consumer<String> progress)
      throws InterruptedException {
    for (Player player : players) {
      while (player.isAlive() && System.nanoTime() - latest < 0) {
        player.join(PROGRESS_MILLIS);
        if (player.isAlive()) {
          progress.accept(line(System.nanoTime() - start));
        }
      }
      if (player.isAlive()) {
        tally.complain(player.getName(), "its last command", "a reply", "none");
      }
    }
  }

  private String line(long nanos) {
    double seconds = nanos / 1e9;
    long total = tally.total();
    return String.format(
        Locale.ROOT,
        "%4.1f s  %,9d replies checked  %,7.0f/s  %d mismatches",
        seconds,
        total,
        total / seconds,
        tally.mismatchCount());
  }

  /** An actor's thread and connection. */
  private final class Player extends Thread {
    private final Actor actor;
    private final Stage stage;
    private final Jedis jedis;

    Player(Actor actor, Stage stage) {
      super(actor.name());
      setDaemon(true);
      this.actor = actor;
      this.stage = stage;
      jedis = new Jedis(new HostAndPort(options.host(), options.port()), config(actor));
    }

    @Override
    public void run() {
      try {
        actor.play(jedis, stage);
      } catch (JedisException thrown) {
        tally.complain(actor.name(), "a command", "a reply", thrown.toString());
      } catch (InterruptedException nobodyDoesThat) {
        Thread.currentThread().interrupt();
      }
    }

    /** Also ends a wait that is under way. */
    void disconnect() {
      try {
        jedis.close();
      } catch (JedisException thrown) {
        tally.complain(actor.name(), "close", "nothing", thrown.toString());
      }
    }

    private static JedisClientConfig config(Actor actor) {
      return DefaultJedisClientConfig.builder()
          .resp2()
          .clientName(actor.name())
          .socketTimeoutMillis(10_000)
          .blockingSocketTimeoutMillis(20_000)
          .build();
    }
  }
}
