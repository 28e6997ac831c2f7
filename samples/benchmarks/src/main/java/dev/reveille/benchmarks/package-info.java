/**
 * Benchmarks, a package a family. The peers run in the same class, so that one run compares them
 * side by side; beside them runs the floor, a loop that does only the work in question. Here is
 * what the families share.
 */
@NullMarked
package dev.reveille.benchmarks;

import org.jspecify.annotations.NullMarked;
