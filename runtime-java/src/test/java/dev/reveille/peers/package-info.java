/**
 * Bugs that the peers shipped, as tests of this library. Each tells whose bug it was, and where it
 * was reported or mended. Those that sit in one type are in the tests of that type; what is here
 * goes across.
 */
@NullMarked
package dev.reveille.peers;

import org.jspecify.annotations.NullMarked;
