package dev.reveille.benchmarks.echo;

/**
 * What one server did in one case of one round.
 *
 * @param cpuNanos CPU time of the server's process for a request
 * @param systemShare the part of it that was spent in the kernel, roughly
 * @param requestsPerSecond by the clock on the wall
 * @param p50 half of the batches took at most so many nanoseconds
 * @param p99 99 of 100 batches did
 * @param bytes that the server's threads have allocated for a request
 * @param collections of the server's garbage
 */
record Measurement(
    double cpuNanos,
    double systemShare,
    double requestsPerSecond,
    double p50,
    double p99,
    double bytes,
    double collections) {}
