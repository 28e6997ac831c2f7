/**
 * Reveille against code that nobody here wrote: callback APIs of the field, a package each, and the
 * conformance kits of the standards that it keeps. Here is what those packages share.
 */
@NullMarked
package dev.reveille.samples.compat;

import org.jspecify.annotations.NullMarked;
