/**
 * What tasks share: channels and one-shots, broadcast and watch, notification, permits, locks,
 * barriers, and streams of values.
 *
 * <p>Everything here may be used by tasks of different dispatchers and by threads outside them.
 * Waiting is first come, first served, without barging: what becomes free is handed to the one who
 * has waited longest, and a waiter that gives up after it was handed something passes it on.
 */
@NullMarked
package dev.reveille.sync;

import org.jspecify.annotations.NullMarked;
