package dev.reveille.benchmarks.timer;

/**
 * The timers of one competitor, and the thread that they are used on. All that arms runs on the
 * loop, in {@link #use}.
 */
interface Timers extends AutoCloseable {
  /** How long those that do not fire wait, at least and at most: the time-outs of a slow day. */
  long LEAST_DELAY = 600_000_000_000L;

  long MOST_DELAY = 1_200_000_000_000L;

  /**
   * The competitor of a name.
   *
   * @param name as of the benchmark's method
   * @param armed how many will be armed over those minutes, for those who ask
   */
  static Timers open(String name, int armed) {
    return switch (name) {
      case "reveille" -> new ReveilleTimers(/* slackMillis= */ 0);
      case "reveilleSlack" -> new ReveilleTimers(/* slackMillis= */ 1);
      case "reveilleCallback" -> new ReveilleCallbacks();
      case "floor" -> new FloorTimers();
      case "agronaWheel" -> new AgronaTimers(armed);
      case "hashedWheelTimer" -> new HashedWheelTimers();
      case "nettyNio" -> new NettyTimers();
      case "scheduledThreadPoolExecutor" -> new ScheduledTimers();
      case "vertx" -> new VertxTimers();
      case "kotlinRunBlocking" -> new CoroutineTimers();
      default -> throw new IllegalArgumentException("unknown competitor: " + name);
    };
  }

  /** Runs work where these timers are used from, and waits for its end. */
  void use(Runnable work) throws Exception;

  /** Arms one more, which stays armed. */
  void arm(long delayNanos);

  /** Arms one more and takes it back. */
  void armAndCancel(long delayNanos);

  /** Moves the one that is moved each time. The first call arms it. */
  void rearm(long delayNanos);

  /** How many are armed; -1 if these timers do not tell. */
  long armed();

  /** Arms all expiries for their deadlines, and returns when the last one has come. */
  void fire(Expiries expiries) throws Exception;
}
