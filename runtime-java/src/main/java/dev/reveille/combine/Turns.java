package dev.reveille.combine;

import dev.reveille.Dispatcher;

/**
 * Where the next {@link Select} of a loop begins: a service of the dispatcher.
 *
 * <p>A program that selects in a loop makes a new select for each round, and most of them are ready
 * in their first poll. Were that to begin at the first branch, the first branch would starve the
 * others, however much a select rotates after that. tokio begins at random; here the row is the
 * same in each run, so that a run can be repeated, and it is a pseudo-random row, not a counter,
 * because two tasks in lockstep would each get every second number.
 */
final class Turns {
  /** The state of a xorshift generator (Marsaglia, 2003), never zero. On the loop only. */
  private int state = 0x2545F491;

  static Turns of(Dispatcher dispatcher) {
    return dispatcher.service(Turns.class, d -> new Turns());
  }

  int next(int bound) {
    int x = state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    state = x;
    return Math.floorMod(x, bound);
  }
}
