package dev.reveille.benchmarks.echo;

/**
 * How the client talks.
 *
 * @param connections how many there are
 * @param depth requests that are sent at once and awaited together
 */
record EchoCase(int connections, int depth) {
  private static final int MIN_BATCHES = 5_000;
  private static final int MIN_BATCHES_EACH = 10;

  EchoCase {
    if (depth * Protocol.REQUEST_SIZE > Protocol.BUFFER_SIZE) {
      throw new IllegalArgumentException(
          "a batch of %d requests is larger than a server's buffer".formatted(depth));
    }
  }

  String label() {
    return depth == 1 ? "pingpong-" + connections : "pipeline" + depth + "-" + connections;
  }

  /** How many batches a warm-up has at least. */
  int warmUpBatches() {
    return Math.max(MIN_BATCHES, MIN_BATCHES_EACH * connections);
  }
}
