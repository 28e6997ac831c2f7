package dev.reveille.benchmarks.bridge;

/**
 * What the legacy API brings. All there are exist from the beginning: what is measured is the way
 * of a result, not the result.
 *
 * @param id what the one who waits makes use of
 */
record Item(int id) {
  private static final Item[] ALL = new Item[256];

  static {
    for (int i = 0; i < ALL.length; i++) {
      ALL[i] = new Item(i);
    }
  }

  static Item of(int id) {
    return ALL[id & ALL.length - 1];
  }
}
