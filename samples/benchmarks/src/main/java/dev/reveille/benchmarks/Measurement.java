package dev.reveille.benchmarks;

/**
 * What one competitor needed in one round.
 *
 * @param time CPU time of its process for an operation, in nanoseconds
 * @param bytes that it allocated for an operation; NaN if nobody counted
 */
public record Measurement(double time, double bytes) {}
