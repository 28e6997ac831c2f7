package dev.reveille.benchmarks.chain;

/**
 * What a step answers. All items exist from the beginning, so that nobody pays for boxing.
 *
 * @param id its number
 */
record Item(int id) {
  private static final int COUNT = 1024;
  private static final Item[] ALL = new Item[COUNT];

  static {
    for (int i = 0; i < COUNT; i++) {
      ALL[i] = new Item(i);
    }
  }

  static Item of(int id) {
    return ALL[id & (COUNT - 1)];
  }
}
