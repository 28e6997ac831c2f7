/**
 * The family {@code cross}: what it costs to reach a loop from another thread. Loops that wake each
 * other, callbacks from foreign threads, and tasks that foreign threads wake.
 */
@NullMarked
package dev.reveille.benchmarks.cross;

import org.jspecify.annotations.NullMarked;
