/**
 * JMH benchmarks, one class a question. The peers run in the same class, so that one run compares
 * them side by side; beside them runs the floor, a loop that does only the work in question.
 */
@NullMarked
package dev.reveille.samples.benchmarks;

import org.jspecify.annotations.NullMarked;
