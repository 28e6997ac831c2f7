package dev.reveille.samples.benchmarks.echo;

/**
 * How the client talks.
 *
 * @param connections how many there are
 * @param depth requests that are sent at once and awaited together
 */
record EchoCase(int connections, int depth) {
  String label() {
    return depth == 1 ? "pingpong-" + connections : "pipeline" + depth + "-" + connections;
  }
}
