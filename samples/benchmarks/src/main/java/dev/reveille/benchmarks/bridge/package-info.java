/**
 * The family {@code bridge}: what it costs to get from a legacy callback to the code that waits for
 * it. One legacy API, with the same calls made of it and the same lambdas given to it by all.
 */
@NullMarked
package dev.reveille.benchmarks.bridge;

import org.jspecify.annotations.NullMarked;
