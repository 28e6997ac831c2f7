/** The family {@code pingpong}: what it costs to hand something over to a neighbour and back. */
@NullMarked
package dev.reveille.benchmarks.pingpong;

import org.jspecify.annotations.NullMarked;
