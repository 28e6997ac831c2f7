/**
 * Several pollables as one: all of them, the first of them, one with a time-out, one again and
 * again, or thousands of which only those are polled that were woken.
 */
@NullMarked
package dev.reveille.combine;

import org.jspecify.annotations.NullMarked;
