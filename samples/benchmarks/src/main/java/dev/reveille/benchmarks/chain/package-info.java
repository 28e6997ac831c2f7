/** The family {@code chain}: what it costs to do one thing after another, each completed later. */
@NullMarked
package dev.reveille.benchmarks.chain;

import org.jspecify.annotations.NullMarked;
