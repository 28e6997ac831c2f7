/** The family {@code memory}: what waiting costs in bytes of heap. */
@NullMarked
package dev.reveille.benchmarks.memory;

import org.jspecify.annotations.NullMarked;
