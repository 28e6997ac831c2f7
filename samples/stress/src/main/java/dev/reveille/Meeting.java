package dev.reveille;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Brings two actors together before they race.
 *
 * <p>jcstress lets each actor run through a row of states on its own, so the faster one is soon far
 * ahead, and most states see no race. Here each waits for the other at the beginning, but not for
 * long, as an actor must not block; and then for a random moment more, so that the one's first step
 * meets each of the other's. The race itself begins after that, with no order between the two.
 */
abstract class Meeting {
  /** A few microseconds. */
  private static final int PATIENCE = 2_000;

  /** About as many nanoseconds. */
  private static final int JITTER = 128;

  private final int firstDelay;
  private final int secondDelay;

  /** Volatile both ways: who reads true was preceded by the other. */
  private volatile boolean firstIsHere;

  private volatile boolean secondIsHere;

  Meeting() {
    int random = ThreadLocalRandom.current().nextInt();
    firstDelay = random % JITTER;
    secondDelay = -firstDelay;
  }

  final void meetAsFirst() {
    firstIsHere = true;
    for (int i = PATIENCE; i > 0 && !secondIsHere; ) {
      i--;
    }
    for (int i = firstDelay; i > 0 && firstIsHere; ) {
      i--;
    }
  }

  final void meetAsSecond() {
    secondIsHere = true;
    for (int i = PATIENCE; i > 0 && !firstIsHere; ) {
      i--;
    }
    for (int i = secondDelay; i > 0 && secondIsHere; ) {
      i--;
    }
  }
}
