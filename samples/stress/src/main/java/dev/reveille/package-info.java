/**
 * The jcstress tests of the loop. They stand in the runtime's own package, and so on the class
 * path, to reach what is package-private there.
 */
@NullMarked
package dev.reveille;

import org.jspecify.annotations.NullMarked;
