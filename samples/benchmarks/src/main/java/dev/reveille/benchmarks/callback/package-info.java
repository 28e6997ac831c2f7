/** The family {@code callback}: what it costs to post a callback on the loop. */
@NullMarked
package dev.reveille.benchmarks.callback;

import org.jspecify.annotations.NullMarked;
