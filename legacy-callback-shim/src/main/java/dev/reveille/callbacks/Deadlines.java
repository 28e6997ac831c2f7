package dev.reveille.callbacks;

/** Sums of nanoseconds that saturate: a deadline that does not fit means never. */
final class Deadlines {
  private Deadlines() {}

  static long add(long time, long delay) {
    long sum = time + delay;
    return delay > 0 && sum < time ? Long.MAX_VALUE : sum;
  }

  static long subtract(long deadline, long now) {
    long difference = deadline - now;
    return deadline > 0 && now < 0 && difference < 0 ? Long.MAX_VALUE : difference;
  }
}
