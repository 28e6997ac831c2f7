/** The family {@code spawn}: what it costs to start something small and to be done with it. */
@NullMarked
package dev.reveille.benchmarks.spawn;

import org.jspecify.annotations.NullMarked;
