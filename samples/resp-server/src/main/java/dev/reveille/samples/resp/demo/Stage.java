package dev.reveille.samples.resp.demo;

/**
 * What the clients of one workload share.
 *
 * @param prefix what the names of all keys and channels begin with, so that nothing else on the
 *     server is touched
 * @param tally what they did and found
 * @param endNanos when to stop, in the time of {@link System#nanoTime()}
 */
record Stage(String prefix, Tally tally, long endNanos) {
  boolean isOver() {
    return System.nanoTime() - endNanos >= 0;
  }
}
