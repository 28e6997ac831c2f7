/** Signals of the operating system, and child processes. */
@NullMarked
package dev.reveille.io.process;

import org.jspecify.annotations.NullMarked;
