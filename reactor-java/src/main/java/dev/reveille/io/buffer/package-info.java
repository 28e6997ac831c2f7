/** Direct buffers to borrow: a pool, and reports of those that were not given back. */
@NullMarked
package dev.reveille.io.buffer;

import org.jspecify.annotations.NullMarked;
