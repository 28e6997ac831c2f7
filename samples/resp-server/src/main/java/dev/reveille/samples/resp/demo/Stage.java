package dev.reveille.samples.resp.demo;

import java.util.function.BooleanSupplier;

/**
 * What the clients of one workload share.
 *
 * @param prefix what the names of all keys and channels begin with, so that nothing else on the
 *     server is touched
 * @param tally what they did and found
 * @param over whether it is time to stop; asked before each round
 */
record Stage(String prefix, Tally tally, BooleanSupplier over) {
  boolean isOver() {
    return over.getAsBoolean();
  }
}
