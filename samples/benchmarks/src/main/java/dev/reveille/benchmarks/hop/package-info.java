/** The family {@code hop}: what one turn of the loop costs. */
@NullMarked
package dev.reveille.benchmarks.hop;

import org.jspecify.annotations.NullMarked;
