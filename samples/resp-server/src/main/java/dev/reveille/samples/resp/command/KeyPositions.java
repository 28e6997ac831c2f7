package dev.reveille.samples.resp.command;

/**
 * Which arguments of a command are keys, in the terms of the COMMAND reply.
 *
 * @param first index of the first key, 0 if there is none
 * @param last index of the last key; counted from the end if negative
 * @param step distance from key to key
 */
record KeyPositions(int first, int last, int step) {
  static final KeyPositions NONE = new KeyPositions(0, 0, 0);
  static final KeyPositions FIRST = new KeyPositions(1, 1, 1);
  static final KeyPositions ALL = new KeyPositions(1, -1, 1);
  static final KeyPositions EVERY_OTHER = new KeyPositions(1, -1, 2);
  static final KeyPositions ALL_BUT_LAST = new KeyPositions(1, -2, 1);
}
