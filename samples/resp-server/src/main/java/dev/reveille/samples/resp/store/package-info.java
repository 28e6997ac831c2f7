/**
 * The keys and what they hold, in memory: strings and lists, each with an optional deadline.
 *
 * <p>Knows data and time, but neither commands nor connections. Confined to one loop: nothing in
 * here is thread-safe, and nothing has to be. The clock is a constructor argument, in milliseconds
 * of the wall.
 */
@NullMarked
package dev.reveille.samples.resp.store;

import org.jspecify.annotations.NullMarked;
