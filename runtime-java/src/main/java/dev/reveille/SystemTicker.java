package dev.reveille;

/** {@link Ticker#system()}. */
enum SystemTicker implements Ticker {
  INSTANCE;

  private final long origin = System.nanoTime();

  @Override
  public long read() {
    return System.nanoTime() - origin;
  }

  @Override
  public String toString() {
    return "Ticker.system()";
  }
}
