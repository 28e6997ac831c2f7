/**
 * Coroutines on our loop, in tasks of ours, and on the dispatchers of kotlinx.coroutines. See the
 * README of the module.
 */
@NullMarked
package dev.reveille.benchmarks.kotlin;

import org.jspecify.annotations.NullMarked;
