/** What the families share: the loops of the peers, and how a loop without end is measured. */
@NullMarked
package dev.reveille.benchmarks.loop;

import org.jspecify.annotations.NullMarked;
