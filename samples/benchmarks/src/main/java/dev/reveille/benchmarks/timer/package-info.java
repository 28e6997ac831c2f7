/** The family {@code timer}: what it costs to arm, to move, to cancel and to fire timers. */
@NullMarked
package dev.reveille.benchmarks.timer;

import org.jspecify.annotations.NullMarked;
